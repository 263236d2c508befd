/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * live.h - what a guest that is being recorded does right now
 *
 * All comes from the guest's memory, which is only read.  How often each call is
 * made is exact: the counters of ROM and call sites tell.  Cycles and sites come
 * from records that still lie in the ring, those that there is time to look at:
 * a sample.  They are copied first, and left out if the guest may have been
 * overwriting them meanwhile.  No number found there is trusted.
 */
#ifndef LIVE_H
#define LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/guest_ram.h"
#include "record/totals.h"
#include "record/trace_rom.h"
#include "trace/run_info.h"
#include "trace/sites.h"
#include "vmi/trace.h"

/* A call, or one of its sites, over an interval.  NAN: not known. */
struct live_row {
	unsigned int nr;
	uint32_t ret;		/* return address; 0: the call as a whole */
	double per_s;
	double share_calls;	/* of all calls, 0 to 1 */
	double share_cycles;	/* of all calls' own cycles, 0 to 1 */
	double share_time;	/* of the vCPU's time, 0 to 1 */
	double mean_cycles;	/* of a call that no handler interrupted */
	double max_cycles;	/* of those seen */
};

struct live_vcpu {
	double per_s;
	double share_calls;
};

/* One interval. */
struct live_shot {
	double seconds;
	double per_s;		/* all calls */
	uint64_t calls;		/* the same, not divided */
	double lost_per_s;
	uint64_t lost;		/* since the recording began */
	double share_wait;	/* of the time, for room in the ring; or NAN */
	double sampled;		/* records seen of all calls made, 0 to 1 */
	size_t nr_calls;	/* rows, by number; those made in the interval */
	struct live_row call[VMI_NR_SLOTS];
	size_t nr_sites;	/* rows; the caller frees them */
	struct live_row *site;
	size_t nr_vcpus;
	struct live_vcpu vcpu[TOTALS_CPUS_MAX];
};

struct live {
	const struct guest_ram *ram;
	double tsc_hz;			/* 0: not known */
	bool on;			/* the guest has called Init */
	enum run_level level;
	struct trace_rom rom;
	const struct vmi_trace_ctl *ctl;
	char error[200];		/* "" or what the guest got wrong */
	bool expects;			/* that ROMs keep what this level needs */
	enum run_level expected;

	/* Of the interval that has begun last. */
	uint64_t begin_ns;
	struct totals totals;
	struct call_totals before[VMI_NR_SLOTS];
	uint64_t vcpu_before[TOTALS_CPUS_MAX];
	uint64_t lost, wait_cycles;
	struct sites *sites;
	uint64_t records;

	/* How far the ring was read: a packet, and bytes of it. */
	uint32_t packet;
	uint32_t offset;
	uint8_t *buffer;
	uint64_t totals_ns;
};

/* Begin; tsc_hz: cycles of the guest's TSC in a second, 0 if that is not known. */
void live_begin(struct live *live, const struct guest_ram *ram, double tsc_hz);

/* What is recorded, by its run.json: another ROM in memory is an error. */
void live_expect(struct live *live, enum run_level level);

/*
 * Look for the ROM, or at what is new in its ring.  To be called every few
 * milliseconds: the more often, the more is seen.  Returns false once there is an
 * error.
 */
bool live_look(struct live *live);

/* What there was since the last time; a new interval begins. */
void live_take(struct live *live, struct live_shot *shot);

void live_end(struct live *live);

#endif /* LIVE_H */
