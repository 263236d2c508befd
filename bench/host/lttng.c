/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lttng.c - the other end of vmiprof-bench-lttng's pipes
 *
 * A line asks for a round, a line answers: a number, or "skip: " and why.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lttng.h"

#define PROGRAM		"vmiprof-bench-lttng"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* The line without its end; false at the end of the file. */
static bool get_line(struct lttng *lttng, char *line, size_t bytes)
{
	if (!fgets(line, (int)bytes, lttng->from))
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

static void run_program(const char *program, int cpu, const int to[2],
			const int from[2])
{
	const char *slash = strrchr(program, '/');
	char path[4096], cpu_text[16];

	snprintf(path, sizeof(path), "%.*s" PROGRAM,
		 slash ? (int)(slash + 1 - program) : 0, program);
	snprintf(cpu_text, sizeof(cpu_text), "%d", cpu);
	if (dup2(to[0], STDIN_FILENO) < 0 || dup2(from[1], STDOUT_FILENO) < 0)
		_exit(1);
	close(to[0]);
	close(to[1]);
	close(from[0]);
	close(from[1]);
	execlp(path, path, cpu_text, (char *)NULL);
	printf("skip: %s %s\n", path, errno == ENOENT ?
	       "was not built: liblttng-ust-dev is missing, scripts/setup.sh installs it" :
	       strerror(errno));
	fflush(stdout);
	_exit(0);
}

static int reap(struct lttng *lttng)
{
	int status = 0;

	fclose(lttng->to);
	fclose(lttng->from);
	while (waitpid(lttng->pid, &status, 0) < 0 && errno == EINTR)
		;
	lttng->pid = 0;
	return status;
}

bool lttng_start(struct lttng *lttng, const char *program, int cpu)
{
	int to[2], from[2];
	char line[sizeof(lttng->why)];

	fflush(stdout);
	if (pipe(to) || pipe(from))
		die("pipe");
	lttng->pid = fork();
	if (lttng->pid < 0)
		die("fork");
	if (!lttng->pid)
		run_program(program, cpu, to, from);
	close(to[0]);
	close(from[1]);
	lttng->to = fdopen(to[1], "w");
	lttng->from = fdopen(from[0], "r");
	if (!lttng->to || !lttng->from)
		die("fdopen");
	if (get_line(lttng, line, sizeof(line)) && !strcmp(line, "ready"))
		return true;
	snprintf(lttng->why, sizeof(lttng->why), "%s",
		 strncmp(line, "skip: ", 6) ? "its program gave no answer" :
					      line + 6);
	reap(lttng);
	return false;
}

double lttng_measure(struct lttng *lttng)
{
	char line[64];

	fputs("go\n", lttng->to);
	fflush(lttng->to);
	if (!get_line(lttng, line, sizeof(line))) {
		fprintf(stderr, "%s ended in the middle\n", PROGRAM);
		exit(1);
	}
	return strtod(line, NULL);
}

bool lttng_end(struct lttng *lttng)
{
	int status;

	if (!lttng->pid)
		return true;
	fputs("end\n", lttng->to);
	fflush(lttng->to);
	if (!get_line(lttng, lttng->why, sizeof(lttng->why)))
		snprintf(lttng->why, sizeof(lttng->why), "it ended early");
	status = reap(lttng);
	return !status && !strcmp(lttng->why, "ok");
}
