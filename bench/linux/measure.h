/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * measure.h - ticks of the time-stamp counter that an operation takes
 *
 * The least of many rounds stands for all: an interrupt, or a host that takes
 * the processor away, only ever lengthens one.  Under QEMU's "-icount shift=0"
 * a tick is one instruction, and the least is the same in every boot.
 */
#ifndef BENCH_LINUX_MEASURE_H
#define BENCH_LINUX_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "operation.h"
#include "rom.h"

struct block {
	uint64_t least;		      /* ticks, measuring itself included */
	unsigned int hits;	      /* rounds that took just the least */
	uint32_t calls[VMI_NR_SLOTS]; /* made by the first of them */
};

/*
 * Measures the operation `rounds` times, at least once; counts calls when the
 * ROM does and the operation did not wait: calls made meanwhile are not its
 * own. False when the operation failed.
 */
bool measure(const struct operation *operation, unsigned int rounds,
	     const struct rom *rom, struct block *block);

/*
 * What the ticks are, as in the result files: "instructions" when the counter
 * counts them one by one, "tcg-cycles" under QEMU's translator, else "cycles".
 */
const char *measure_unit(void);

#endif /* BENCH_LINUX_MEASURE_H */
