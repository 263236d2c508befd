/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench_table.h - results as a text table, one for each platform
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include <stdio.h>

#include "results/results.h"

/*
 * Counts are the same in every sample: a line for each call, a column for each
 * form.  What was measured has intervals: a line for each form of each call.
 */
void bench_table_print(FILE *out, const struct results *results);

#endif /* BENCH_TABLE_H */
