// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hot calls of a trace: head and the order of the panels.
 */
#include <math.h>

#include "plot_panel.h"
#include "report/report.h"

#define RANKED_MAX   24	 /* calls in the ranking */
#define HEAD_PIXELS  140 /* above the ranking */
#define GAP_PIXELS   110 /* between ranking and the lower half */
#define LOWER_PIXELS 390
#define FOOT_PIXELS  80

/* What ran and in which unit it was measured, above all panels. */
static void put_head(const struct figure *f)
{
	const struct profile *profile = f->profile;
	const struct run_info *info = profile->info;
	char text[512], events[REPORT_CELL_BYTES], lost[REPORT_CELL_BYTES];
	char time[REPORT_CELL_BYTES];

	(void)snprintf(
		text, sizeof(text), "Hot VMI calls of %.70s, accelerator %s%s",
		info->guest ? info->guest : "a guest", profile->accelerator,
		profile_is_partial(profile) ? "  (PARTIAL)" : "");
	figure_text(f, 30, 19, "#101418", text);
	if (isnan(profile_seconds(profile)))
		(void)snprintf(time, sizeof(time), "a time not known");
	else
		(void)snprintf(time, sizeof(time), "%.2f s",
			       profile_seconds(profile));
	report_format_count(events, (double)profile->stats->events);
	report_format_count(
		lost, info->counts_known ? (double)info->events_lost
					 : (double)profile->trace->totals.lost);
	(void)snprintf(text, sizeof(text),
		       "%s calls %s in %s, %s lost.  Cycles are %s.", events,
		       info->totals ? "counted" : "recorded", time, lost,
		       run_levels[info->level].cycles
			       ? profile_cycles_meaning(profile)
			       : "not known at this level");
	figure_text(f, 60, 12, profile->emulated ? "#a03030" : "#303438", text);
	(void)snprintf(text, sizeof(text),
		       "Level %s.  Host: %s, %s, QEMU %s; TSC %.0f MHz",
		       run_levels[info->level].name,
		       info->cpu ? info->cpu : "CPU not known",
		       info->kernel ? info->kernel : "kernel not known",
		       info->qemu ? info->qemu : "not known",
		       (double)profile->trace->clock_hz / 1e6);
	figure_text(f, 82, 10, "#606468", text);
}

/* In place of the panel of rates. */
static void put_no_rates(const struct figure *f, int top)
{
	char text[160];

	(void)snprintf(text, sizeof(text),
		       "Level %s keeps sums per call: calls over time%s are "
		       "not known.",
		       run_levels[f->profile->info->level].name,
		       run_levels[f->profile->info->level].cycles
			       ? ""
			       : " and their cycles");
	figure_text(f, top - 40, 12, "#606468", text);
}

void figure_write(FILE *out, enum figure_format format,
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
	lower = HEAD_PIXELS + RANKING_LINE_PIXELS * (int)f.nr_ranked +
		GAP_PIXELS;
	f.height = lower + LOWER_PIXELS + FOOT_PIXELS;
	figure_begin(&f, format);
	put_head(&f);
	/* Labels are drawn with the next panel. */
	if (!timeline)
		put_no_rates(&f, lower);
	figure_ranking(&f, HEAD_PIXELS);
	figure_costs(&f, lower, lower + LOWER_PIXELS);
	if (timeline)
		figure_rates(&f, lower, lower + LOWER_PIXELS);
	figure_end(&f);
}
