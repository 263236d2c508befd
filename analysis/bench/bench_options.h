/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench_options.h - the command line of "vmiprof bench"
 */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>

#include "results/results.h"

enum bench_set {
	SET_GUEST,	/* the embedded guest, each call in each form */
	SET_HOST,	/* the ROMs' stubs in a process on the real CPU */
	SET_LINUX,	/* whole operations of the patched Linux */
	SET_DRAIN,	/* from the recorder to a trace on disk */
	SET_REPORT,	/* from that to a report */
	NR_SETS,
};

struct bench_options {
	char *set_text;			/* as it was given */
	bool set[NR_SETS];
	bool full;
	bool platform[NR_PLATFORMS];
	bool platform_named;		/* by --platform: it had better run */
	const char *output;		/* NULL: only the table */
	const char *only;		/* NULL: all calls, all benchmarks */
	unsigned int samples;		/* 0: as many as the set says */
	unsigned int repeat;		/* 0: the same */
	unsigned int events;		/* of drain and report; 0: as the set says */
	unsigned int timeout_s;		/* of one boot or program run */
	bool quiet;
};

/* What the sets record and read without --events. */
#define BENCH_DRAIN_EVENTS	32000000
#define BENCH_REPORT_EVENTS	100000800	/* 100 million and a turn's rest */

extern const char *const bench_set_names[NR_SETS];

/* Whether the platform measures something of the set. */
bool bench_set_has(enum bench_set set, enum result_platform platform);

/* Parse; explains misuse and exits. */
void bench_options_parse(struct bench_options *options, int argc, char **argv);

void bench_options_free(struct bench_options *options);

#endif /* BENCH_OPTIONS_H */
