/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timeline.h - how many of each call in each slice of the run
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include <stdint.h>

#include "stats.h"
#include "trace_reader.h"

#define TIMELINE_SLICES	120

struct timeline {
	uint64_t begin;
	uint64_t slice_cycles;
	uint64_t count[TIMELINE_SLICES][VMI_NR_SLOTS];
};

/*
 * Read the trace once more and count.  stats: of the first read, for the time
 * that the trace covers.  Free with free().
 */
struct timeline *timeline_read(struct trace *trace, const struct stats *stats);

#endif /* TIMELINE_H */
