/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sample_stats.h - what samples of one quantity say, without assuming how they
 * are distributed
 */
#ifndef SAMPLE_STATS_H
#define SAMPLE_STATS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * With fewer samples no two of them hold the median between them in 95 % of all
 * cases; the interval is then from the least to the greatest, and holds less.
 */
#define SAMPLES_MIN_CI95	6

struct interval {
	double lo, hi;
};

struct sample_stats {
	double min;
	double median;		/* the middle one, or the mean of the two */
	double p95;		/* nearest rank */
	struct interval ci95;	/* of the median */
};

struct sample_ratio {
	double median;
	struct interval ci95;	/* of the median */
};

/* Statistics of nr samples, at least one.  The samples stay as they are. */
void sample_stats(struct sample_stats *stats, const double *samples, size_t nr);

/*
 * Median of the ratios samples[i] / base[i], i < nr, where both were taken in the
 * same round.  False when there is none: nr is 0, or a base is not above 0.
 */
bool sample_ratio(struct sample_ratio *ratio, const double *samples,
		  const double *base, size_t nr);

/*
 * Ranks, from 0, of the samples that enclose the median with 95 % confidence:
 * the inner ones of which that is true, by the binomial distribution.
 */
void sample_ci95_ranks(size_t nr, size_t *lo, size_t *hi);

#endif /* SAMPLE_STATS_H */
