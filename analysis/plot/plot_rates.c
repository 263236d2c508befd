// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>

#include "plot_panel.h"

#define STACKED_MAX 6 /* calls of their own; the others are one */

static const char *const colours[STACKED_MAX + 1] = {
	"#2f6f9f", "#e08a2c", "#4c9a57", "#b64a4a",
	"#7d6bb0", "#c7a93b", "#b8bcc2",
};

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

	figure_put(f, "$rates << EOD\n");
	for (int slice = 0; slice < TIMELINE_SLICES; slice++) {
		const double all = (double)slice_total(timeline, slice);

		/* Two points a slice: a rate is of the slice as a whole. */
		for (int edge = slice; edge <= slice + 1; edge++) {
			double sum = 0;

			figure_putf(f, "%.9g 0", edge * slice_s / time_unit);
			for (size_t i = 0; i < n; i++) {
				const unsigned int nr =
					(unsigned int)f->profile->rows[i].nr;

				sum += (double)timeline->count[slice][nr];
				figure_putf(f, " %.6g",
					    sum / slice_s / rate_unit);
			}
			figure_putf(f, " %.6g\n", all / slice_s / rate_unit);
		}
	}
	figure_put(f, "EOD\n");
}

void figure_rates(const struct figure *f, int top, int bottom)
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
	figure_panel(f, 0.575, 0.845, top, bottom,
		     f->profile->trace->totals.lost
			     ? "Calls recorded over time, stacked"
			     : "Calls over time, stacked");
	figure_putf(f,
		    "set xrange [0:%.9g]\nset yrange [0:*]\nset grid y\n"
		    "set xlabel '%s since the first call (guest TSC)'\n"
		    "set ylabel '%s' offset 0,0\n"
		    "set key at screen 0.857,%.4f left top Left reverse invert "
		    "samplen 1.2 spacing 1.35 font '" FIGURE_FONT ",10'\nplot ",
		    duration_s / time->value, time->name, rate->name,
		    figure_y(f, top));
	for (size_t i = 0; i <= n && i < f->nr_called; i++) {
		figure_putf(f,
			    "%s$rates using 1:%zu:%zu with filledcurves "
			    "lc rgb '%s' title ",
			    i ? ", " : "", i + 2, i + 3,
			    colours[i < n ? i : STACKED_MAX]);
		figure_string(f,
			      i < n ? f->profile->rows[i].name : "all others");
	}
	figure_put(f, "\nunset grid\n");
	figure_end_panel(f);
}
