// SPDX-License-Identifier: GPL-2.0-only
#include "bench_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define CELL_BYTES	40
#define MAX_COLUMNS	32
#define NAME_WIDTH	22
#define COLUMN_MIN	9
#define LINE_WIDTH	79

/* A form, and with padded the style: what a column shows. */
struct column {
	enum result_form form;
	const char *padding;
	int width;
};

struct table {
	FILE *out;
	const struct results *results;
	enum result_platform platform;
	struct column column[MAX_COLUMNS];
	size_t nr_columns;
	bool cold;	/* the lines that come are of first calls */
};

/* Four digits are enough to compare; whole numbers are whole. */
static void format_value(char *cell, double value)
{
	if (value == floor(value) && fabs(value) < 1e15)
		text_set(cell, CELL_BYTES, "%.0f", value);
	else if (fabs(value) < 100)
		text_set(cell, CELL_BYTES, "%.2f", value);
	else
		text_set(cell, CELL_BYTES, "%.*f", fabs(value) < 1000 ? 1 : 0,
			 value);
}

static void column_name(char *cell, const struct column *column)
{
	text_set(cell, CELL_BYTES, "%s%s%s", form_name(column->form),
		 column->padding ? " " : "",
		 column->padding ? column->padding : "");
}

static bool is_column(const struct column *column, const struct result_case *c)
{
	return column->form == c->form &&
	       (column->padding == c->padding ||
		(column->padding && c->padding &&
		 !strcmp(column->padding, c->padding)));
}

static int compare_columns(const void *a, const void *b)
{
	const struct column *x = a, *y = b;

	if (x->form != y->form)
		return x->form < y->form ? -1 : 1;
	return strcmp(x->padding ? x->padding : "",
		      y->padding ? y->padding : "");
}

static void find_columns(struct table *t)
{
	for (size_t i = 0; i < t->results->nr_cases; i++) {
		const struct result_case *c = &t->results->cases[i];
		size_t n = 0;

		if (c->platform != t->platform)
			continue;
		while (n < t->nr_columns && !is_column(&t->column[n], c))
			n++;
		if (n < t->nr_columns || n == MAX_COLUMNS)
			continue;
		t->column[t->nr_columns++] = (struct column){
			.form = c->form,
			.padding = c->padding,
		};
	}
	qsort(t->column, t->nr_columns, sizeof(*t->column), compare_columns);
}

/* The host program measures each form cold, too, as a group of its own. */
static bool is_cold(const struct result_case *c)
{
	const char *slash = strrchr(c->group, '/');

	return slash && !strcmp(slash, "/cold");
}

/* Whether this is the first case of its call on the platform. */
static bool opens_call(const struct table *t, size_t nr)
{
	const struct result_case *c = &t->results->cases[nr];

	if (c->platform != t->platform || is_cold(c) != t->cold)
		return false;
	for (size_t i = 0; i < nr; i++) {
		if (t->results->cases[i].platform == t->platform &&
		    is_cold(&t->results->cases[i]) == t->cold &&
		    !strcmp(t->results->cases[i].call, c->call))
			return false;
	}
	return true;
}

static const struct result_case *cell_case(const struct table *t,
					   const char *call,
					   const struct column *column)
{
	for (size_t i = 0; i < t->results->nr_cases; i++) {
		const struct result_case *c = &t->results->cases[i];

		if (c->platform == t->platform && is_cold(c) == t->cold &&
		    is_column(column, c) && !strcmp(c->call, call))
			return c;
	}
	return NULL;
}

/* ---- A line for each call ---- */

/* Counts must not differ; those that do are worth being seen. */
static void format_count(char *cell, const struct result_case *c)
{
	char hi[CELL_BYTES];
	double most = c->samples[0];

	for (size_t i = 1; i < c->nr_samples; i++)
		most = fmax(most, c->samples[i]);
	format_value(cell, c->stats.min);
	if (most == c->stats.min)
		return;
	format_value(hi, most);
	text_append(cell, CELL_BYTES, "..%s", hi);
}

static void widen(struct table *t)
{
	char cell[CELL_BYTES];

	for (size_t n = 0; n < t->nr_columns; n++) {
		struct column *column = &t->column[n];

		column_name(cell, column);
		column->width = (int)fmax(COLUMN_MIN, (double)strlen(cell));
		for (size_t i = 0; i < t->results->nr_cases; i++) {
			const struct result_case *c = &t->results->cases[i];

			if (c->platform != t->platform || !is_column(column, c))
				continue;
			format_count(cell, c);
			column->width = (int)fmax(column->width,
						  (double)strlen(cell));
		}
	}
}

static void print_counts(struct table *t)
{
	char cell[CELL_BYTES];

	widen(t);
	(void)fprintf(t->out, "%-*s", NAME_WIDTH, "call");
	for (size_t n = 0; n < t->nr_columns; n++) {
		column_name(cell, &t->column[n]);
		(void)fprintf(t->out, "  %*s", t->column[n].width, cell);
	}
	(void)fputc('\n', t->out);
	for (size_t i = 0; i < t->results->nr_cases; i++) {
		const char *call = t->results->cases[i].call;

		if (!opens_call(t, i))
			continue;
		(void)fprintf(t->out, "%-*s", NAME_WIDTH, call);
		for (size_t n = 0; n < t->nr_columns; n++) {
			const struct result_case *c =
				cell_case(t, call, &t->column[n]);

			text_set(cell, sizeof(cell), "-");
			if (c)
				format_count(cell, c);
			(void)fprintf(t->out, "  %*s", t->column[n].width,
				      cell);
		}
		(void)fputc('\n', t->out);
	}
}

/* ---- A line for each form of each call ---- */

/* Why there is no ratio: of nothing, or of less than the clock tells. */
static bool native_is_below(const struct table *t, const struct result_case *c)
{
	const struct result_case *native =
		results_find_in(t->results, c->group, c->call, FORM_NATIVE,
				t->platform, NULL);

	return native && (result_below_step(native) || result_below_step(c));
}

static void print_case(const struct table *t, const struct result_case *c,
		       const struct column *column)
{
	char name[CELL_BYTES], median[CELL_BYTES], lo[CELL_BYTES];
	char hi[CELL_BYTES], p95[CELL_BYTES], interval[2 * CELL_BYTES];

	column_name(name, column);
	format_value(median, c->stats.median);
	format_value(lo, c->stats.ci95.lo);
	format_value(hi, c->stats.ci95.hi);
	format_value(p95, c->stats.p95);
	text_set(interval, sizeof(interval), "%s to %s", lo, hi);
	(void)fprintf(t->out, "  %-14s %9s  %-19s %9s", name, median, interval,
		      p95);
	if (c->has_ratio)
		(void)fprintf(t->out, "   %8.3f  %.3f to %.3f",
			      c->ratio_to_native.median,
			      c->ratio_to_native.ci95.lo,
			      c->ratio_to_native.ci95.hi);
	else if (c->form != FORM_NATIVE && native_is_below(t, c))
		(void)fprintf(t->out, "   %8s  below the clock's step", "-");
	(void)fputc('\n', t->out);
}

/* Medians of the boots themselves: what differs from boot to boot. */
static void print_spread(const struct table *t, const struct result_case *c)
{
	size_t at = 0;
	double lo = INFINITY, hi = -INFINITY;
	char lo_text[CELL_BYTES], hi_text[CELL_BYTES];

	if (!c->repetition)
		return;
	for (unsigned int i = 0; i <= c->repetition; i++) {
		struct sample_stats stats;
		size_t nr = c->nr_of_repetition[i];

		if (!nr)
			continue;
		sample_stats(&stats, c->samples + at, nr);
		at += nr;
		lo = fmin(lo, stats.median);
		hi = fmax(hi, stats.median);
	}
	format_value(lo_text, lo);
	format_value(hi_text, hi);
	(void)fprintf(t->out, "  %-14s %9s  %s to %s\n", "", "of boots",
		      lo_text, hi_text);
}

static void print_measured(const struct table *t)
{
	(void)fprintf(t->out, "%-16s %9s  %-19s %9s   %8s  %s\n", "call, form",
		      "median", "95 % interval", "p95", "x native",
		      "95 % interval");
	for (size_t i = 0; i < t->results->nr_cases; i++) {
		const char *call = t->results->cases[i].call;

		if (!opens_call(t, i))
			continue;
		(void)fprintf(t->out, "%s\n", call);
		for (size_t n = 0; n < t->nr_columns; n++) {
			const struct result_case *c =
				cell_case(t, call, &t->column[n]);

			if (!c)
				continue;
			print_case(t, c, &t->column[n]);
			print_spread(t, c);
		}
	}
}

/* ---- Rates ---- */

static void format_rate(char *cell, double events_per_s)
{
	text_set(cell, CELL_BYTES, "%.1f", events_per_s / 1e6);
}

/*
 * A figure of vmiprof by that of the case, round by round; "" for vmiprof's own
 * and without pairs.
 */
static void format_times(char *cell, size_t bytes, const struct result_case *ours,
			 const struct result_case *c)
{
	struct sample_ratio times;

	*cell = '\0';
	if (!ours || ours == c || strcmp(ours->group, c->group) != 0 ||
	    ours->nr_samples != c->nr_samples ||
	    !sample_ratio(&times, ours->samples, c->samples, c->nr_samples))
		return;
	text_set(cell, bytes, "   %8.2f  %.2f to %.2f", times.median,
		 times.ci95.lo, times.ci95.hi);
}

static void print_rate(const struct table *t, const struct result_case *c,
		       const struct result_case *ours)
{
	char median[CELL_BYTES], lo[CELL_BYTES], hi[CELL_BYTES];
	char interval[2 * CELL_BYTES], times[2 * CELL_BYTES];

	format_rate(median, c->stats.median);
	format_rate(lo, c->stats.ci95.lo);
	format_rate(hi, c->stats.ci95.hi);
	text_set(interval, sizeof(interval), "%s to %s", lo, hi);
	format_times(times, sizeof(times), ours, c);
	(void)fprintf(t->out, "  %-24s %9s  %-*s%s\n", form_name(c->form),
		      median, *times ? 19 : 0, interval, times);
}

static void print_rates(const struct table *t)
{
	(void)fprintf(t->out, "%-26s %9s  %-19s   %8s  %s\n",
		      "million events/s", "median", "95 % interval",
		      "vmiprof x", "95 % interval");
	for (size_t i = 0; i < t->results->nr_cases; i++) {
		const char *call = t->results->cases[i].call;
		const struct column vmiprof = { .form = FORM_VMIPROF };

		if (!opens_call(t, i))
			continue;
		(void)fprintf(t->out, "%s\n", call);
		for (size_t n = 0; n < t->nr_columns; n++) {
			const struct result_case *c =
				cell_case(t, call, &t->column[n]);

			if (c)
				print_rate(t, c, cell_case(t, call, &vmiprof));
		}
	}
}

/* ---- A platform ---- */

/* Whether one before nr has the same reason, and is about the same call. */
static bool is_told(const struct table *t, size_t nr, const char *call)
{
	const struct result_skip *skip = &t->results->skips[nr];

	for (size_t i = 0; i < nr; i++) {
		const struct result_skip *other = &t->results->skips[i];

		if (other->platform == t->platform &&
		    !strcmp(other->why, skip->why) &&
		    (!call || !strcmp(other->call, call)))
			return true;
	}
	return false;
}

/* The calls of which something was left out for the same reason as in nr. */
static void print_reason(const struct table *t, size_t nr)
{
	const struct results *r = t->results;
	int at = fprintf(t->out, "  %s:", r->skips[nr].why);
	const char *comma = "";

	for (size_t i = nr; i < r->nr_skips; i++) {
		const char *call = r->skips[i].call;

		if (r->skips[i].platform != t->platform ||
		    strcmp(r->skips[i].why, r->skips[nr].why) != 0 ||
		    is_told(t, i, call))
			continue;
		at += fprintf(t->out, "%s", comma);
		if (at + 2 + (int)strlen(call) > LINE_WIDTH)
			at = fprintf(t->out, "\n     ") - 1;
		at += fprintf(t->out, " %s", call);
		comma = ",";
	}
	(void)fputc('\n', t->out);
}

static void print_skips(const struct table *t)
{
	const struct results *r = t->results;
	bool any = false;

	for (size_t i = 0; i < r->nr_skips; i++) {
		if (r->skips[i].platform != t->platform || is_told(t, i, NULL))
			continue;
		if (!any)
			(void)fprintf(t->out, "\nWhat is not there, and why:\n");
		any = true;
		print_reason(t, i);
	}
}

static bool has_cold(const struct table *t)
{
	for (size_t i = 0; i < t->results->nr_cases; i++) {
		if (t->results->cases[i].platform == t->platform &&
		    is_cold(&t->results->cases[i]))
			return true;
	}
	return false;
}

static void print_platform(FILE *out, const struct results *results,
			   enum result_platform platform)
{
	const struct platform_info *info = &platform_table[platform];
	const struct platform_run *run = &results->platform[platform];
	struct table t = {
		.out = out,
		.results = results,
		.platform = platform,
	};

	(void)fprintf(out, "\n%s: ", info->name);
	if (run->status == PLATFORM_NOT_SUPPORTED) {
		(void)fprintf(out, "not supported: %s\n", run->reason);
		return;
	}
	(void)fprintf(out, "%s; accelerator %s", info->meaning,
		      info->accelerator);
	if (run->repetitions > 1)
		(void)fprintf(out, ", %u times", run->repetitions);
	(void)fputc('\n', out);
	if (run->perf)
		(void)fprintf(out, "%s: %s\n",
			      info->allows[UNIT_EVENTS_PER_S] ? "memory"
							      : "counters",
			      run->perf);
	if (run->status == PLATFORM_FAILED)
		(void)fprintf(out, "FAILED: %s\n", run->reason);
	find_columns(&t);
	if (!t.nr_columns)
		return;
	(void)fputc('\n', out);
	if (info->allows[UNIT_INSTRUCTIONS])
		print_counts(&t);
	else if (info->allows[UNIT_EVENTS_PER_S])
		print_rates(&t);
	else
		print_measured(&t);
	if (has_cold(&t)) {
		(void)fprintf(out, "\nThe first call, cold: code and data in no cache, branches and pages forgotten\n\n");
		t.cold = true;
		print_measured(&t);
	}
	print_skips(&t);
}

void bench_table_print(FILE *out, const struct results *results)
{
	(void)fprintf(out, "%s, %s, %u cores", results->machine.cpu,
		      results->machine.kernel, results->machine.cores);
	if (results->tools.qemu)
		(void)fprintf(out, "; QEMU %s", results->tools.qemu);
	(void)fprintf(out, "; vmiprof %s\n", results->tools.vmiprof);
	if (results->machine.tsc_step)
		(void)fprintf(out, "the time stamp counter moves by %u cycle%s at a time\n",
			      results->machine.tsc_step,
			      results->machine.tsc_step == 1 ? "" : "s");
	for (int i = 0; i < NR_PLATFORMS; i++) {
		if (results->platform[i].status != PLATFORM_NOT_ASKED)
			print_platform(out, results, (enum result_platform)i);
	}
}
