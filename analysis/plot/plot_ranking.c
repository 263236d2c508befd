// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <string.h>

#include "plot_panel.h"
#include "report/report.h"

#define LOG_FROM  50   /* ratio of the longest bar to the shortest */
#define BAR_WIDTH 0.72 /* of the longest bar; its text stands behind */

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
	figure_put(f, "$bars << EOD\n");
	for (size_t i = 0; i < f->nr_ranked; i++) {
		const char *row = (const char *)&f->profile->rows[i];
		double value, share;
		char text[64];

		memcpy(&value, row + bars->value, sizeof(value));
		memcpy(&share, row + bars->share, sizeof(share));
		bar_text(text, sizeof(text), value, share);
		figure_putf(f, "%.17g %zu \"%s\"\n",
			    value > floor_value ? value : floor_value, i, text);
	}
	figure_put(f, "EOD\n");
}

/* The title says how many of the calls are shown, and the kind of axis. */
static void ranking_panel(const struct figure *f, const struct bars *bars,
			  int top, bool log)
{
	const size_t nr = f->nr_called;
	char title[128], shown[64] = "";

	if (bars->names && nr > f->nr_ranked)
		(void)snprintf(shown, sizeof(shown), ", top %zu of %zu",
			       f->nr_ranked, nr);
	(void)snprintf(title, sizeof(title), "%s%s%s", bars->title, shown,
		       log ? ", log scale" : "");
	figure_panel(f, bars->left, bars->right, top,
		     top + RANKING_LINE_PIXELS * (int)f->nr_ranked, title);
}

/* Horizontal bars, hottest call on top, the number at the end of each. */
static void put_bars(const struct figure *f, const struct bars *bars, int top)
{
	double min, max, from = 0, to;

	field_range(f, bars->value, &min, &max);
	if (max <= 0)
		min = max = 1;
	to = max / BAR_WIDTH;
	ranking_panel(f, bars, top, is_log(min, max));
	if (is_log(min, max)) {
		from = pow(10, floor(log10(min))) / 2;
		to = from * pow(max / from, 1 / BAR_WIDTH);
		figure_put(f, "set logscale x\n");
	}
	figure_putf(f, "set format x '%%.0s%%c'\nset xrange [%g:%g]\n", from,
		    to);
	figure_putf(f, "set yrange [%g:-0.5]\n", (double)f->nr_ranked - 0.5);
	figure_put(f, "set ytics scale 0 (");
	for (size_t i = 0; i < f->nr_ranked; i++)
		figure_putf(f, "%s\"%s\" %zu", i ? ", " : "",
			    bars->names ? f->profile->rows[i].name : "", i);
	figure_put(f, ")\n");
	put_bar_data(f, bars, from);
	figure_putf(
		f,
		"plot $bars using (0.5*($1+%g)):2:(%g):1:($2-0.36):($2+0.36) "
		"with boxxyerror lc rgb '%s', "
		"$bars using 1:2:3 with labels left offset 0.5,0 "
		"font '" FIGURE_FONT ",10' textcolor rgb '#303438'\n",
		from, from, bars->colour);
	figure_end_panel(f);
}

void figure_ranking(const struct figure *f, int top)
{
	char spent[96];
	const struct bars counts = {
		.value = offsetof(struct profile_row, count),
		.share = offsetof(struct profile_row, share_calls),
		.title = f->profile->info->totals
				 ? "Calls counted (share of all)"
				 : "Calls recorded (share of all)",
		.colour = "#2f6f9f",
		.left = 0.145,
		.right = 0.545,
		.names = true,
	};
	const struct bars cycles = {
		.value = offsetof(struct profile_row, cycles),
		.share = offsetof(struct profile_row, share_cycles),
		.title = spent,
		.colour = "#e08a2c",
		.left = 0.575,
		.right = 0.985,
		.names = false,
	};

	(void)snprintf(spent, sizeof(spent), "%s spent%s (share of all)",
		       profile_cycles_label(f->profile),
		       f->profile->unmeasured ? ", estimated" : "");
	put_bars(f, &counts, top);
	put_bars(f, &cycles, top);
}
