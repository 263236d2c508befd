/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session.c - see session.h
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session.h"

#define PID_FILE	"sessiond.pid"

static volatile sig_atomic_t stopped;

void lttng_skip(const char *what)
{
	printf("skip: %s\n", what);
	exit(0);
}

int lttng_run_to(const char *path, const char *const argv[])
{
	int status, null, out;
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		null = open("/dev/null", O_RDWR);
		out = open(path, O_WRONLY | O_CREAT, 0600);
		dup2(null, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0)
		return 127;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return 127;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

void lttng_clean_up(const char *home)
{
	char path[256];
	char line[32];
	FILE *file;
	long pid = 0;

	snprintf(path, sizeof(path), "%s/" PID_FILE, home);
	file = fopen(path, "r");
	if (file) {
		if (fgets(line, sizeof(line), file))
			pid = strtol(line, NULL, 10);
		fclose(file);
	}
	if (pid > 1)
		kill((pid_t)pid, SIGTERM);
	for (int i = 0; pid > 1 && i < 300 && !kill((pid_t)pid, 0); i++)
		usleep(10000);
	/* What it waits for may never come; its consumers are of its group. */
	if (pid > 1 && !kill((pid_t)pid, 0))
		kill((pid_t)-pid, SIGKILL);
	LTTNG_RUN("rm", "-rf", home);
}

/*
 * As root all session daemons share one directory: another one, and what it
 * traces, is left alone where this process may have its own view of it.
 */
static void hide_other_daemons(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return;
	(void)mount("none", "/var/run", "tmpfs", 0, NULL);
}

int lttng_start_daemon(const char *home)
{
	char path[256];

	hide_other_daemons();
	snprintf(path, sizeof(path), "%s/" PID_FILE, home);
	return LTTNG_RUN("lttng-sessiond", "-b", "--no-kernel", "-p", path);
}

static void on_signal(int signal)
{
	stopped = signal;
}

void lttng_catch_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

int lttng_run_self(char **argv)
{
	sigset_t ends, old;
	int status = 1;
	pid_t pid;

	/* None may be lost on the way of the other run to its program. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, &old);
	pid = stopped ? -1 : fork();
	if (!pid) {
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		sigprocmask(SIG_SETMASK, &old, NULL);
		execv("/proc/self/exe", argv);
		_exit(1);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		return 1;
	if (stopped)
		kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		kill(pid, SIGTERM);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

void lttng_pin(const char *cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(strtoul(cpu, NULL, 10), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		lttng_skip("the program cannot be pinned to the CPU");
}
