/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scratch.h - a directory for a unit test, and quiet while it provokes errors
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A new directory; to be removed with scratch_remove(). */
static inline char *scratch_new(void)
{
	char *dir = NULL;
	const char *tmp = getenv("TMPDIR");

	if (asprintf(&dir, "%s/vmiprof-test-XXXXXX", tmp ? tmp : "/tmp") < 0 ||
	    !mkdtemp(dir))
		err(EXIT_FAILURE, "scratch directory");
	return dir;
}

/* Remove the directory with the files that synth.h makes in it. */
static inline void scratch_remove(char *dir)
{
	static const char *const names[] = {
		"metadata",	"vcpu0", "vcpu1", "vcpu2",
		"run/run.json", "run",	 "image", "results.json",
		"again.json",	""};
	char path[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)remove(path);
	}
	free(dir);
}

/* Send stderr to /dev/null; returns what scratch_loud() wants. */
static inline int scratch_quiet(void)
{
	int saved = dup(STDERR_FILENO);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (saved < 0 || null < 0 || dup2(null, STDERR_FILENO) < 0)
		err(EXIT_FAILURE, "/dev/null");
	(void)close(null);
	return saved;
}

static inline void scratch_loud(int saved)
{
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
}

#endif /* SCRATCH_H */
