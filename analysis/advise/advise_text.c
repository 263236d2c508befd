// SPDX-License-Identifier: GPL-2.0-only
/*
 * The advice as people read it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise.h"
#include "lib/call_table.h"
#include "lib/label.h"
#include "lib/text.h"
#include "policy.h"
#include "report/report.h"
#include "lib/text_table.h"

#define QUANTITY_BYTES	24
#define LINE_COLUMNS	80
#define SHOWN_BEHIND	5	/* calls behind the cut-off; all are named below */

/* "0.97", "152.3", "9999.0"; from there on "19.86 M": four digits. */
static void format_quantity(char text[QUANTITY_BYTES], double value)
{
	static const char *const prefix[] = {"", " k", " M", " G", " T", " P"};
	double limit = 9999.5;
	size_t i = 0;

	for (; fabs(value) >= limit && i < 5; i++) {
		value /= 1000;
		limit = 999.95;
	}
	if (fabs(value) < (i ? 99.995 : 9.995))
		(void)snprintf(text, QUANTITY_BYTES, "%.2f%s", value,
			       prefix[i]);
	else
		(void)snprintf(text, QUANTITY_BYTES, "%.1f%s", value,
			       prefix[i]);
}

/* "1.2 to 3.4"; nothing where there is only one value. */
static void format_interval(char cell[TEXT_TABLE_CELL],
			    const struct interval *interval)
{
	char lo[QUANTITY_BYTES], hi[QUANTITY_BYTES];

	*cell = '\0';
	if (interval->lo == interval->hi)
		return;
	format_quantity(lo, interval->lo);
	format_quantity(hi, interval->hi);
	(void)snprintf(cell, TEXT_TABLE_CELL, "%s to %s", lo, hi);
}

/* "12.3 cycles (95 %: 12.1 to 12.6)" */
static void print_saving(const struct estimate *saving, enum result_unit unit)
{
	char value[QUANTITY_BYTES], range[TEXT_TABLE_CELL];

	format_quantity(value, saving->value);
	format_interval(range, &saving->ci95);
	printf("%s %s", value, unit_name(unit));
	if (*range)
		printf(" (95 %%: %s)", range);
	putchar('\n');
}

static void format_value(char cell[TEXT_TABLE_CELL], double value)
{
	char text[QUANTITY_BYTES];

	format_quantity(text, value);
	(void)snprintf(cell, TEXT_TABLE_CELL, "%s", text);
}

static void format_count(char cell[TEXT_TABLE_CELL], uint64_t count)
{
	char text[REPORT_CELL_BYTES];

	report_format_count(text, (double)count);
	(void)snprintf(cell, TEXT_TABLE_CELL, "%s", text);
}

static void format_percent(char cell[TEXT_TABLE_CELL], double share)
{
	if (isnan(share))
		(void)snprintf(cell, TEXT_TABLE_CELL, "-");
	else
		(void)snprintf(cell, TEXT_TABLE_CELL, "%.2f", 100 * share);
}

static void print_trace(const struct advise *advise)
{
	const struct profile *profile = advise->profile;
	const struct run_info *info = profile->info;
	char made[TEXT_TABLE_CELL], time[REPORT_CELL_BYTES] = "time not known";

	format_count(made, advise->advice.nr_calls_made);
	if (advise->run_cycles > 0)
		report_format_time(time,
				   advise->run_cycles /
					   (double)profile->trace->clock_hz);
	print_label("Trace", "%s: guest %s, %s%s, %s calls in %s",
		    advise->trace_dir, or_unknown(info->guest),
		    profile->accelerator, info->icount ? " with icount" : "",
		    made, time);
}

/* First of all: whether the advice is about the calls that were made. */
static void print_coverage(const struct advise *advise)
{
	const struct advice *advice = &advise->advice;

	print_label("Coverage", "%.1f %% of the calls made have a known cost in both forms",
		    100 * advice->covered);
	if (advice->covered < ADVICE_COVERED_ENOUGH)
		print_label("", "PARTIAL: there is no advice about the others; vmiprof bench --set guest measures all calls");
}

static void print_costs(const struct advise *advise)
{
	const struct advice *advice = &advise->advice;
	const struct results *results = advise->results;
	const struct platform_run *run = &results->platform[advice->platform];

	print_label("Costs", "%s: platform %s: %s", advise->results_file,
		    platform_table[advice->platform].name,
		    platform_table[advice->platform].meaning);
	print_label("", "measured on %s, %s, %s",
		    or_unknown(results->machine.cpu),
		    or_unknown(results->machine.kernel),
		    or_unknown(results->started));
	if (run->status == PLATFORM_FAILED)
		print_label("", "that measurement failed in part: %s",
			    or_unknown(run->reason));
	for (size_t i = 0; i < advice->nr_passed; i++)
		print_label("", "not from %s: %s",
			    platform_table[advice->passed[i].platform].name,
			    advice->passed[i].why);
	print_label("Code", "%s", advise->rom_file);
	if (advise->kernel)
		print_label("Sites", "%s", advise->kernel_file);
	print_label("Unit", "%s%s", unit_name(advice->unit),
		    advice->unit == UNIT_TCG_CYCLES
			    ? " (emulated: no hardware cycles)"
			    : "");
}

static void add_heading(struct text_table *table, const char *const *names)
{
	struct text_row *row = text_table_add(table);

	for (size_t c = 0; names[c]; c++)
		(void)snprintf(row->cell[c], TEXT_TABLE_CELL, "%s", names[c]);
}

static void add_call(struct text_table *table, const struct advise *advise,
		     const struct advice_call *call, double sum)
{
	struct text_row *row = text_table_add(table);

	(void)snprintf(row->cell[0], TEXT_TABLE_CELL, "%s",
		       call->in_policy ? "*" : "");
	(void)snprintf(row->cell[1], TEXT_TABLE_CELL, "%s", call->name);
	format_count(row->cell[2], call->count);
	if (call->nr_sites)
		format_count(row->cell[3], call->nr_sites);
	format_value(row->cell[4], call->stub.value);
	format_value(row->cell[5], call->other.value);
	if (advise->kernel)
		format_value(row->cell[6], call->around);
	format_value(row->cell[7], call->each.value);
	format_interval(row->cell[8], &call->each.ci95);
	format_value(row->cell[9], call->all.value);
	format_interval(row->cell[10], &call->all.ci95);
	if (!*advise->no_share)
		format_percent(row->cell[11],
			       advise_share(advise, call->all.value));
	format_percent(row->cell[12],
		       sum / advise->advice.possible.value);
}

static void print_around(const struct advise *advise)
{
	if (!advise->kernel)
		return;
	printf("around: instructions at the kernel's site, around the call, that inlining saves, too;\n%s\n",
	       advise->advice.unit == UNIT_INSTRUCTIONS
		       ? "part of each."
		       : "their cost is not known and not part of each.");
}

/* What inlining saves, the most first. */
static void print_ranking(const struct advise *advise)
{
	static const char *const names[] = {
		"",	"call", "count",  "sites", "stub",  "inline", "around",
		"each", "95 %", "in all", "95 %",  "run %", "sum %",  NULL};
	struct text_table table = {.align = "llrrrrrrlrlrr"};
	const size_t last = advise->advice.nr_policy + SHOWN_BEHIND;
	double sum = 0;

	add_heading(&table, names);
	for (size_t i = 0; i < advise->advice.nr && i < last; i++) {
		const struct advice_call *call = &advise->advice.call[i];

		if (call->kind != ADVICE_INLINE)
			break;
		sum += call->all.value;
		add_call(&table, advise, call, sum);
	}
	if (table.nr > 1) {
		text_table_print(&table);
		puts("\nstub, inline: cost of one call; each: what inlining saves of it; in all: for all\n"
		     "calls; 95 %: interval of the figure before it; sum %: of all that can be saved.");
		print_around(advise);
	} else
		puts("Nothing to inline: no call was shown to save anything.");
	text_table_free(&table);
}

static void print_policy(const struct advise *advise)
{
	const struct advice *advice = &advise->advice;
	char *words = policy_words(advice->order, advice->nr_policy);
	char rate[TEXT_TABLE_CELL], sites[TEXT_TABLE_CELL];
	const double per_second =
		advise_per_second(advise, advice->policy.value);

	if (!advice->nr_policy) {
		free(words);
		return;
	}
	format_count(sites, advice->policy_sites);
	printf("\nAdvice: inline the %u call%s marked *, %.2f %% of what inlining can save:\n",
	       advice->nr_policy, advice->nr_policy == 1 ? "" : "s",
	       100 * advice->policy.value / advice->possible.value);
	printf("\n  vmi=%s\n\n", words);
	printf("%-*s ", LABEL_WIDTH, "Saves");
	print_saving(&advice->policy, advice->unit);
	if (!isnan(per_second)) {
		format_value(rate, per_second);
		print_label("", "%s %s in each second of the traced run", rate,
			    unit_name(advice->unit));
	}
	if (!*advise->no_share)
		print_label("",
			    "%.2f %% of the traced run, recording included",
			    100 * advise_share(advise, advice->policy.value));
	else
		print_label("", "as share of the run: not known: %s",
			    advise->no_share);
	if (advise->sites->nr)
		print_label("Patches", "%s sites that the trace has seen%s",
			    sites,
			    advise->profile->info->events_lost
				    ? "; lost calls may have more"
				    : "");
	else
		print_label("Patches",
			    "sites not known: the trace has no records");
	free(words);
}

static bool is_left(const struct advice_call *call, enum advice_kind kind,
		    bool known)
{
	return call->kind == kind && !call->in_policy && call->known == known;
}

/* Names of the calls of one kind outside the policy, with their counts. */
static void print_names(const struct advice *advice, enum advice_kind kind,
			bool known)
{
	int column = 0;

	for (size_t i = 0; i < advice->nr; i++) {
		const struct advice_call *call = &advice->call[i];
		char count[TEXT_TABLE_CELL], name[TEXT_TABLE_CELL + 40];
		int length;

		if (!is_left(call, kind, known))
			continue;
		format_count(count, call->count);
		length = snprintf(name, sizeof(name), "%s %s", call->name,
				  count);
		if (column && column + 2 + length < LINE_COLUMNS)
			column += printf(", %s", name);
		else
			column = printf("%s    %s", column ? ",\n" : "", name);
	}
	putchar('\n');
}

static void print_left(const struct advise *advise, enum advice_kind kind,
		       bool known, const char *what)
{
	const struct advice *advice = &advise->advice;
	const struct advise_sum sum = advise_left(advice, kind);
	const size_t nr = known ? sum.nr - sum.nr_unknown : sum.nr_unknown;
	char count[TEXT_TABLE_CELL];

	if (!nr)
		return;
	format_count(count,
		     known ? sum.count - sum.unknown_count : sum.unknown_count);
	printf("  %s: %s calls, ", what, count);
	if (known)
		print_saving(&sum.all, advice->unit);
	else
		puts("saving unknown");
	print_names(advice, kind, known);
}

static void print_all_left(const struct advise *advise)
{
	if (advise->advice.nr == advise->advice.nr_policy)
		return;
	puts("\nLeft on the table:");
	print_left(advise, ADVICE_INLINE, true, "behind the cut-off");
	print_left(advise, ADVICE_NO_GAIN, true, "no saving shown");
	print_left(advise, ADVICE_NO_BODY, true,
		   "no code in the ROM to copy; stub against native");
	print_left(advise, ADVICE_NO_BODY, false,
		   "no code in the ROM to copy, cost not measured");
	print_left(advise, ADVICE_NO_COST, false,
		   "could be inlined, cost not measured in both forms");
}

static const struct advice_call *call_of(const struct advice *advice,
					 unsigned int nr)
{
	for (size_t i = 0; i < advice->nr; i++) {
		if (advice->call[i].nr == nr)
			return &advice->call[i];
	}
	return NULL;
}

/* "function+0x12" */
static void format_function(char cell[TEXT_TABLE_CELL],
			    struct places *places, uint32_t ret)
{
	struct symbol_place place;

	if (places && places_find(places, ret, &place))
		symbol_place_text(&place, cell, TEXT_TABLE_CELL);
}

static void print_sites(const struct advise *advise)
{
	static const char *const names[] = {
		"",	 "return to", "call", "count",
		"saves", "95 %",      "function", NULL};
	struct text_table table = {.align = "lllrrll"};

	if (!advise->show_sites)
		return;
	puts("\nHottest sites (* inlined):");
	add_heading(&table, names);
	for (size_t i = 0;
	     i < advise->sites->nr && i < advise->show_sites; i++) {
		const struct site *site = &advise->sites->site[i];
		const struct advice_call *call =
			call_of(&advise->advice, site->nr);
		struct text_row *row = text_table_add(&table);
		struct estimate saved;

		(void)snprintf(row->cell[1], TEXT_TABLE_CELL, "0x%08" PRIx32,
			       site->ret);
		(void)snprintf(row->cell[2], TEXT_TABLE_CELL, "%s",
			       call_table[site->nr].name);
		format_count(row->cell[3], site->count);
		(void)snprintf(row->cell[4], TEXT_TABLE_CELL, "-");
		format_function(row->cell[6], advise->places, site->ret);
		if (!call || !call->known || call->kind > ADVICE_NO_GAIN)
			continue;
		(void)snprintf(row->cell[0], TEXT_TABLE_CELL, "%s",
			       call->in_policy ? "*" : "");
		saved = estimate_times(call->each, (double)site->count);
		format_value(row->cell[4], saved.value);
		format_interval(row->cell[5], &saved.ci95);
	}
	text_table_print(&table);
	text_table_free(&table);
}

static void add_benchmark(struct text_table *table,
			  const struct verify_benchmark *b)
{
	struct text_row *row = text_table_add(table);

	(void)snprintf(row->cell[0], TEXT_TABLE_CELL, "%s", b->name);
	format_value(row->cell[2], b->stub.value);
	format_value(row->cell[3], b->policy.value);
	format_value(row->cell[6], b->measured.value);
	format_interval(row->cell[7], &b->measured.ci95);
	if (!b->predicted_known) {
		(void)snprintf(row->cell[9], TEXT_TABLE_CELL,
			       "not predicted: calls not counted");
		return;
	}
	format_value(row->cell[1], b->calls);
	format_value(row->cell[4], b->predicted.value);
	format_interval(row->cell[5], &b->predicted.ci95);
	if (b->predicted.value > 0)
		(void)snprintf(row->cell[8], TEXT_TABLE_CELL, "%.2f",
			       b->measured.value / b->predicted.value);
	(void)snprintf(row->cell[9], TEXT_TABLE_CELL, "%s",
		       b->agrees ? "intervals meet" : "differs");
}

static void print_verify(const struct advise *advise)
{
	static const char *const names[] = {
		"benchmark", "calls", "stub",	  "policy", "predicted",
		"95 %",	     "measured", "95 %", "ratio",	 "", NULL};
	struct text_table table = {.align = "lrrrrlrlrl"};
	const struct verify *verify = advise->verify;

	if (!verify)
		return;
	printf("\nVerified in the Linux guest, its sites switched from stubs to the advice and back.\n"
	       "Per operation, platform %s, %s:\n\n",
	       platform_table[advise->advice.platform].name,
	       platform_table[advise->advice.platform].meaning);
	add_heading(&table, names);
	for (size_t i = 0; i < verify->nr; i++)
		add_benchmark(&table, &verify->benchmark[i]);
	text_table_print(&table);
	text_table_free(&table);
	puts("\ncalls: of those inlined, in one operation, counted in a boot of its own.  predicted:\n"
	     "calls times what each saves.  measured: stub less policy, by rounds.  ratio: measured\n"
	     "to predicted.");
}

void advise_print_text(const struct advise *advise)
{
	print_coverage(advise);
	print_trace(advise);
	print_costs(advise);
	putchar('\n');
	print_ranking(advise);
	print_policy(advise);
	print_all_left(advise);
	print_sites(advise);
	print_verify(advise);
	profile_print_partial(advise->profile,
			      "the trace is not the whole run.");
}
