/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench_progress.h - show on stderr which boot or program runs, and what came
 * of it
 */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_progress {
	bool off;
	bool rewrite;		/* stderr is a terminal */
	unsigned int nr;	/* runs so far */
	unsigned int nr_all;
	char name[96];
	uint64_t begin_ns;
	uint64_t shown_ns;
};

void bench_progress_init(struct bench_progress *progress, bool off,
			 unsigned int nr_all);

/* The next run. */
void bench_progress_begin(struct bench_progress *progress, const char *platform,
			  const char *label);

/* To be called often. */
void bench_progress_update(struct bench_progress *progress, size_t nr_cases);

/* It is over; failure is NULL when it ended well.  Failures are always shown. */
void bench_progress_end(struct bench_progress *progress, size_t nr_cases,
			const char *failure);

#endif /* BENCH_PROGRESS_H */
