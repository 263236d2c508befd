/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record_options.h - the command line of "vmiprof record"
 */
#ifndef RECORD_OPTIONS_H
#define RECORD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "dump_condition.h"
#include "guest/accel.h"
#include "trace/run_info.h"

struct record_options {
	const char *output;		/* NULL: nothing but LTTng */
	bool force;
	const char *guest;		/* "embedded", "linux", "none" or a file */
	const char *disk;		/* an image; NULL: none */
	const char *rom;		/* "trace", "aggregate", "native", "none" or a file */
	enum run_level level;
	unsigned int stamp_every;	/* 0: not given */
	const char *initrd;		/* NULL: the guest's own */
	const char *vmlinux;		/* NULL: the guest's own, if known */
	const char *append;		/* "": nothing to add */
	enum accel accel;
	bool icount;
	unsigned int memory_mib;
	unsigned int smp;
	bool lossless;
	unsigned int timeout_s;		/* 0: none */
	unsigned int duration_s;	/* 0: as long as the guest runs */
	uint64_t max_bytes;		/* of the stream; 0: no limit */
	uint64_t overwrite_bytes;	/* of the flight recorder; 0: none */
	struct dump_condition dump_on[DUMP_CONDITIONS_MAX];
	unsigned int nr_dump_on;
	unsigned int max_dumps;		/* by these conditions */
	bool perf;
	bool lttng;
	const char *lttng_session;	/* NULL: one of our own */
	const char *lttng_url;		/* NULL: local */
	bool console;
	bool quiet;
	char *const *qemu_args;		/* ends with NULL */
};

/* Parse; explains misuse and exits. */
void record_options_parse(struct record_options *options, int argc,
			  char **argv);

/*
 * The whole command as it was given, ends with NULL; to be freed.  argv[0] is
 * for usage messages.
 */
char **record_options_command(int argc, char **argv);

#endif /* RECORD_OPTIONS_H */
