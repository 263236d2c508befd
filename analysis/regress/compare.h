/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compare.h - two results files, case by case
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>

#include "results/results.h"
#include "verdict.h"

#define COMPARE_THRESHOLD	0.05	/* unless --threshold says otherwise */

struct comparison {
	const struct results *baseline;	/* NULL: there is none */
	const struct results *new_run;
	/* What made the baseline, measured once more; NULL: was not. */
	const struct results *again;
	double threshold;		/* of a ratio's change, 0.05 is 5 % */
	bool wanted[NR_PLATFORMS];
};

/*
 * Judge each case of the wanted platforms.
 *
 * Instructions are exact: any difference fails, fewer ones as well, since a
 * baseline that is not what is measured lets the next change through.
 *
 * All else is compared by its ratio to native, which was measured in the same
 * rounds, and only when both runs are of one machine.  The interval of the
 * change goes from the new interval's begin over the old one's end to the
 * reverse: it holds the change with more than 95 %.
 */
void compare(const struct comparison *comparison, struct judgements *all);

/*
 * The change from one ratio to another, as a share of the first: (new - old) /
 * old.  False when a ratio is not above 0.
 */
bool ratio_change(const struct sample_ratio *old_ratio,
		  const struct sample_ratio *new_ratio, double *change,
		  struct interval *ci95);

/*
 * How far from 0 the change of a ratio would seem to be where nothing changed:
 * the later half of the rounds of one run against the earlier half, as a share.
 * INFINITY when there are too few rounds, or one took no time.
 */
double noise_floor(const double *samples, const double *native, size_t nr);

#endif /* COMPARE_H */
