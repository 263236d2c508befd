/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plot_panel.h - the parts of the figure, and what they share
 *
 * Everything is placed in pixels from the top and fractions of the width, so
 * that the axes of all panels line up.
 */
#ifndef PLOT_PANEL_H
#define PLOT_PANEL_H

#include <stdio.h>

#include "plot_figure.h"
#include "trace/profile.h"
#include "trace/timeline.h"

#define FIGURE_FONT "DejaVu Sans"
#define FIGURE_WIDTH 1500 /* pixels */

struct figure {
	FILE *out; /* the script */
	const struct profile *profile;
	const struct timeline *timeline;
	size_t nr_called; /* rows with events */
	size_t nr_ranked; /* of them, shown in the ranking */
	int height;	  /* pixels */
};

/* Part of the script; a failed write shows when the pipe is closed. */
void figure_put(const struct figure *f, const char *text);
void figure_putf(const struct figure *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A string constant; text from outside has no way out of it. */
void figure_string(const struct figure *f, const char *text);

/* Pixels from the top as what gnuplot wants: a fraction from the bottom. */
double figure_y(const struct figure *f, int pixels);

/* Canvas of `height` pixels; and the last of it. */
void figure_begin(const struct figure *f, enum figure_format format);
void figure_end(const struct figure *f);

/* A line of text at the left edge, its middle so many pixels from the top. */
void figure_text(const struct figure *f, int pixels, int size,
		 const char *colour, const char *text);

/* Margins of the panel that comes next, and its title. */
void figure_panel(const struct figure *f, double left, double right, int top,
		  int bottom, const char *title);

/* After a panel: nothing of it shall show in the next one. */
void figure_end_panel(const struct figure *f);

/*
 * Which calls are hot: counts beside cycles, a line of RANKING_LINE_PIXELS for
 * each of figure.nr_ranked calls, from top on.
 */
#define RANKING_LINE_PIXELS 26
void figure_ranking(const struct figure *f, int top);

/* What the hottest calls cost: the distribution of their cycles. */
void figure_costs(const struct figure *f, int top, int bottom);

/* When the calls were made. */
void figure_rates(const struct figure *f, int top, int bottom);

#endif /* PLOT_PANEL_H */
