// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of ratios, and how large one is where nothing changed.
 */
#include <math.h>

#include "compare.h"

bool ratio_change(const struct sample_ratio *old_ratio,
		  const struct sample_ratio *new_ratio, double *change,
		  struct interval *ci95)
{
	if (!(old_ratio->ci95.lo > 0) || !(new_ratio->ci95.lo > 0))
		return false;
	*change = new_ratio->median / old_ratio->median - 1;
	ci95->lo = new_ratio->ci95.lo / old_ratio->ci95.hi - 1;
	ci95->hi = new_ratio->ci95.hi / old_ratio->ci95.lo - 1;
	return true;
}

double noise_floor(const double *samples, const double *native, size_t nr)
{
	size_t half = nr / 2;
	struct sample_ratio earlier, later;

	/* The middle one of an odd number is in neither. */
	if (!sample_ratio(&earlier, samples, native, half) ||
	    !sample_ratio(&later, samples + nr - half, native + nr - half,
			  half) ||
	    !(earlier.median > 0))
		return INFINITY;
	return fabs(later.median / earlier.median - 1);
}
