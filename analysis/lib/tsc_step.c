// SPDX-License-Identifier: GPL-2.0-only
#include "tsc_step.h"

#include <stdbool.h>
#include <x86intrin.h>

#define READINGS	2048
#define READINGS_MIN	32
#define STEP_MAX	4096	/* coarser than any counter known */
#define MISFITS		16	/* one difference in so many may fit in nowhere */
#define DELAYS		8

static bool fits(const uint64_t *difference, size_t nr, uint64_t step)
{
	size_t misfits = 0;

	for (size_t i = 0; i < nr; i++) {
		misfits += difference[i] % step != 0;
		if (misfits > nr / MISFITS)
			return false;
	}
	return true;
}

/* Differences between readings, less those of the same step; how many. */
static size_t differences(uint64_t *difference, const uint64_t *readings,
			  size_t nr)
{
	uint64_t step_began = readings[0];
	size_t found = 0;

	for (size_t i = 1; i < nr; i++) {
		if (readings[i] - readings[i - 1] <= 1)
			continue;
		difference[found++] = readings[i] - step_began;
		step_began = readings[i];
	}
	return found;
}

uint64_t tsc_step_of(const uint64_t *readings, size_t nr)
{
	uint64_t difference[READINGS];
	size_t found;
	uint64_t step = STEP_MAX;

	if (nr > READINGS)
		nr = READINGS;
	if (nr < READINGS_MIN)
		return 0;
	found = differences(difference, readings, nr);
	/* It moves by 1 at each reading: as fine as can be told. */
	if (found < READINGS_MIN / 2)
		return 1;
	while (step > 1 && !fits(difference, found, step))
		step--;
	return step;
}

uint64_t tsc_step(void)
{
	uint64_t readings[READINGS];

	for (size_t i = 0; i < READINGS; i++) {
		readings[i] = __rdtsc();
		/*
		 * Always the same distance would look like one step.  A chain of
		 * dependent operations of any length breaks that up.
		 */
		for (size_t delay = i % DELAYS; delay; delay--)
			__asm__ volatile("" : "+r"(delay));
	}
	return tsc_step_of(readings, READINGS);
}
