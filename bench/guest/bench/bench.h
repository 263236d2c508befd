/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench.h - what a call costs in each form
 *
 * One line for each call and form, "case" or "skip", and "bench: done" at the
 * end; docs/benchmarks.md has the format.
 */
#ifndef GUEST_BENCH_H
#define GUEST_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_SAMPLES		9	/* if nothing else is asked for */
#define BENCH_SAMPLES_LIMIT	1000

struct bench_options {
	const char *calls;	/* names with commas between; "" = all */
	const char *pads;	/* padding styles likewise */
	uint32_t samples;	/* of each form */
	bool exact;		/* fixed counts; the TSC counts instructions */
};

/*
 * Looks at the names in the options; prints what is wrong with them and returns
 * false if one is not known.
 */
bool bench_understands(const struct bench_options *options);

/*
 * Measures.  Returns false if the machine or the ROM is not what the options
 * need, or a form did not do what it should; prints why.
 */
bool bench_run_all(const struct bench_options *options);

#endif /* GUEST_BENCH_H */
