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
		null = open("/dev/null", O_RDWR);
		out = open(path, O_WRONLY | O_CREAT, 0600);
		dup2(null, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return 127;
	return WEXITSTATUS(status);
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
	for (int i = 0; pid > 1 && i < 500 && !kill((pid_t)pid, 0); i++)
		usleep(10000);
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

int lttng_run_self(char **argv)
{
	int status = 1;
	pid_t pid = fork();

	if (!pid) {
		execv("/proc/self/exe", argv);
		_exit(1);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
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
