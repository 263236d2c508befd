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
	unsigned int threads;	/* 0: as many as there are CPUs */
};

struct tally {
	const struct tally_request *request;
	const struct trace *trace;
	struct stats *stats;
	struct sites *sites;		/* NULL: not wanted */
	struct stats **stream;		/* as trace->streams; NULL: not wanted */
	const struct trace_stream *last;	/* that a packet was of */
};

/* Read the trace.  The request lives as long as the tally. */
struct tally *tally_read(struct trace *trace,
			 const struct tally_request *request);

void tally_free(struct tally *tally);

#endif /* TALLY_H */
