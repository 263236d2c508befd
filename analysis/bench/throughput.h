/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * throughput.h - how many events a second whole programs record and read
 *
 * A producer makes calls on one CPU, the ring is drained on another.  The sets
 * drain and report are measured with it; docs/benchmarks.md says how.
 */
#ifndef THROUGHPUT_H
#define THROUGHPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "bench_run.h"
#include "producer.h"
#include "raw_protocol.h"
#include "vmi/calls.h"

struct throughput {
	struct bench_run *run;
	struct raw_reader *reader;
	struct producer producer;
	char *rom_file;
	uint32_t calls;		/* of a sample */
	int nr_cpus;		/* 1: both are the same */
	int producer_cpu, drain_cpu;
	void *old_affinity;
	char group[32];		/* by the kind of file system */
};

/* What was drained into a trace. */
struct drained {
	uint64_t events;
	double seconds;		/* from the first call to the last byte written */
	uint64_t counted[VMI_NR_SLOTS];
	uint32_t ring_bytes, subbuf_bytes;
};

/*
 * Start the producer and stay on the other CPU.  There must be room for so many
 * bytes in run->dir.  False with run->failure set.
 */
bool throughput_begin(struct throughput *t, struct bench_run *run,
		      struct raw_reader *reader, uint32_t calls,
		      uint64_t disk_bytes);

/* End the producer, and run where this process ran before. */
void throughput_release(struct throughput *t);

/* Also after a failure, once. */
void throughput_end(struct throughput *t);

/*
 * Have calls made and drained, all of them, into the stream file at path while
 * they are made.  False, with run->failure set, when one is lost, or counted and
 * not written.
 */
bool throughput_drain(struct throughput *t, const char *path,
		      const uint8_t uuid[16], struct drained *drained);

/* Whether --only leaves the form in. */
bool throughput_wants(const struct bench_run *run, enum result_form form);

/* Hand over what was measured, or why it was not, in the raw protocol. */
void throughput_case(struct throughput *t, const char *call,
		     enum result_form form, const double *samples, size_t nr);
void throughput_skip(struct throughput *t, const char *call,
		     enum result_form form, const char *why);

/* Measure a set: bench_drain.c, bench_report.c. */
bool bench_drain(struct bench_run *run, struct raw_reader *reader);
bool bench_report(struct bench_run *run, struct raw_reader *reader);

#endif /* THROUGHPUT_H */
