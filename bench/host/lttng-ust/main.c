/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - vmiprof-bench-lttng CPU: what an LTTng-UST event costs there
 *
 * Speaks with lttng.c over standard input and output.  It has a session daemon
 * and a directory of its own, and takes both away at the end.  The session is a
 * snapshot: its ring is overwritten and never read, so no event is discarded and
 * no consumer runs beside the loop.  The session daemon has to know the
 * application before main(), so this program starts the daemon, then itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "provider.h"

#define EVENTS		1440	/* per round, as many as calls */
#define WARM_UP		500
/* As small as fits the caches, for a cost that is not the memory's. */
#define SUBBUF_SIZE	"--subbuf-size=16384"
#define SUBBUF_NUMBER	"--num-subbuf=4"
#define HOME_VARIABLE	"VMIPROF_LTTNG_HOME"
#define PID_FILE	"sessiond.pid"

static void skip(const char *what)
{
	printf("skip: %s\n", what);
	exit(0);
}

/* Runs a program without its output; its exit status, 127 when not there. */
static int run(const char *const argv[])
{
	int status, null;
	pid_t pid = fork();

	if (!pid) {
		null = open("/dev/null", O_RDWR);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return 127;
	return WEXITSTATUS(status);
}

#define RUN(...) run((const char *const[]){ __VA_ARGS__, NULL })

/* The daemon by its pid file, and the directory. */
static void clean_up(const char *home)
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
	RUN("rm", "-rf", home);
}

static int start_session(const char *home)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/" PID_FILE, home);
	if (RUN("lttng-sessiond", "-b", "--no-kernel", "-p", path))
		return -1;
	return RUN("lttng", "--no-sessiond", "create", "vmiprof",
		   "--snapshot") ||
	       RUN("lttng", "--no-sessiond", "enable-channel", "-u", "ring",
		   "-s", "vmiprof", SUBBUF_SIZE, SUBBUF_NUMBER) ||
	       RUN("lttng", "--no-sessiond", "enable-event", "-u",
		   "vmiprof:call", "-s", "vmiprof", "-c", "ring") ||
	       RUN("lttng", "--no-sessiond", "start", "vmiprof");
}

/* The first of both runs: no tracing yet. */
static int start_all(char **argv)
{
	char home[] = "/tmp/vmiprof-lttng-XXXXXX";
	int status = 1;
	pid_t pid;

	if (!mkdtemp(home))
		skip("no directory in /tmp for LTTng");
	setenv("LTTNG_HOME", home, 1);
	setenv("LTTNG_UST_REGISTER_TIMEOUT", "-1", 1);
	setenv(HOME_VARIABLE, home, 1);
	if (start_session(home)) {
		clean_up(home);
		skip("no session of LTTng: is lttng-tools installed, and no other session daemon running?");
	}
	pid = fork();
	if (!pid) {
		execv("/proc/self/exe", argv);
		_exit(1);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	clean_up(home);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static uint64_t tsc_ordered(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence"
			 : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* Its caches are those of whoever ran before: warm them first. */
static double measure(void)
{
	uint64_t start;

	for (uint32_t i = 0; i < WARM_UP; i++)
		lttng_ust_tracepoint(vmiprof, call, i << 9, 0x1234, i);
	start = tsc_ordered();
	for (uint32_t i = 0; i < EVENTS; i++)
		lttng_ust_tracepoint(vmiprof, call, i << 9, 0x1234, i);
	return (double)(tsc_ordered() - start) / EVENTS;
}

static void pin(const char *cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(strtoul(cpu, NULL, 10), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		skip("the program cannot be pinned to the CPU");
}

int main(int argc, char **argv)
{
	char line[16];

	if (argc != 2) {
		fprintf(stderr, "usage: vmiprof-bench-lttng CPU\n");
		return 2;
	}
	if (!getenv(HOME_VARIABLE))
		return start_all(argv);
	pin(argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* An event that nobody asked for would cost a load and a branch. */
	if (!lttng_ust_tracepoint_enabled(vmiprof, call))
		skip("LTTng did not enable the event");
	puts("ready");
	while (fgets(line, sizeof(line), stdin) && !strcmp(line, "go\n"))
		printf("%.4f\n", measure());
	puts("ok");
	return 0;
}
