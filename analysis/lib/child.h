/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * child.h - run another program with a pipe to or from it
 *
 * No shell is in between, so arguments need no quoting.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	FILE *pipe;
};

enum child_pipe {
	CHILD_STDOUT,	/* read what it prints */
	CHILD_STDIN,	/* write what it reads */
	/* As the first; kill(-pid) reaches it and all that it starts. */
	CHILD_STDOUT_GROUP,
};

/*
 * Start argv[0], looked up in PATH.  Returns 0 or an errno value: ENOENT means
 * that there is no such program.  Write end: SIGPIPE is the caller's to ignore.
 */
int child_open(struct child *child, char *const argv[], enum child_pipe end);

/* The same with CHILD_STDIN; what it prints goes to out_fd. */
int child_open_filter(struct child *child, char *const argv[], int out_fd);

/*
 * Close the pipe and wait.  Returns the exit status, 128 + n after signal n, or
 * -1 when closing the pipe failed.
 */
int child_close(struct child *child);

/* The same; what it used, as getrusage(2) has it. */
int child_close_usage(struct child *child, struct rusage *usage);

#endif /* CHILD_H */
