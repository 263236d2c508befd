/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tsc.h - host time, and the rate of the time stamp counter
 *
 * A guest's TSC runs at the host's rate under KVM, and under TCG too, where QEMU
 * hands out the host's counter.
 */
#ifndef TSC_H
#define TSC_H

#include <stdint.h>

/* CLOCK_MONOTONIC. */
uint64_t clock_ns(void);

struct tsc_sample {
	uint64_t tsc;
	uint64_t ns;
	uint64_t width;		/* cycles that the two lie apart at most */
};

/* Both clocks at one moment, to some 100 ns. */
struct tsc_sample tsc_sample(void);

/*
 * Cycles per second between a sample and now, waiting until they are at least
 * min_ns apart: the error is some 100 ns of that.
 */
uint64_t tsc_hz_since(const struct tsc_sample *begin, uint64_t min_ns);

/* Stay awake for so long, for waits that are too short to sleep. */
void spin(uint64_t ns);

/* Sleep for less than a second. */
void nap(uint64_t ns);

#endif /* TSC_H */
