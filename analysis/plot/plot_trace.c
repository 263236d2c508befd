// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hot calls of a trace: head and the order of the panels.
 */
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
	const double seconds = (double)(profile->stats->time_end -
					profile->stats->time_begin) /
			       (double)profile->trace->clock_hz;

	(void)snprintf(
		text, sizeof(text), "Hot VMI calls of %.70s, accelerator %s%s",
		info->guest ? info->guest : "a guest", profile->accelerator,
		profile_is_partial(profile) ? "  (PARTIAL)" : "");
	figure_text(f, 30, 19, "#101418", text);
	report_format_time(time, seconds);
	report_format_count(events, (double)profile->stats->events);
	report_format_count(
		lost, info->counts_known ? (double)info->events_lost
					 : (double)profile->trace->totals.lost);
	(void)snprintf(text, sizeof(text),
		       "%s calls recorded in %s, %s lost.  Cycles are %s.",
		       events, time, lost, profile_cycles_meaning(profile));
	figure_text(f, 60, 12, profile->emulated ? "#a03030" : "#303438", text);
	(void)snprintf(text, sizeof(text), "%s, %s, QEMU %s; TSC %.0f MHz",
		       info->cpu ? info->cpu : "CPU not known",
		       info->kernel ? info->kernel : "kernel not known",
		       info->qemu ? info->qemu : "not known",
		       (double)profile->trace->clock_hz / 1e6);
	figure_text(f, 82, 10, "#606468", text);
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
	figure_ranking(&f, HEAD_PIXELS);
	figure_costs(&f, lower, lower + LOWER_PIXELS);
	figure_rates(&f, lower, lower + LOWER_PIXELS);
	figure_end(&f);
}
