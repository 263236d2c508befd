/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tsc_step.h - by how much the time stamp counter moves at a time
 *
 * The counter counts cycles of a nominal clock, but on some CPUs it is only
 * brought up to date every so often: on an AMD EPYC all readings are multiples
 * of 26 apart.  A single figure below that is no measurement, nor is a
 * difference of two such figures.
 */
#ifndef TSC_STEP_H
#define TSC_STEP_H

#include <stddef.h>
#include <stdint.h>

/*
 * The step in readings that were taken one right behind the other: the greatest
 * number that (nearly) all differences are multiples of.  A reading one above the
 * reading before is of the same step: some CPUs add 1 rather than to return the
 * same value twice.  A few differences that fit in nowhere, as after an
 * interrupt whose host adjusts the counter, do not matter.  0: not known, as
 * there are too few readings.
 */
uint64_t tsc_step_of(const uint64_t *readings, size_t nr);

/* The step of this CPU's counter; takes some milliseconds. */
uint64_t tsc_step(void);

#endif /* TSC_STEP_H */
