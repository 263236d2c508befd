// SPDX-License-Identifier: GPL-2.0-only
/*
 * One figure, three questions: which calls are hot (counts beside cycles, one
 * line per call, ranked), how much does each cost and how does that vary (the
 * distribution of the cycles), and when were they made (calls a second).
 *
 * Everything is placed in fractions of the canvas, so that axes line up.
 */
#include "plot_figure.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "call_table.h"
#include "report.h"

#define WIDTH 1500
#define FONT  "DejaVu Sans"

#define TICS "set tics nomirror out scale 0.5 textcolor rgb '#303438'\n"

#define RANKED_MAX	24 /* calls in the ranking */
#define COSTS_MAX	8  /* calls in the distribution */
#define COST_EVENTS_MIN 10 /* with fewer there is no distribution */
#define STACKED_MAX	6  /* calls of their own over time */

#define HEAD_PIXELS  120
#define RANK_PIXELS  26	 /* a line of the ranking */
#define GAP_PIXELS   110 /* between ranking and the lower half */
#define LOWER_PIXELS 390
#define FOOT_PIXELS  80

#define BINS_PER_DECADE 24
#define COST_BINS_MAX	(20 * BINS_PER_DECADE) /* all of 64 bits */

#define LOG_FROM  50   /* ratio of the longest bar to the shortest */
#define BAR_WIDTH 0.72 /* of the longest bar; its text stands behind */

static const char *const colours[STACKED_MAX + 1] = {
	"#2f6f9f", "#e08a2c", "#4c9a57", "#b64a4a",
	"#7d6bb0", "#c7a93b", "#b8bcc2",
};

struct figure {
	FILE *out;
	const struct profile *profile;
	const struct timeline *timeline;
	size_t nr_called; /* rows with events */
	size_t nr_ranked;
	int height;
};

/* Pixels from the top as what gnuplot wants: a fraction from the bottom. */
static double screen_y(const struct figure *f, int pixels)
{
	return 1 - (double)pixels / f->height;
}

/* Part of the script; a failed write shows when the pipe is closed. */
static void put(const struct figure *f, const char *text)
{
	(void)fputs(text, f->out);
}

static void putf(const struct figure *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void putf(const struct figure *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(f->out, format, args);
	va_end(args);
}

/* A string constant; text from outside has no way out of it. */
static void put_string(const struct figure *f, const char *text)
{
	put(f, "'");
	for (; *text; text++) {
		if (*text == '\'')
			put(f, "''");
		else
			putf(f, "%c", (unsigned char)*text < ' ' ? ' ' : *text);
	}
	put(f, "'");
}

static void put_terminal(const struct figure *f, enum figure_format format,
			 const char *path)
{
	put(f, "set encoding utf8\n");
	if (format == FIGURE_PNG)
		putf(f,
		     "set terminal pngcairo noenhanced size %d,%d "
		     "font '" FONT ",11' background '#ffffff'\n",
		     WIDTH, f->height);
	else
		putf(f,
		     "set terminal svg noenhanced size %d,%d "
		     "font '" FONT ",13' background '#ffffff'\n",
		     WIDTH, f->height);
	put(f, "set output ");
	put_string(f, path);
	put(f, "\nset multiplot\n"
	       "set border 3 lc rgb '#707478'\n" TICS
	       "set grid x lc rgb '#e4e7ea' lt 1 lw 1\n"
	       "set style fill solid 1 noborder\n"
	       "unset key\n");
}

/* A line of text at the left edge, pixels from the top. */
static void put_text(const struct figure *f, int pixels, int size,
		     const char *colour, const char *text)
{
	put(f, "set label ");
	put_string(f, text);
	putf(f, " at screen 0.016,%.4f font '" FONT ",%d' textcolor rgb '%s'\n",
	     screen_y(f, pixels), size, colour);
}

/* What ran and in which unit it was measured, above all panels. */
static void put_head(const struct figure *f)
{
	const struct profile *profile = f->profile;
	const struct run_info *info = profile->info;
	char text[512], events[REPORT_CELL_BYTES], lost[REPORT_CELL_BYTES];
	char time[REPORT_CELL_BYTES];
	const double seconds = (double)(profile->stats->time_end -
					profile->stats->time_begin) /
			       (double)profile->trace->clock_hz;

	(void)snprintf(
		text, sizeof(text), "Hot VMI calls of %.70s, accelerator %s%s",
		info->guest ? info->guest : "a guest", profile->accelerator,
		profile_is_partial(profile) ? "  (PARTIAL)" : "");
	put_text(f, 30, 19, "#101418", text);
	report_format_time(time, seconds);
	report_format_count(events, (double)profile->stats->events);
	report_format_count(
		lost, info->counts_known ? (double)info->events_lost
					 : (double)profile->trace->totals.lost);
	(void)snprintf(text, sizeof(text),
		       "%s calls recorded in %s, %s lost.  Cycles are %s.",
		       events, time, lost,
		       profile->emulated
			       ? "TCG cycles: emulated, not hardware cycles"
			       : "TSC cycles");
	put_text(f, 60, 12, profile->emulated ? "#a03030" : "#303438", text);
	(void)snprintf(text, sizeof(text), "%s, %s, QEMU %s; TSC %.0f MHz",
		       info->cpu ? info->cpu : "CPU not known",
		       info->kernel ? info->kernel : "kernel not known",
		       info->qemu ? info->qemu : "not known",
		       (double)profile->trace->clock_hz / 1e6);
	put_text(f, 82, 10, "#606468", text);
}

/* Margins of the panel that comes next, and its title. */
static void put_panel(const struct figure *f, double left, double right,
		      int top, int bottom, const char *title)
{
	putf(f,
	     "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
	     "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
	     left, right, screen_y(f, top), screen_y(f, bottom));
	put(f, "set label ");
	put_string(f, title);
	putf(f, " at screen %.4f,%.4f font '" FONT ",12'\n", left,
	     screen_y(f, top - 18));
}

/* After a panel: nothing of it shall show in the next one. */
static void end_panel(const struct figure *f)
{
	put(f, "unset label\nunset logscale\nunset ytics\nunset xlabel\n"
	       "unset ylabel\nunset key\nset format '%g'\nset ytics auto\nset "
	       "xtics auto\n" TICS "set xrange [*:*]\nset yrange [*:*]\n");
}

/* Bars of very different length are told apart on a log axis only. */
static bool is_log(double min, double max)
{
	return max / min > LOG_FROM;
}

/* Range of a row's field over the ranked calls that have it. */
static void field_range(const struct figure *f, size_t offset, double *min,
			double *max)
{
	*min = INFINITY;
	*max = 0;
	for (size_t i = 0; i < f->nr_ranked; i++) {
		double value;

		memcpy(&value, (const char *)&f->profile->rows[i] + offset,
		       sizeof(value));
		if (isnan(value) || value <= 0)
			continue;
		*min = fmin(*min, value);
		*max = fmax(*max, value);
	}
}

/* "12,345  (6.7 %)" */
static void bar_text(char *text, size_t size, double value, double share)
{
	char count[REPORT_CELL_BYTES];

	if (isnan(value)) {
		(void)snprintf(text, size, "no cycles of its own");
		return;
	}
	report_format_count(count, value);
	if (share >= 0.0001)
		(void)snprintf(text, size, "%s  (%.*f %%)", count,
			       share < 0.1 ? 2 : 1, 100 * share);
	else
		(void)snprintf(text, size, "%s  (< 0.01 %%)", count);
}

struct bars {
	size_t value, share; /* offsets in struct profile_row */
	const char *title;
	const char *colour;
	double left, right;
	bool names; /* of the calls at the axis */
};

static void put_bar_data(const struct figure *f, const struct bars *bars,
			 double floor_value)
{
	put(f, "$bars << EOD\n");
	for (size_t i = 0; i < f->nr_ranked; i++) {
		const char *row = (const char *)&f->profile->rows[i];
		double value, share;
		char text[64];

		memcpy(&value, row + bars->value, sizeof(value));
		memcpy(&share, row + bars->share, sizeof(share));
		bar_text(text, sizeof(text), value, share);
		putf(f, "%.17g %zu \"%s\"\n",
		     value > floor_value ? value : floor_value, i, text);
	}
	put(f, "EOD\n");
}

/* The title says how many of the calls are shown, and the kind of axis. */
static void put_panel_of_ranking(const struct figure *f,
				 const struct bars *bars, bool log)
{
	const int top = HEAD_PIXELS + 20;
	const size_t nr = f->nr_called;
	char title[128], shown[64] = "";

	if (bars->names && nr > f->nr_ranked)
		(void)snprintf(shown, sizeof(shown), ", top %zu of %zu",
			       f->nr_ranked, nr);
	(void)snprintf(title, sizeof(title), "%s%s%s", bars->title, shown,
		       log ? ", log scale" : "");
	put_panel(f, bars->left, bars->right, top,
		  top + RANK_PIXELS * (int)f->nr_ranked, title);
}

/* Horizontal bars, hottest call on top, the number at the end of each. */
static void put_bars(const struct figure *f, const struct bars *bars)
{
	double min, max, from = 0, to;

	field_range(f, bars->value, &min, &max);
	if (max <= 0)
		min = max = 1;
	to = max / BAR_WIDTH;
	put_panel_of_ranking(f, bars, is_log(min, max));
	if (is_log(min, max)) {
		from = pow(10, floor(log10(min))) / 2;
		to = from * pow(max / from, 1 / BAR_WIDTH);
		put(f, "set logscale x\n");
	}
	putf(f, "set format x '%%.0s%%c'\nset xrange [%g:%g]\n", from, to);
	putf(f, "set yrange [%g:-0.5]\n", (double)f->nr_ranked - 0.5);
	put(f, "set ytics scale 0 (");
	for (size_t i = 0; i < f->nr_ranked; i++)
		putf(f, "%s\"%s\" %zu", i ? ", " : "",
		     bars->names ? f->profile->rows[i].name : "", i);
	put(f, ")\n");
	put_bar_data(f, bars, from);
	putf(f,
	     "plot $bars using (0.5*($1+%g)):2:(%g):1:($2-0.36):($2+0.36) "
	     "with boxxyerror lc rgb '%s', "
	     "$bars using 1:2:3 with labels left offset 0.5,0 "
	     "font '" FONT ",10' textcolor rgb '#303438'\n",
	     from, from, bars->colour);
	end_panel(f);
}

static void put_ranking(const struct figure *f)
{
	const struct bars counts = {
		.value = offsetof(struct profile_row, count),
		.share = offsetof(struct profile_row, share_calls),
		.title = "Calls recorded (share of all)",
		.colour = "#2f6f9f",
		.left = 0.145,
		.right = 0.545,
		.names = true,
	};
	const struct bars cycles = {
		.value = offsetof(struct profile_row, cycles),
		.share = offsetof(struct profile_row, share_cycles),
		.title = f->profile->emulated
				 ? "TCG cycles spent in them (share of all)"
				 : "Cycles spent in them (share of all)",
		.colour = "#e08a2c",
		.left = 0.575,
		.right = 0.985,
		.names = false,
	};

	put_bars(f, &counts);
	put_bars(f, &cycles);
}

/* How hot a call is: by how often it is made, or by what it costs in all. */
static double heat(const struct figure *f, const struct profile_row *row)
{
	const struct call_stats *call =
		&f->profile->stats->call[(unsigned int)row->nr];

	if (isnan(row->share_cycles) ||
	    call->count - call->interrupted < COST_EVENTS_MIN)
		return 0;
	return fmax(row->share_calls, row->share_cycles);
}

/* The hottest calls, in the order of the ranking; returns how many. */
static size_t choose_costs(const struct figure *f, size_t *chosen)
{
	const struct profile *profile = f->profile;
	size_t n = 0;

	for (size_t i = 0; i < profile->nr_rows && n < COSTS_MAX; i++) {
		const double own = heat(f, &profile->rows[i]);
		size_t hotter = 0;

		for (size_t j = 0; j < profile->nr_rows; j++)
			hotter += heat(f, &profile->rows[j]) > own;
		if (own > 0 && hotter < COSTS_MAX)
			chosen[n++] = i;
	}
	return n;
}

/* Share of a call's events in each bin of equal width on a log axis. */
static void bin_costs(const struct histogram *histogram, double from,
		      double *share, int nr_bins)
{
	const double total = (double)histogram_total(histogram);

	for (int bin = 0; bin < nr_bins; bin++)
		share[bin] = 0;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		double middle;
		int bin;

		if (!histogram->count[i])
			continue;
		middle = (double)histogram_low(i) / 2 +
			 (double)histogram_high(i) / 2;
		bin = (int)floor(log10(fmax(middle, 0.5) / from) *
				 BINS_PER_DECADE);
		if (bin >= 0 && bin < nr_bins)
			share[bin] += (double)histogram->count[i] / total;
	}
}

/* A hill on the line y = at, drawn in steps. */
static void put_hill(const struct figure *f, size_t at, const double *share,
		     int nr_bins, double from)
{
	double highest = 0;

	for (int bin = 0; bin < nr_bins; bin++)
		highest = fmax(highest, share[bin]);
	putf(f, "$hill%zu << EOD\n", at);
	for (int bin = 0; bin < nr_bins; bin++) {
		double top = highest > 0 ? 0.86 * share[bin] / highest : 0;

		for (int edge = bin; edge <= bin + 1; edge++)
			putf(f, "%g %g %g\n",
			     from * pow(10, (double)edge / BINS_PER_DECADE),
			     (double)at + 0.45, (double)at + 0.45 - top);
	}
	put(f, "EOD\n");
}

static void put_cost_data(const struct figure *f, const size_t *chosen,
			  size_t n, double from, int nr_bins)
{
	double share[COST_BINS_MAX];

	put(f, "$marks << EOD\n");
	for (size_t i = 0; i < n; i++) {
		const struct profile_row *row = &f->profile->rows[chosen[i]];
		char p50[REPORT_CELL_BYTES], p99[REPORT_CELL_BYTES];

		report_format_count(p50, row->p50_cycles);
		report_format_count(p99, row->p99_cycles);
		putf(f, "%g %g %zu \"%s / %s\"\n", fmax(row->p50_cycles, from),
		     fmax(row->p99_cycles, from), i, p50, p99);
	}
	put(f, "EOD\n");
	for (size_t i = 0; i < n; i++) {
		const unsigned int nr =
			(unsigned int)f->profile->rows[chosen[i]].nr;

		bin_costs(&f->profile->stats->histogram[nr], from, share,
			  nr_bins);
		put_hill(f, i, share, nr_bins, from);
	}
}

/* Ticks of a log axis: at 1, 2 and 5 when powers of ten alone would be few. */
static void put_log_ticks(const struct figure *f, double from, double to)
{
	static const int steps[] = {1, 2, 5};
	const size_t nr_steps = to / from < 1000 ? 3 : 1;

	put(f, "set xtics (");
	for (double decade = 1; decade <= to; decade *= 10) {
		for (size_t i = 0; i < nr_steps; i++) {
			const double at = steps[i] * decade;

			if (at >= from && at <= to)
				putf(f, "%g, ", at);
		}
	}
	/* One that is not shown, behind the last comma. */
	putf(f, "%g)\n", to * 10);
}

static void put_costs(const struct figure *f, int top, int bottom)
{
	size_t chosen[COSTS_MAX];
	const size_t n = choose_costs(f, chosen);
	double from = INFINITY, to = 1;
	int nr_bins;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct profile_row *row = &f->profile->rows[chosen[i]];

		from = fmin(from, (double)stats_quantile(f->profile->stats,
							 (unsigned int)row->nr,
							 0.002));
		to = fmax(to, row->p99_cycles * 1.5);
	}
	from = fmax(from / 1.2, 1);
	nr_bins = 1 + (int)(log10(to / from) * BINS_PER_DECADE);
	if (nr_bins > COST_BINS_MAX)
		nr_bins = COST_BINS_MAX;
	to = from * pow(10, (double)nr_bins / BINS_PER_DECADE);
	put_cost_data(f, chosen, n, from, nr_bins);

	put_panel(f, 0.145, 0.455, top, bottom,
		  "Cost of the hottest calls: distribution, p50 / p99");
	putf(f,
	     "set logscale x\nset xrange [%g:%g]\n"
	     "set format x '%%.0s%%c'\nset xlabel '%s per call'\n"
	     "set yrange [%g:-0.6]\n",
	     from, to, profile_cycles_label(f->profile), (double)n - 0.45);
	put_log_ticks(f, from, to);
	put(f, "set ytics scale 0 (");
	for (size_t i = 0; i < n; i++)
		putf(f, "%s\"%s\" %zu", i ? ", " : "",
		     f->profile->rows[chosen[i]].name, i);
	put(f, ")\nplot ");
	for (size_t i = 0; i < n; i++)
		putf(f,
		     "$hill%zu using 1:2:3 with filledcurves lc rgb "
		     "'#e9b27a', ",
		     i);
	put(f, "$marks using 1:($3+0.45):(0):(-0.86) with vectors nohead "
	       "lw 1.2 lc rgb '#803c10', "
	       "$marks using 2:($3+0.45):(0):(-0.5) with vectors nohead "
	       "lw 1.2 lc rgb '#803c10', "
	       "$marks using (");
	putf(f,
	     "%g):3:4 with labels left offset 0.5,0 font '" FONT
	     ",9' textcolor rgb '#606468'\n",
	     to);
	end_panel(f);
}

struct unit {
	double from; /* used from this number on */
	double value;
	const char *name;
};

static const struct unit rate_units[] = {
	{2e6, 1e6, "million calls/s"},
	{2e3, 1e3, "thousand calls/s"},
	{0, 1, "calls/s"},
};

static const struct unit time_units[] = {
	{2, 1, "seconds"},
	{2e-3, 1e-3, "milliseconds"},
	{0, 1e-6, "microseconds"},
};

/* The unit that keeps the numbers at an axis short. */
static const struct unit *choose_unit(const struct unit *units, double highest)
{
	while (highest < units->from)
		units++;
	return units;
}

static uint64_t slice_total(const struct timeline *timeline, int slice)
{
	uint64_t total = 0;

	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
		total += timeline->count[slice][nr];
	return total;
}

/* Time, then the calls a second: of the hottest call, of two, …, of all. */
static void put_rate_data(const struct figure *f, size_t n, double time_unit,
			  double rate_unit)
{
	const struct timeline *timeline = f->timeline;
	const double hz = (double)f->profile->trace->clock_hz;
	const double slice_s = (double)timeline->slice_cycles / hz;

	put(f, "$rates << EOD\n");
	for (int slice = 0; slice < TIMELINE_SLICES; slice++) {
		const double all = (double)slice_total(timeline, slice);

		/* Two points a slice: a rate is of the slice as a whole. */
		for (int edge = slice; edge <= slice + 1; edge++) {
			double sum = 0;

			putf(f, "%.9g 0", edge * slice_s / time_unit);
			for (size_t i = 0; i < n; i++) {
				const unsigned int nr =
					(unsigned int)f->profile->rows[i].nr;

				sum += (double)timeline->count[slice][nr];
				putf(f, " %.6g", sum / slice_s / rate_unit);
			}
			putf(f, " %.6g\n", all / slice_s / rate_unit);
		}
	}
	put(f, "EOD\n");
}

static void put_rates(const struct figure *f, int top, int bottom)
{
	const struct timeline *timeline = f->timeline;
	const double slice_s = (double)timeline->slice_cycles /
			       (double)f->profile->trace->clock_hz;
	const double duration_s = TIMELINE_SLICES * slice_s;
	const size_t n =
		f->nr_called < STACKED_MAX ? f->nr_called : STACKED_MAX;
	const struct unit *time, *rate;
	double highest = 0;

	for (int slice = 0; slice < TIMELINE_SLICES; slice++)
		highest = fmax(highest, (double)slice_total(timeline, slice));
	rate = choose_unit(rate_units, highest / slice_s);
	time = choose_unit(time_units, duration_s);
	put_rate_data(f, n, time->value, rate->value);
	put_panel(f, 0.575, 0.845, top, bottom,
		  f->profile->trace->totals.lost
			  ? "Calls recorded over time, stacked"
			  : "Calls over time, stacked");
	putf(f,
	     "set xrange [0:%.9g]\nset yrange [0:*]\nset grid y\n"
	     "set xlabel '%s since the first call (guest TSC)'\n"
	     "set ylabel '%s' offset 0,0\n"
	     "set key at screen 0.857,%.4f left top Left reverse invert "
	     "samplen 1.2 spacing 1.35 font '" FONT ",10'\nplot ",
	     duration_s / time->value, time->name, rate->name,
	     screen_y(f, top));
	for (size_t i = 0; i <= n && i < f->nr_called; i++) {
		putf(f,
		     "%s$rates using 1:%zu:%zu with filledcurves "
		     "lc rgb '%s' title ",
		     i ? ", " : "", i + 2, i + 3,
		     colours[i < n ? i : STACKED_MAX]);
		put_string(f, i < n ? f->profile->rows[i].name : "all others");
	}
	put(f, "\nunset grid\n");
	end_panel(f);
}

void figure_write(FILE *out, enum figure_format format, const char *path,
		  const struct profile *profile,
		  const struct timeline *timeline)
{
	struct figure f = {
		.out = out,
		.profile = profile,
		.timeline = timeline,
	};
	int lower;

	/* Sorted by count: calls that were counted only come last. */
	while (f.nr_called < profile->nr_rows &&
	       profile->rows[f.nr_called].count > 0)
		f.nr_called++;
	f.nr_ranked = f.nr_called < RANKED_MAX ? f.nr_called : RANKED_MAX;
	lower = HEAD_PIXELS + 20 + RANK_PIXELS * (int)f.nr_ranked + GAP_PIXELS;
	f.height = lower + LOWER_PIXELS + FOOT_PIXELS;
	put_terminal(&f, format, path);
	put_head(&f);
	put_ranking(&f);
	put_costs(&f, lower, lower + LOWER_PIXELS);
	put_rates(&f, lower, lower + LOWER_PIXELS);
	put(&f, "unset multiplot\nunset output\n");
}
