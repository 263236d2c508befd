/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cold.h - put the CPU into the state in which it meets a call for the first time
 */
#ifndef BENCH_HOST_COLD_H
#define BENCH_HOST_COLD_H

#include <stddef.h>

/* Makes the code that cold_forget() runs.  Exits when there is no memory. */
void cold_prepare(void);

/*
 * Run thousands of branches elsewhere and touch thousands of pages, so that the
 * predictors and TLBs hold those, as far as a process can see to that.
 */
void cold_forget(void);

/* Take bytes, code or data, out of all caches. */
void cold_flush(const void *begin, size_t bytes);

#endif /* BENCH_HOST_COLD_H */
