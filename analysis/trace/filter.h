/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filter.h - which calls of a trace are looked at: --call, --vcpu, --from, --to
 *
 * The options are a child of a subcommand's argp:
 *
 *	static const struct argp_child children[] = {
 *		{&filter_argp, 0, "Which calls:", 0}, {0}};
 *	… case ARGP_KEY_INIT: state->child_inputs[0] = &options->filter;
 *
 * and a visitor asks once for each packet, then for each record:
 *
 *	if (!filter_packet(filter, packet, &window))
 *		return;
 *	… if (window.all || filter_record(filter, &window, record))
 */
#ifndef FILTER_H
#define FILTER_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "trace_reader.h"

/* A point of time: seconds since the trace's begin, or a guest's time stamp. */
struct filter_time {
	bool given;
	bool is_stamp;
	double seconds;
	uint64_t stamp;		/* TSC */
};

/* All zero: everything passes. */
struct trace_filter {
	bool calls_given;
	bool call[VMI_NR_SLOTS];
	bool vcpus_given;
	bool vcpu[TRACE_VCPU_MAX + 1];
	struct filter_time from;	/* the first moment that passes */
	struct filter_time to;		/* the first one that does not */
};

/* What of a packet passes; of its records those with from <= time < to. */
struct filter_window {
	uint64_t epoch;
	uint64_t from, to;
	bool all;
};

/* Input: struct trace_filter.  Wrong values end the program with a message. */
extern const struct argp filter_argp;

/* Whether anything may be left out. */
bool filter_given(const struct trace_filter *filter);

/* "calls CPUID, Halt; vCPUs 0, 2; from 1.5 s; before stamp 77" */
void filter_text(const struct trace_filter *filter, char *text, size_t bytes);

/*
 * The first and last moment of the stream's run that pass, as time stamps;
 * from <= time < to, 0 and UINT64_MAX where there is no limit.
 */
void filter_times(const struct trace_filter *filter,
		  const struct trace_stream *stream, uint64_t *from,
		  uint64_t *to);

/* False: no record of the packet passes. */
bool filter_packet(const struct trace_filter *filter,
		   const struct trace_packet *packet,
		   struct filter_window *window);

/* Whether the record, of the packet that window was made of, passes. */
static inline bool filter_record(const struct trace_filter *filter,
				 const struct filter_window *window,
				 const struct vmi_record *record)
{
	const uint64_t time = window->epoch | record->time;

	return time >= window->from && time < window->to &&
	       (!filter->calls_given ||
		filter->call[trace_record_call(record)]);
}

#endif /* FILTER_H */
