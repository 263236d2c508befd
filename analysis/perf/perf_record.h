/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * perf_record.h - perf record as a child, on QEMU's vCPU thread
 *
 * It samples where the host runs that thread, by CLOCK_MONOTONIC, to which the
 * clock map (record/clock_map.h) brings the guest's events.
 */
#ifndef PERF_RECORD_H
#define PERF_RECORD_H

#include <stdbool.h>
#include <sys/types.h>

struct perf_record {
	pid_t pid;		/* 0: it does not run */
	int control;		/* socket: commands to perf, "ack" from it */
	char *log_path;
	char error[640];
};

/*
 * Start sampling thread tid into data_path, perf's messages going to log_path;
 * when this returns true perf samples.  False, with perf->error saying what is
 * missing and what to do, when perf cannot be run or may not.  PERF in the
 * environment names another perf.
 */
bool perf_record_start(struct perf_record *perf, pid_t tid,
		       const char *data_path, const char *log_path);

/* Let it write its file and wait.  False, with perf->error set, if it failed. */
bool perf_record_stop(struct perf_record *perf);

#endif /* PERF_RECORD_H */
