/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program_run.h - run a program of a benchmark to its end, and time it
 */
#ifndef PROGRAM_RUN_H
#define PROGRAM_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "bench_run.h"
#include "lib/child.h"

/* The next bytes that a program printed; nr is 0 now and then while it waits. */
typedef void program_feed_fn(void *arg, const char *bytes, size_t nr);

/*
 * Feed what the child prints until it closes its output.  False, with
 * run->failure set, when it must be ended: by a signal of ours, or since it took
 * longer than --timeout.
 */
bool program_read(struct bench_run *run, struct child *child,
		  program_feed_fn *feed, void *arg);

struct program_output {
	char *text;		/* what it printed, to be freed */
	size_t bytes;
	double seconds;		/* from its start to its end */
	long max_kib;		/* of memory that it had at once */
	bool missing;		/* there is no such program */
};

/*
 * Run argv[0], looked up in PATH.  False, with run->failure set, when it cannot be
 * started, does not end with status 0, or was ended: by a signal of ours, or since
 * it took longer than --timeout.  output->text is set in any case.
 */
bool program_run(struct bench_run *run, char *const argv[],
		 struct program_output *output);

#endif /* PROGRAM_RUN_H */
