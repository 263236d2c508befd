// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>

#include "plot_panel.h"
#include "report/report.h"

#define COSTS_MAX	8  /* calls */
#define COST_EVENTS_MIN 10 /* with fewer there is no distribution */
#define BINS_PER_DECADE 24
#define COST_BINS_MAX	(20 * BINS_PER_DECADE) /* all of 64 bits */

/* How hot a call is: by how often it is made, or by what it costs in all. */
static double heat(const struct figure *f, const struct profile_row *row)
{
	const struct call_stats *call =
		&f->profile->stats->call[(unsigned int)row->nr];

	if (isnan(row->share_cycles) || isnan(row->cycles) ||
	    call_measured(call) < COST_EVENTS_MIN)
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
	figure_putf(f, "$hill%zu << EOD\n", at);
	for (int bin = 0; bin < nr_bins; bin++) {
		double top = highest > 0 ? 0.86 * share[bin] / highest : 0;

		for (int edge = bin; edge <= bin + 1; edge++)
			figure_putf(
				f, "%g %g %g\n",
				from * pow(10, (double)edge / BINS_PER_DECADE),
				(double)at + 0.45, (double)at + 0.45 - top);
	}
	figure_put(f, "EOD\n");
}

static void put_cost_data(const struct figure *f, const size_t *chosen,
			  size_t n, double from, int nr_bins)
{
	double share[COST_BINS_MAX];

	figure_put(f, "$marks << EOD\n");
	for (size_t i = 0; i < n; i++) {
		const struct profile_row *row = &f->profile->rows[chosen[i]];
		char p50[REPORT_CELL_BYTES], p99[REPORT_CELL_BYTES];

		report_format_count(p50, row->p50_cycles);
		report_format_count(p99, row->p99_cycles);
		figure_putf(f, "%g %g %zu \"%s / %s\"\n",
			    fmax(row->p50_cycles, from),
			    fmax(row->p99_cycles, from), i, p50, p99);
	}
	figure_put(f, "EOD\n");
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

	figure_put(f, "set xtics (");
	for (int decade = 0; decade <= (int)log10(to); decade++) {
		for (size_t i = 0; i < nr_steps; i++) {
			const double at = steps[i] * pow(10, decade);

			if (at >= from && at <= to)
				figure_putf(f, "%g, ", at);
		}
	}
	/* One that is not shown, behind the last comma. */
	figure_putf(f, "%g)\n", to * 10);
}

/* The part of the axis that the calls need, in whole bins. */
static int choose_range(const struct figure *f, const size_t *chosen, size_t n,
			double *from, double *to)
{
	int nr_bins;

	*from = INFINITY;
	*to = 1;
	for (size_t i = 0; i < n; i++) {
		const struct profile_row *row = &f->profile->rows[chosen[i]];
		const unsigned int nr = (unsigned int)row->nr;

		*from = fmin(*from, (double)stats_quantile(f->profile->stats,
							   nr, 0.002));
		*to = fmax(*to, row->p99_cycles * 1.5);
	}
	*from = fmax(*from / 1.2, 1);
	nr_bins = 1 + (int)(log10(*to / *from) * BINS_PER_DECADE);
	if (nr_bins > COST_BINS_MAX)
		nr_bins = COST_BINS_MAX;
	*to = *from * pow(10, (double)nr_bins / BINS_PER_DECADE);
	return nr_bins;
}

/* Hills, marks at p50 and p99, and the two numbers at the right. */
static void plot_costs(const struct figure *f, size_t n, double to)
{
	figure_put(f, "plot ");
	for (size_t i = 0; i < n; i++)
		figure_putf(f,
			    "$hill%zu using 1:2:3 with filledcurves "
			    "lc rgb '#e9b27a', ",
			    i);
	figure_put(f,
		   "$marks using 1:($3+0.45):(0):(-0.86) with vectors nohead "
		   "lw 1.2 lc rgb '#803c10', "
		   "$marks using 2:($3+0.45):(0):(-0.5) with vectors nohead "
		   "lw 1.2 lc rgb '#803c10', ");
	figure_putf(f,
		    "$marks using (%g):3:4 with labels left offset 0.5,0 "
		    "font '" FIGURE_FONT ",9' textcolor rgb '#606468'\n",
		    to);
}

void figure_costs(const struct figure *f, int top, int bottom)
{
	size_t chosen[COSTS_MAX];
	const size_t n = choose_costs(f, chosen);
	double from, to;
	int nr_bins;

	if (!n)
		return;
	nr_bins = choose_range(f, chosen, n, &from, &to);
	put_cost_data(f, chosen, n, from, nr_bins);
	figure_panel(f, 0.145, 0.455, top, bottom,
		     f->profile->info->totals
			     ? "Cost of the hottest calls: by powers of two, ~p50 / ~p99"
		     : f->profile->unmeasured
			     ? "Cost of the hottest calls: of those measured, p50 / p99"
			     : "Cost of the hottest calls: distribution, p50 / p99");
	figure_putf(f,
		    "set logscale x\nset xrange [%g:%g]\n"
		    "set format x '%%.0s%%c'\nset xlabel '%s per call'\n"
		    "set yrange [%g:-0.6]\n",
		    from, to, profile_cycles_label(f->profile),
		    (double)n - 0.45);
	put_log_ticks(f, from, to);
	figure_put(f, "set ytics scale 0 (");
	for (size_t i = 0; i < n; i++)
		figure_putf(f, "%s\"%s\" %zu", i ? ", " : "",
			    f->profile->rows[chosen[i]].name, i);
	figure_put(f, ")\n");
	plot_costs(f, n, to);
	figure_end_panel(f);
}
