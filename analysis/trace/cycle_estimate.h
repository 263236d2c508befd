/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cycle_estimate.h - cycles of calls of which only some were measured
 *
 * The recorder chooses at random which, so those are a sample: their mean is an
 * estimate of the mean, and that times the number of all calls one of the sum.
 */
#ifndef CYCLE_ESTIMATE_H
#define CYCLE_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

/* With fewer there is no interval. */
#define ESTIMATE_MIN	5

struct cycle_estimate {
	double calls;		/* undisturbed */
	double measured;	/* of them */
	double mean, sum;	/* NAN: none was measured */
	double error;		/* half of the mean's 95 % interval; 0: all were
				 * measured, NAN: not known
				 */
};

/* cycles and the squares of cycles: sums over the calls that were measured. */
struct cycle_estimate cycle_estimate(uint64_t calls, uint64_t measured,
				     double cycles, double squares);

#endif /* CYCLE_ESTIMATE_H */
