// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canvas, head and the order of the panels.
 */
#include "plot_figure.h"

#include <stdarg.h>

#include "plot_panel.h"
#include "report/report.h"

#define TICS "set tics nomirror out scale 0.5 textcolor rgb '#303438'\n"

#define RANKED_MAX   24	 /* calls in the ranking */
#define HEAD_PIXELS  140 /* above the ranking */
#define GAP_PIXELS   110 /* between ranking and the lower half */
#define LOWER_PIXELS 390
#define FOOT_PIXELS  80

double figure_y(const struct figure *f, int pixels)
{
	return 1 - (double)pixels / f->height;
}

void figure_put(const struct figure *f, const char *text)
{
	(void)fputs(text, f->out);
}

void figure_putf(const struct figure *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(f->out, format, args);
	va_end(args);
}

void figure_string(const struct figure *f, const char *text)
{
	figure_put(f, "'");
	for (; *text; text++) {
		if (*text == '\'')
			figure_put(f, "''");
		else
			figure_putf(f, "%c",
				    (unsigned char)*text < ' ' ? ' ' : *text);
	}
	figure_put(f, "'");
}

void figure_begin(const struct figure *f, enum figure_format format,
		  const char *path)
{
	figure_put(f, "set encoding utf8\n");
	if (format == FIGURE_PNG)
		figure_putf(f,
			    "set terminal pngcairo noenhanced size %d,%d "
			    "font '" FIGURE_FONT ",11' background '#ffffff'\n",
			    FIGURE_WIDTH, f->height);
	else
		figure_putf(f,
			    "set terminal svg noenhanced size %d,%d "
			    "font '" FIGURE_FONT ",13' background '#ffffff'\n",
			    FIGURE_WIDTH, f->height);
	figure_put(f, "set output ");
	figure_string(f, path);
	figure_put(f, "\nset multiplot\n"
		      "set border 3 lc rgb '#707478'\n" TICS
		      "set grid x lc rgb '#e4e7ea' lt 1 lw 1\n"
		      "set style fill solid 1 noborder\n"
		      "unset key\n");
}

void figure_end(const struct figure *f)
{
	figure_put(f, "unset multiplot\nunset output\n");
}

void figure_text(const struct figure *f, int pixels, int size,
		 const char *colour, const char *text)
{
	figure_put(f, "set label ");
	figure_string(f, text);
	figure_putf(f,
		    " at screen 0.016,%.4f font '" FIGURE_FONT
		    ",%d' textcolor rgb '%s'\n",
		    figure_y(f, pixels), size, colour);
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

void figure_panel(const struct figure *f, double left, double right, int top,
		  int bottom, const char *title)
{
	figure_putf(f,
		    "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
		    "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
		    left, right, figure_y(f, top), figure_y(f, bottom));
	figure_put(f, "set label ");
	figure_string(f, title);
	figure_putf(f, " at screen %.4f,%.4f font '" FIGURE_FONT ",12'\n", left,
		    figure_y(f, top - 18));
}

void figure_end_panel(const struct figure *f)
{
	figure_put(
		f,
		"unset label\nunset logscale\nunset ytics\nunset xlabel\n"
		"unset ylabel\nunset key\nset format '%g'\nset ytics auto\nset "
		"xtics auto\n" TICS "set xrange [*:*]\nset yrange [*:*]\n");
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
	lower = HEAD_PIXELS + RANKING_LINE_PIXELS * (int)f.nr_ranked +
		GAP_PIXELS;
	f.height = lower + LOWER_PIXELS + FOOT_PIXELS;
	figure_begin(&f, format, path);
	put_head(&f);
	figure_ranking(&f, HEAD_PIXELS);
	figure_costs(&f, lower, lower + LOWER_PIXELS);
	figure_rates(&f, lower, lower + LOWER_PIXELS);
	figure_end(&f);
}
