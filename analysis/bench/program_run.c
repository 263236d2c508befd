// SPDX-License-Identifier: GPL-2.0-only
#include "program_run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/tsc.h"

#define NS_PER_S	1000000000ull
#define OUTPUT_MAX	(1u << 20)	/* more is not kept */
#define LOOK_MS		100
#define GRACE_NS	(10 * NS_PER_S)
#define GRACE_STEP_NS	10000000

static void keep(void *arg, const char *bytes, size_t nr)
{
	struct program_output *output = arg;

	if (output->bytes + nr >= OUTPUT_MAX)
		return;
	output->text = realloc(output->text, output->bytes + nr + 1);
	if (!output->text)
		abort();
	memcpy(output->text + output->bytes, bytes, nr);
	output->bytes += nr;
	output->text[output->bytes] = '\0';
}

bool program_read(struct bench_run *run, struct child *child,
		  program_feed_fn *feed, void *arg)
{
	uint64_t deadline_ns = clock_ns() + run->options->timeout_s * NS_PER_S;
	struct pollfd ready = { .fd = fileno(child->pipe), .events = POLLIN };
	char bytes[16384];
	ssize_t n = 1;

	while (n) {
		if (*run->stop)
			return bench_run_failed(run, "interrupted by signal %d",
						*run->stop);
		if (clock_ns() > deadline_ns)
			return bench_run_failed(run, "it did not end within %u s (--timeout)",
						run->options->timeout_s);
		feed(arg, bytes, 0);
		if (poll(&ready, 1, LOOK_MS) <= 0)
			continue;
		n = read(ready.fd, bytes, sizeof(bytes));
		if (n > 0)
			feed(arg, bytes, (size_t)n);
		else if (n < 0 && errno != EINTR)
			return bench_run_failed(run, "reading: %s",
						strerror(errno));
	}
	return true;
}

/* It may have something to clean up; what does not end by itself is killed. */
static void end_group(pid_t pid)
{
	uint64_t deadline_ns = clock_ns() + GRACE_NS;
	siginfo_t info = { 0 };

	kill(-pid, SIGTERM);
	while (!waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
	       !info.si_pid && clock_ns() < deadline_ns)
		nap(GRACE_STEP_NS);
	kill(-pid, SIGKILL);
}

bool program_run(struct bench_run *run, char *const argv[],
		 struct program_output *output)
{
	uint64_t begin_ns = clock_ns();
	struct rusage usage = { 0 };
	struct child child;
	bool ended;
	int error, status;

	*output = (struct program_output){ 0 };
	keep(output, "", 0);
	error = child_open(&child, argv, CHILD_STDOUT_GROUP);
	output->missing = error == ENOENT;
	if (error)
		return bench_run_failed(run, "cannot run %s: %s", argv[0],
					strerror(error));
	ended = program_read(run, &child, keep, output);
	if (!ended)
		end_group(child.pid);
	status = child_close_usage(&child, &usage);
	output->max_kib = usage.ru_maxrss;
	output->seconds = (double)(clock_ns() - begin_ns) / NS_PER_S;
	if (ended && status)
		return bench_run_failed(run, "%s exited with status %d",
					argv[0], status);
	return ended;
}
