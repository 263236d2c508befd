/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench_run.h - one boot of a guest, or one run of the host program
 */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include <signal.h>
#include <stdbool.h>

#include "bench_options.h"
#include "bench_progress.h"
#include "raw_protocol.h"

/* What to run; a name of a file is one that lies beside the program. */
struct bench_plan {
	enum bench_set set;
	const char *label;	/* for progress, and in front of its groups */
	const char *rom;	/* NULL: none */
	const char *words;	/* further words of the command line, or NULL */
};

struct bench_run {
	const struct bench_plan *plan;
	const struct bench_options *options;
	enum result_platform platform;
	unsigned int samples;
	const char *dir;	/* for logs */
	struct bench_progress *progress;
	const volatile sig_atomic_t *stop;
	char *perf;		/* set: what the CPU's counters said; NULL */
	char *qemu;		/* set: its version; NULL */
	char failure[1024];	/* set when it failed */
};

/* Set run->failure; returns false. */
bool bench_run_failed(struct bench_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The path of a file in a directory, to be freed. */
char *bench_run_file(const char *dir, const char *name);

#endif /* BENCH_RUN_H */
