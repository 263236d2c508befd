// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of ratios, and how large one is where nothing changed.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>

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

double noise_floor(const double *samples, size_t nr)
{
	size_t pairs = nr / 2;
	double *even = calloc(pairs + 1, sizeof(*even));
	double *odd = calloc(pairs + 1, sizeof(*odd));
	struct sample_ratio ratio;
	double floor = INFINITY;

	if (!even || !odd)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < pairs; i++) {
		even[i] = samples[2 * i];
		odd[i] = samples[2 * i + 1];
	}
	if (pairs && sample_ratio(&ratio, odd, even, pairs) &&
	    ratio.ci95.lo > 0)
		floor = fmax(fabs(ratio.ci95.lo - 1), fabs(ratio.ci95.hi - 1));
	free(even);
	free(odd);
	return floor;
}
