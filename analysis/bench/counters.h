/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counters.h - the CPU's own counters around a run, by perf stat
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/child.h"

/* Arguments of perf in front of those of the program itself. */
#define COUNTERS_MAX_ARGS	16

/*
 * Fill argv with what runs perf stat writing to path; a program's own arguments
 * follow.  Returns how many there are: none when perf is not installed.
 */
size_t counters_wrap(char **argv, const char *path);

/* Have perf count for a process that runs already, until that ends. */
struct counters {
	struct child perf;
	int error;		/* errno value of starting it, 0: it runs */
};

void counters_attach(struct counters *counters, pid_t pid, const char *path);
void counters_detach(struct counters *counters);

/*
 * What perf wrote to path, in words: "cycles 123, instructions 456", or "not
 * supported on this CPU".  To be freed.
 */
char *counters_text(const char *path);

#endif /* COUNTERS_H */
