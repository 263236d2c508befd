/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run_settle.h - what run.json and the trace say, held against each other
 *
 * Both come from one recorder, so they agree.  Where they do not, or one of them
 * is silent, nobody knows which one is right: that is a problem, and what they
 * disagree on is not known.
 */
#ifndef RUN_SETTLE_H
#define RUN_SETTLE_H

#include "lib/problems.h"
#include "run_info.h"
#include "trace_reader.h"

/*
 * Which accelerator it was, and so what cycles are: info->cycles, and
 * info->accelerator, which is "unknown" then.  Only what is plainly kvm or host
 * gives cycles of the hardware.
 */
void run_info_settle(struct run_info *info, const struct trace *trace,
		     struct problems *problems);

/*
 * Whether each stream holds as many events as were recorded on its vCPU, and
 * whether counts add up.  The trace was read to its end.
 */
void run_info_compare(const struct run_info *info, const struct trace *trace,
		      struct problems *problems);

/* The same of each call, by what was read of them; not in a damaged trace. */
void run_info_compare_calls(const struct run_info *info,
			    const struct trace *trace,
			    const uint64_t count[VMI_NR_SLOTS],
			    struct problems *problems);

/* Whether all is there: the recording ended by itself. */
bool run_info_is_complete(const struct run_info *info);

/* Events that were recorded, but could not be read. */
uint64_t run_info_unread(const struct run_info *info,
			 const struct trace *trace);

/* The unit of cycles as a table or an axis names it: "TCG cycles (emulated)". */
const char *run_info_cycles_label(const struct run_info *info);

/* What cycles are, in a sentence's words. */
const char *run_info_cycles_meaning(const struct run_info *info);

#endif /* RUN_SETTLE_H */
