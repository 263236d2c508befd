/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plot_figure.h - a figure as a gnuplot script
 */
#ifndef PLOT_FIGURE_H
#define PLOT_FIGURE_H

#include <stdio.h>

#include "results/results.h"
#include "trace/profile.h"
#include "trace/timeline.h"

enum figure_format { FIGURE_PNG, FIGURE_SVG };

/*
 * Write to out the script that draws the figure to gnuplot's standard output: no
 * name of a file gets into a script, where it might be more than a name.  The
 * rows of the profile are sorted as they shall appear.
 */
void figure_write(FILE *out, enum figure_format format,
		  const struct profile *profile,
		  const struct timeline *timeline);

/* The same for results of a benchmark: each platform for itself. */
void figure_write_results(FILE *out, enum figure_format format,
			  const struct results *results);

#endif /* PLOT_FIGURE_H */
