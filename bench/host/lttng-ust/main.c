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
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "provider.h"
#include "session.h"

#define EVENTS		1440	/* per round, as many as calls */
#define WARM_UP		500
/* As small as fits the caches, for a cost that is not the memory's. */
#define SUBBUF_SIZE	"--subbuf-size=16384"
#define SUBBUF_NUMBER	"--num-subbuf=4"

static int start_session(const char *home)
{
	return lttng_start_daemon(home) ||
	       LTTNG_RUN("lttng", "--no-sessiond", "create", "vmiprof",
		   "--snapshot") ||
	       LTTNG_RUN("lttng", "--no-sessiond", "enable-channel", "-u", "ring",
		   "-s", "vmiprof", SUBBUF_SIZE, SUBBUF_NUMBER) ||
	       LTTNG_RUN("lttng", "--no-sessiond", "enable-event", "-u",
		   "vmiprof:call", "-s", "vmiprof", "-c", "ring") ||
	       LTTNG_RUN("lttng", "--no-sessiond", "start", "vmiprof");
}

/* The first of both runs: no tracing yet. */
static int start_all(char **argv)
{
	char home[] = "/tmp/vmiprof-lttng-XXXXXX";
	int status;

	if (!mkdtemp(home))
		lttng_skip("no directory in /tmp for LTTng");
	setenv("LTTNG_HOME", home, 1);
	setenv("LTTNG_UST_REGISTER_TIMEOUT", "-1", 1);
	setenv(LTTNG_HOME_VARIABLE, home, 1);
	if (start_session(home)) {
		lttng_clean_up(home);
		lttng_skip("no session of LTTng: is lttng-tools installed, and no other session daemon running?");
	}
	status = lttng_run_self(argv);
	lttng_clean_up(home);
	return status;
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

int main(int argc, char **argv)
{
	char line[16];

	if (argc == 5)
		return lttng_stream(argv);
	if (argc != 2) {
		fprintf(stderr, "usage: vmiprof-bench-lttng CPU [CONSUMER-CPU EVENTS DIR]\n");
		return 2;
	}
	if (!getenv(LTTNG_HOME_VARIABLE))
		return start_all(argv);
	lttng_pin(argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* An event that nobody asked for would cost a load and a branch. */
	if (!lttng_ust_tracepoint_enabled(vmiprof, call))
		lttng_skip("LTTng did not enable the event");
	puts("ready");
	while (fgets(line, sizeof(line), stdin) && !strcmp(line, "go\n"))
		printf("%.4f\n", measure());
	puts("ok");
	return 0;
}
