/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * export.h - a trace in the formats of other tools
 *
 * A format either writes events as they are read (perf-script, chrome, csv), so
 * that memory stays flat however long the trace is, or what the trace adds up
 * to (folded, openmetrics, prometheus).
 */
#ifndef EXPORT_H
#define EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "export_site.h"
#include "export_text.h"
#include "trace/filter.h"
#include "trace/profile.h"
#include "trace/run_settle.h"

/* How much a call counts for. */
enum export_weight {
	WEIGHT_CYCLES,	/* its own cycles; 0 where it has none */
	WEIGHT_CALLS,	/* 1 */
};

struct export_label {
	const char *name, *value;
};

struct export {
	struct export_out *out;
	struct trace *trace;
	const struct run_info *info;
	const struct profile *profile;	/* NULL: the format reads events */
	struct problems problems;	/* with what is not the trace itself */
	const struct trace_filter *filter;
	struct places *places;
	struct export_sites *sites;
	enum export_weight weight;
	bool monotonic;		/* times are the host's CLOCK_MONOTONIC */
	uint64_t zero_ns;	/* of it, when the guest's clock was 0 */
	const struct export_label *labels;
	size_t nr_labels;
};

/* One that reads events; they come stream by stream, in the order of time. */
struct export_events {
	void (*begin)(struct export *e);
	/* The filter was not asked yet: what is left out may end a wait. */
	void (*visit)(struct export *e, const struct trace_packet *packet,
		      const struct filter_window *window);
	/* A packet of which nothing passes the filter; NULL: of no interest. */
	void (*skip)(struct export *e, const struct trace_packet *packet);
	void (*end)(struct export *e);
};

extern const struct export_events export_perf_script;
extern const struct export_events export_chrome;
extern const struct export_events export_csv;

/* Those that write what the trace adds up to. */
void export_folded(struct export *e);
void export_openmetrics(struct export *e);
void export_prometheus(struct export *e);

/* Number of the stream's run, from 1 on, in the order of the trace. */
unsigned int export_run_number(const struct trace *trace,
				const struct trace_stream *stream);

/*
 * "guest" or "host:guest", in one word that does not begin with a digit: what
 * other tools show as the process.
 */
void export_process(const struct export *e, const struct trace_stream *stream,
		    char *text, size_t bytes);

/*
 * Nanoseconds of the time stamp: from the begin of the stream's run, or of the
 * host's CLOCK_MONOTONIC.
 */
static inline uint64_t export_ns(const struct export *e,
				 const struct trace_stream *stream,
				 uint64_t time)
{
	const uint64_t zero = e->monotonic ? 0 : stream->time_begin;
	const uint64_t ticks = time > zero ? time - zero : 0;

	return e->zero_ns + (uint64_t)((unsigned __int128)ticks * 1000000000 /
				       stream->clock_hz);
}

/* When the call began: time stamps say when it was done. */
static inline uint64_t export_begin(const struct vmi_record *record,
				    uint64_t time)
{
	const uint64_t cycles = trace_record_cycles(record);

	return cycles < time ? time - cycles : 0;
}

/* Whether something was wrong so far. */
static inline bool export_is_damaged(const struct export *e)
{
	return e->trace->problems.nr || e->problems.nr;
}

/* Or the recording was cut short: what a format says of itself. */
static inline bool export_is_partial(const struct export *e)
{
	return export_is_damaged(e) || !run_info_is_complete(e->info);
}

/* What the call counts for. */
uint64_t export_weight_of(const struct export *e,
			  const struct vmi_record *record);

#endif /* EXPORT_H */
