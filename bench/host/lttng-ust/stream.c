/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stream.c - vmiprof-bench-lttng CPU CONSUMER-CPU EVENTS DIR: events per second
 * into an LTTng trace on disk, none of them lost
 *
 * The channel blocks when its buffers are full, as the recorder does in lossless
 * mode; they are as large as its ring.  The time is the application's: what the
 * consumer still has to write when the last event was made is not counted.
 */
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "provider.h"
#include "session.h"

#define SUBBUF_SIZE	"--subbuf-size=1048576"
#define SUBBUF_NUMBER	"--num-subbuf=4"
/* Compact header, three 32-bit fields. */
#define EVENT_BYTES_MIN	16

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The second of both runs: the session has begun. */
static int emit(const char *cpu, uint32_t events)
{
	double begin;

	lttng_pin(cpu);
	if (!lttng_ust_tracepoint_enabled(vmiprof, call))
		lttng_skip("LTTng did not enable the event");
	begin = now_s();
	for (uint32_t i = 0; i < events; i++)
		lttng_ust_tracepoint(vmiprof, call, i << 9, 0x1234, i);
	printf("%.0f\n", events / (now_s() - begin));
	return fclose(stdout) ? 1 : 0;
}

static int start_session(const char *home)
{
	char output[300];

	snprintf(output, sizeof(output), "--output=%s/trace", home);
	return lttng_start_daemon(home) ||
	       LTTNG_RUN("lttng", "--no-sessiond", "create", "vmiprof",
			 output) ||
	       LTTNG_RUN("lttng", "--no-sessiond", "enable-channel", "-u",
			 "ring", "-s", "vmiprof", SUBBUF_SIZE, SUBBUF_NUMBER,
			 "--blocking-timeout=inf") ||
	       LTTNG_RUN("lttng", "--no-sessiond", "enable-event", "-u",
			 "vmiprof:call", "-s", "vmiprof", "-c", "ring") ||
	       LTTNG_RUN("lttng", "--no-sessiond", "start", "vmiprof");
}

static uint64_t trace_bytes;

static int add_bytes(const char *path, const struct stat *status, int type)
{
	(void)path;
	if (type == FTW_F)
		trace_bytes += (uint64_t)status->st_size;
	return 0;
}

/* What LTTng says of lost events, and whether the files can hold all. */
static int check(const char *home, uint32_t events)
{
	static const char label[] = "Discarded events:";
	static const char *const list[] = { "lttng", "--no-sessiond", "list",
					    "vmiprof", NULL };
	char line[256], path[300];
	unsigned long long discarded = 0;
	bool told = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s/list", home);
	file = lttng_run_to(path, list) ? NULL : fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, label);

		if (!at)
			continue;
		discarded += strtoull(at + strlen(label), NULL, 10);
		told = true;
	}
	if (file)
		fclose(file);
	snprintf(path, sizeof(path), "%s/trace", home);
	(void)ftw(path, add_bytes, 16);
	if (told && !discarded &&
	    trace_bytes >= (uint64_t)events * EVENT_BYTES_MIN)
		return 0;
	fprintf(stderr, "vmiprof-bench-lttng: of %u events %llu were discarded, and the trace has %llu bytes\n",
		events, discarded, (unsigned long long)trace_bytes);
	return 1;
}

int lttng_stream(char **argv)
{
	uint32_t events = (uint32_t)strtoul(argv[3], NULL, 10);
	char home[256];
	int status;

	if (getenv(LTTNG_HOME_VARIABLE))
		return emit(argv[1], events);
	snprintf(home, sizeof(home), "%s/lttng-XXXXXX", argv[4]);
	lttng_catch_signals();
	if (!mkdtemp(home))
		lttng_skip("no directory for LTTng");
	setenv("LTTNG_HOME", home, 1);
	setenv("LTTNG_UST_REGISTER_TIMEOUT", "-1", 1);
	setenv("LTTNG_UST_ALLOW_BLOCKING", "1", 1);
	setenv(LTTNG_HOME_VARIABLE, home, 1);
	/* Daemon and consumer inherit it. */
	lttng_pin(argv[2]);
	if (start_session(home)) {
		lttng_clean_up(home);
		lttng_skip("no session of LTTng: is lttng-tools installed, and no other session daemon running?");
	}
	status = lttng_run_self(argv);
	if (!status && LTTNG_RUN("lttng", "--no-sessiond", "stop", "vmiprof"))
		status = 1;
	if (!status)
		status = check(home, events);
	/* After an application that was killed, it would wait for its data. */
	if (!status)
		(void)LTTNG_RUN("lttng", "--no-sessiond", "destroy", "vmiprof");
	lttng_clean_up(home);
	return status;
}
