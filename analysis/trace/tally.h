/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tally.h - all that one reading of a trace adds up
 *
 * Statistics per call, always; where they are asked for, the same of each
 * stream and of each mode of the call sites, and where calls were made.
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stddef.h>

#include "filter.h"
#include "run_info.h"
#include "sites.h"
#include "stats.h"
#include "trace_reader.h"

/* What is wanted.  All zero: statistics per call, of all calls. */
struct tally_request {
	struct trace_filter filter;
	bool sites;
	bool streams;
	bool modes;
	unsigned int threads;	/* 0: as many as there are CPUs */
};

/* More kinds of modes than the kernel has; further ones are not told apart. */
#define TALLY_MODES 8

/* When the sites of a call are switched, by the guest's clock. */
struct tally_change {
	uint64_t time;
	unsigned int nr;
	unsigned int mode;	/* index of tally_modes.name */
};

/* What is known of the modes; index 0 is "not known". */
struct tally_modes {
	size_t nr;
	char name[TALLY_MODES][RUN_MODE_BYTES];
	size_t nr_changes;
	struct tally_change *change;
};

struct tally {
	const struct tally_request *request;
	const struct trace *trace;
	struct stats *stats;
	struct sites *sites;		/* NULL: not wanted */
	struct stream_sum **stream;	/* as trace->streams; NULL: not wanted */
	struct tally_modes *modes;	/* NULL: not wanted */
	struct stats *mode[TALLY_MODES];	/* NULL: no calls */

	/* While it is read: the packet's stream, and who is in which mode. */
	const struct trace_stream *last;
	const struct trace_stream *current_stream;
	struct stats *current_stats;	/* its own so far; NULL: none */
	size_t next_change;
	unsigned char current[VMI_NR_SLOTS];
};

/*
 * Read the trace.  The request lives as long as the tally.  info: for the modes;
 * NULL: they are not known.
 */
struct tally *tally_read(struct trace *trace,
			 const struct tally_request *request,
			 const struct run_info *info);

void tally_free(struct tally *tally);

#endif /* TALLY_H */
