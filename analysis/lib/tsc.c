// SPDX-License-Identifier: GPL-2.0-only
#include "tsc.h"

#include <time.h>
#include <x86intrin.h>

#define NS_PER_S	1000000000u

uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

struct tsc_sample tsc_sample(void)
{
	struct tsc_sample best = { 0 };
	uint64_t best_width = UINT64_MAX;

	/* The narrowest of some tries was not interrupted. */
	for (int i = 0; i < 8; i++) {
		uint64_t before = __rdtsc();
		uint64_t ns = clock_ns();
		uint64_t width = __rdtsc() - before;

		if (width < best_width) {
			best_width = width;
			best = (struct tsc_sample){ before + width / 2, ns,
						    width };
		}
	}
	return best;
}

uint64_t tsc_hz_since(const struct tsc_sample *begin, uint64_t min_ns)
{
	struct tsc_sample end = tsc_sample();

	while (end.ns - begin->ns < min_ns) {
		struct timespec pause = { .tv_nsec = 1000000 };

		nanosleep(&pause, NULL);
		end = tsc_sample();
	}
	return (uint64_t)((double)(end.tsc - begin->tsc) * NS_PER_S /
			  (double)(end.ns - begin->ns));
}

void spin(uint64_t ns)
{
	uint64_t end_ns = clock_ns() + ns;

	while (clock_ns() < end_ns)
		_mm_pause();
}

void nap(uint64_t ns)
{
	struct timespec time = { .tv_nsec = (long)ns };

	nanosleep(&time, NULL);
}
