/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run_info.h - run/run.json of a trace: what ran, where, and what was counted
 *
 * The file is what the recorder knew when it ended.  A recorder that was killed
 * leaves none; all is unknown then.
 */
#ifndef RUN_INFO_H
#define RUN_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "level.h"
#include "lib/problems.h"
#include "vmi/trace.h"

#define RUN_INFO_FORMAT		"vmiprof-run"
#define RUN_INFO_VERSION	1

#define RUN_COMPLETE		"complete"	/* status of what ended by itself */
#define RUN_VCPU_MAX		255

/*
 * What the levels without events keep of a call.  Bucket b holds calls whose cycles
 * have b significant bits, the last one all that are longer, too; at level count
 * there are none.  Calls in which a handler made another are in no bucket.
 */
struct call_totals {
	uint64_t count;
	uint64_t interrupted;
	uint64_t sum_cycles;	/* of the calls in buckets */
	uint64_t bucket[VMI_AGG_BUCKETS];
};

/* Whether the file with the symbols is of the build that ran. */
enum symbols_check {
	SYMBOLS_NOT_CHECKED,	/* not known */
	SYMBOLS_FIT,		/* its build-id was in the guest's memory */
	SYMBOLS_DIFFER,		/* it was not */
};

#define RUN_MODE_BYTES	25	/* "native+stub+inline+count" */

/* From then on the sites of a call were in that mode. */
struct run_mode {
	unsigned int nr;		/* of the call */
	/* "native", "stub", "inline", "count"; "inline+stub": by site */
	char mode[RUN_MODE_BYTES];
	uint64_t time;			/* the guest's TSC */
	double since_s;			/* after its first instruction */
};

/* What the cycles of calls are. */
enum run_cycles {
	RUN_CYCLES_UNKNOWN,	/* nobody says it, or not everybody the same */
	RUN_CYCLES_EMULATED,	/* what emulating a call took */
	RUN_CYCLES_HARDWARE,	/* of the CPU's own clock */
};

/* What a vCPU's stream should hold. */
struct run_vcpu {
	unsigned int vcpu;	/* its number */
	uint64_t recorded;	/* events */
	uint64_t lost;		/* and those that are not in it */
};

struct run_info {
	bool known;		/* there is a file */

	/* NULL: not known. */
	char *status;		/* "complete" or "partial" */
	char *reason;
	char *guest;
	char *rom_file, *rom_name, *rom_api;
	char *accelerator, *accelerator_reason;
	char *cpu, *kernel, *qemu, *vmiprof;
	char *started;
	char *exit_kind;
	char *guest_kernel;	/* the file that QEMU booted */
	char *guest_words;	/* its command line */
	char *dump_why;		/* a dump of a flight recorder; NULL: none */
	uint64_t dump_number;
	char *symbols_file;	/* where it was when the guest was recorded */
	char *symbols_build_id;	/* hexadecimal */
	enum symbols_check symbols_check;

	enum run_level level;
	uint64_t every;			/* Nth call is measured; 0: each */
	struct call_totals *totals;	/* [VMI_NR_SLOTS]; NULL: not known */

	/* Calls that their sites counted and made natively: in no event. */
	uint64_t site_counts[VMI_NR_SLOTS];

	/* Modes of call sites, by time; none: not known. */
	size_t nr_modes;
	struct run_mode *modes;

	/* The guest's TSC on the host's CLOCK_MONOTONIC; docs/clock.md. */
	bool clock_known;
	int64_t clock_offset_ns;	/* when the TSC was 0 */
	uint64_t clock_error_ns;
	char *clock_how;		/* or why it is not known; or NULL */

	bool icount;
	bool lossless;
	double duration_s;	/* 0: not known */
	uint64_t tsc_hz;	/* 0: not known */
	uint64_t tsc_step;	/* cycles that it moves at a time; 0: not known */
	enum run_cycles cycles;	/* once run_info_settle() was asked */

	size_t nr_vcpus;
	struct run_vcpu *vcpus;

	/* Sums over all vCPUs. */
	bool counts_known;
	uint64_t events_counted;
	uint64_t events_recorded;
	uint64_t events_lost;
	uint64_t events_overwritten;	/* by later ones: a flight recorder */
	uint64_t events_after_end;	/* made after what the trace holds last */
	uint64_t wait_cycles;
	uint64_t counted[VMI_NR_SLOTS];

	/* Null unless it was fed on every vCPU. */
	bool stolen_known;
	uint64_t stolen_cycles;
	char *stolen_reason;	/* why not */
};

/*
 * Read DIR/run/run.json.  What is wrong with it is told and added to problems;
 * the fields that could not be read stay unknown.  Free with run_info_free().
 */
struct run_info *run_info_read(const char *dir, struct problems *problems);

void run_info_free(struct run_info *info);

/* Add to a sum, which stays at its maximum instead of beginning anew. */
static inline void run_add(uint64_t *sum, uint64_t value)
{
	if (__builtin_add_overflow(*sum, value, sum))
		*sum = UINT64_MAX;
}

#endif /* RUN_INFO_H */
