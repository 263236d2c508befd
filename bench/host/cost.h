/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cost.h - cycles of a short piece of code, measured against others
 */
#ifndef BENCH_HOST_COST_H
#define BENCH_HOST_COST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COST_LOOP_BYTES	4096	/* a page: no two loops share a line */

/* A loop around some code, made at run time from the code's own bytes. */
struct cost_loop {
	void (*run)(uint32_t times);
	void *code;	/* COST_LOOP_BYTES: all of it */
};

/* Register arguments of a call under measurement. */
struct cost_args {
	uint32_t eax, edx, ecx;
};

/*
 * Each makes a loop whose body loads the arguments (none when args is NULL) and
 * then executes the bytes, or calls the address, and all that `copies` times.
 * Exits when there is no memory.
 */
struct cost_loop cost_loop_bytes(const struct cost_args *args,
				 const void *bytes, size_t length,
				 unsigned int copies);
struct cost_loop cost_loop_call(const struct cost_args *args,
				const void *address, unsigned int copies);

/* TSC cycles per turn of `times` turns. */
double cost_measure(const struct cost_loop *loop, uint32_t times);

/* Median of `count` values with its 95 % interval, from order statistics. */
struct cost_median {
	double low, median, high;
};

/* Sorts the values. */
struct cost_median cost_median(double *values, size_t count);

#endif /* BENCH_HOST_COST_H */
