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

/*
 * Run it and feed the reader.  False, with failure set, unless it ended as it
 * should, after its last line.
 */
bool bench_run(struct bench_run *run, struct raw_reader *reader);

/* Set run->failure; returns false. */
bool bench_run_failed(struct bench_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* BENCH_RUN_H */
