// SPDX-License-Identifier: GPL-2.0-only
#include "cycle_estimate.h"

#include <math.h>

/* Student's t at 97.5 %: Abramowitz and Stegun 26.7.5, to 1 % from 4 on. */
static double student(double freedom)
{
	const double z = 1.959964, z3 = z * z * z, z5 = z3 * z * z;

	return z + (z3 + z) / (4 * freedom) +
	       (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom) +
	       (3 * z5 * z * z + 19 * z5 + 17 * z3 - 15 * z) /
		       (384 * freedom * freedom * freedom);
}

struct cycle_estimate cycle_estimate(uint64_t calls, uint64_t measured,
				     double cycles, double squares)
{
	const double n = (double)measured;
	struct cycle_estimate estimate = {
		.calls = (double)calls,
		.measured = n,
		.mean = NAN,
		.sum = NAN,
		.error = NAN,
	};
	double variance;

	if (!measured)
		return estimate;
	estimate.mean = cycles / n;
	estimate.sum = estimate.mean * estimate.calls;
	if (measured >= calls) {
		estimate.sum = cycles;
		estimate.error = 0;
	} else if (measured >= ESTIMATE_MIN) {
		/* What was drawn is known: only the rest is uncertain. */
		variance = fmax(0, squares / n - estimate.mean * estimate.mean) *
			   n / (n - 1) * (1 - n / estimate.calls);
		estimate.error = student(n - 1) * sqrt(variance / n);
	}
	return estimate;
}
