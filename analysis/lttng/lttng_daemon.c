// SPDX-License-Identifier: GPL-2.0-only
#include "lttng_daemon.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/tsc.h"

#define END_POLL_NS	10000000
#define END_POLLS	500

/* The daemon is no child of ours: it tells its process in this file. */
static pid_t read_pid(const char *path)
{
	char line[32] = "";
	FILE *file = fopen(path, "re");
	long pid;

	if (!file)
		return 0;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	(void)fclose(file);
	pid = strtol(line, NULL, 10);
	return pid > 1 ? (pid_t)pid : 0;
}

static bool run_daemon(char *pid_path)
{
	/* Kernel tracing, which loads modules, is not ours to ask for. */
	char *const argv[] = { "lttng-sessiond", "--daemonize", "--no-kernel",
			       "--pidfile", pid_path, NULL };
	struct child child;
	int error = child_open(&child, argv, CHILD_STDOUT);
	int status;

	if (error) {
		warnx("cannot start lttng-sessiond: %s%s", strerror(error),
		      error == ENOENT ? "; the package lttng-tools has it" : "");
		return false;
	}
	status = child_close(&child);
	if (status)
		warnx("lttng-sessiond ended with status %d", status);
	return !status;
}

bool lttng_daemon_start(const struct lttng_session_control *control, bool quiet,
			pid_t *pid)
{
	char pid_path[] = "/tmp/vmiprof-sessiond-XXXXXX";
	int fd;
	bool ok;

	*pid = 0;
	if (control->daemon_alive())
		return true;
	fd = mkstemp(pid_path);
	if (fd < 0) {
		warn("%s", pid_path);
		return false;
	}
	close(fd);
	ok = run_daemon(pid_path) && control->daemon_alive();
	if (ok) {
		*pid = read_pid(pid_path);
		if (!quiet)
			warnx("no LTTng session daemon ran; started lttng-sessiond, process %d",
			      (int)*pid);
	} else {
		warnx("there is no LTTng session daemon to record with");
	}
	(void)unlink(pid_path);
	return ok;
}

/* Whether it has gone within some seconds. */
static bool end_process(pid_t pid, int signal)
{
	if (kill(pid, signal))
		return true;
	for (int i = 0; i < END_POLLS && !kill(pid, 0); i++)
		nap(END_POLL_NS);
	return kill(pid, 0) != 0;
}

void lttng_daemon_end(const struct lttng_session_control *control, bool quiet,
		      pid_t pid)
{
	if (!pid || kill(pid, 0))
		return;
	if (control->nr_sessions() > 0) {
		if (!quiet)
			warnx("lttng-sessiond, process %d, was started here and has sessions of others now: it stays",
			      (int)pid);
		return;
	}
	(void)end_process(pid, SIGTERM);
}

void lttng_daemon_kill(pid_t pid)
{
	if (pid && !end_process(pid, SIGTERM))
		(void)end_process(pid, SIGKILL);
}
