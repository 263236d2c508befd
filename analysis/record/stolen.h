/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stolen.h - how long the host kept a vCPU's thread ready but not running
 *
 * The second field of /proc/PID/task/TID/schedstat is the time that the thread
 * waited on a run queue: what the VMI calls STOLEN.
 */
#ifndef STOLEN_H
#define STOLEN_H

#include <stdint.h>
#include <sys/types.h>

struct stolen {
	int fd;			/* -1: not available, see reason */
	uint64_t base_ns;	/* what counts as 0 */
	uint64_t last_ns;
	char reason[120];
};

/* Start at 0 now for thread tid of process pid. */
void stolen_open(struct stolen *stolen, pid_t pid, pid_t tid);

/* Not available from the start, for this reason. */
void stolen_without(struct stolen *stolen, const char *reason);

/* Nanoseconds since stolen_open; the last value again once the thread is gone. */
uint64_t stolen_ns(struct stolen *stolen);

void stolen_close(struct stolen *stolen);

#endif /* STOLEN_H */
