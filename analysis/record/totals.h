/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * totals.h - read what a guest and its ROM have added up, in guest memory
 *
 * For the levels below event.  Nothing is ever written there, so the guest is
 * not disturbed; no number found there is trusted.
 */
#ifndef TOTALS_H
#define TOTALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest/guest_ram.h"
#include "trace/run_info.h"
#include "trace_rom.h"
#include "vmi/trace.h"

#define TOTALS_CPUS_MAX		256

struct totals {
	const struct guest_ram *ram;
	struct trace_rom rom;
	enum run_level level;
	struct call_totals call[VMI_NR_SLOTS];
	char error[200];		/* "" or what the guest got wrong */
	uint64_t sampled_ns;		/* host clock; 0: not yet */
	/* Cycles since the guest began: no call took longer; 0: not known. */
	uint64_t cycles_max;

	/* level aggregate */
	const struct vmi_aggregate *table;
	struct vmi_aggregate seen[VMI_NR_SLOTS];

	/* level count: calls that the ROM made, and those in call sites */
	const uint32_t *rom_counters;
	uint32_t rom_seen[VMI_NR_SLOTS];
	uint32_t count_phys, count_cpus, count_stride;	/* phys 0: unknown */
	uint32_t site_seen[TOTALS_CPUS_MAX][VMI_NR_SLOTS];
	uint64_t site_calls[TOTALS_CPUS_MAX];	/* sums of what was seen */
};

/* Start at zero with a ROM that trace_rom_search() found on. */
void totals_attach(struct totals *totals, const struct guest_ram *ram,
		   const struct trace_rom *rom, enum run_level level);

/*
 * The same for call sites that count beside a trace: what goes to the ROM is not
 * added, since the trace has it.
 */
void totals_attach_sites(struct totals *totals, const struct guest_ram *ram,
			 const struct trace_rom *rom);

/*
 * Add what was counted since the last time; at least once in 2^32 calls.  A count
 * that fell, or grew faster than any CPU can count, is an error.  Returns false
 * once there is an error.
 */
bool totals_sample(struct totals *totals);

uint64_t totals_calls(const struct totals *totals);

/* Whether there was something to read: of its call sites the guest has to say. */
bool totals_found(const struct totals *totals);

/*
 * Whether each sum of cycles lies where the buckets and cycles_max say, which it
 * does whenever no call is in flight.  Else the name of the first call goes to *call.
 */
bool totals_fit(const struct totals *totals, const char **call);

#endif /* TOTALS_H */
