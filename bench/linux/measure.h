/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * measure.h - ticks of the time-stamp counter that an operation takes
 *
 * Under QEMU's "-icount shift=0" a tick is one instruction; there the least of
 * many rounds is the way through the kernel that no interrupt lengthened, the
 * same in every boot.  Where a tick is time, the median says what is common.
 */
#ifndef BENCH_LINUX_MEASURE_H
#define BENCH_LINUX_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "operation.h"
#include "rom.h"

struct block {
	uint64_t least, median;	      /* ticks, measuring itself included */
	unsigned int hits;	      /* rounds that took just the least */
	uint32_t calls[VMI_NR_SLOTS]; /* made by the first of them */
};

/*
 * Measures the operation `rounds` times, at least once; counts calls when the
 * ROM does.  False when the operation failed or memory is short.
 */
bool measure(const struct operation *operation, unsigned int rounds,
	     const struct rom *rom, struct block *block);

/*
 * What the ticks are, as in the result files: "instructions" when the counter
 * counts them one by one, "tcg-cycles" under QEMU's translator, else "cycles".
 */
const char *measure_unit(void);

#endif /* BENCH_LINUX_MEASURE_H */
