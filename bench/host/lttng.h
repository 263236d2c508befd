/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lttng.h - an LTTng-UST tracepoint of the recorder's payload, to compare with
 *
 * There is no 32-bit LTTng on an amd64 Debian, so a 64-bit program beside this
 * one is measured: vmiprof-bench-lttng, on the same CPU, in the same rounds.
 */
#ifndef BENCH_HOST_LTTNG_H
#define BENCH_HOST_LTTNG_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct lttng {
	pid_t pid;		/* 0 = not running */
	FILE *to, *from;
	char why[200];		/* it does not run, or failed */
};

/* Starts it on that CPU; false, with why, when there is no LTTng here. */
bool lttng_start(struct lttng *lttng, const char *program, int cpu);

/* TSC cycles per event of one round; exits with a message when it died. */
double lttng_measure(struct lttng *lttng);

/* Ends it; false, with why, when an event had been discarded. */
bool lttng_end(struct lttng *lttng);

#endif /* BENCH_HOST_LTTNG_H */
