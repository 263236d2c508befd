/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stats.h - what the events of a trace add up to, per call
 *
 * Cycle statistics are over calls that ran undisturbed.  Left out of them, and
 * counted, are calls in which a handler recorded too ("interrupted": their
 * cycles are the handler's as well); calls that do not return, and Halt, have
 * no cycles of their own.
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "cycle_estimate.h"
#include "histogram.h"
#include "run_info.h"
#include "trace_threads.h"

/*
 * Time in Halt, from the event to the begin of the next one on its vCPU.  What
 * cannot be known is counted as such: events were discarded in between, the
 * next call had begun before Halt, or there is none.
 */
struct idle_stats {
	uint64_t nr_known;
	uint64_t nr_unknown;
	uint64_t cycles;
	uint64_t max_cycles;
};

void idle_merge(struct idle_stats *idle, const struct idle_stats *part);

/*
 * What a run of packets says of a Halt that lasts into it or out of it; it ends
 * up in a struct trace_edge.
 */
struct halt_state {
	bool seen;		/* a record; else the run says nothing */
	bool broken;		/* the first record may not be the next one */
	uint64_t begin;		/* when the first record's call began */
	bool halted;		/* the last record is Halt */
	uint64_t time;		/* of that Halt */
};

struct call_stats {
	uint64_t count;		/* events */
	uint64_t interrupted;	/* of them */
	uint64_t unmeasured;	/* of the others: these have no cycles */
	uint64_t cycles;	/* of the rest */
	uint64_t max_cycles;
	uint64_t stolen_cycles;
	uint64_t wait_cycles;
	uint64_t short_cycles;	/* of compact records, until stats_finish() */
};

struct stats {
	struct call_stats call[VMI_NR_SLOTS];
	struct histogram histogram[VMI_NR_SLOTS];	/* not interrupted */
	struct idle_stats idle;
	uint64_t time_begin, time_end;	/* of all packets */
	uint64_t events;

	struct halt_state halt;
};

/*
 * What is kept of one stream of many: no histogram for each call, which would be
 * megabytes.
 */
struct stream_sum {
	uint64_t events, interrupted, stolen_cycles, wait_cycles;
	uint64_t undisturbed;	/* calls that have cycles, */
	uint64_t unmeasured;	/* of them: these are not known */
	uint64_t cycles;	/* theirs, estimated if some were not measured */
	uint64_t max_cycles;
	struct histogram histogram;
	struct idle_stats idle;
	struct halt_state halt;
};

/* All zero; large, so on the heap. */
struct stats *stats_new(void);

/* A trace_visit_fn; arg: struct stats. */
void stats_visit(void *arg, const struct trace_packet *packet);

/*
 * The same in steps, for who chooses among the records: that a packet is there,
 * then, if anything of it counts, its time from `from` to `to`, and each record,
 * counted or not.
 */
void stats_follow(struct stats *stats, const struct trace_packet *packet);
void stats_span(struct stats *stats, const struct trace_packet *packet,
		uint64_t from, uint64_t to);
void stats_count(struct stats *stats, const struct trace_packet *packet,
		 const struct vmi_record *record);
void stats_pass(struct stats *stats, const struct trace_packet *packet,
		const struct vmi_record *record);

/* The same of some packets; idle time between runs of them is added by join. */
void stats_end_piece(struct stats *stats, struct trace_edge *edge);
void stats_join(struct stats *stats, const struct trace_edge *edge,
		bool after_gap);

/*
 * Of a recording without events: what was added up of a call.  Inside of a bucket
 * of powers of two nothing is known, so its calls are spread over it; the maximum
 * is the bound of the highest one.
 */
void stats_add_totals(struct stats *stats, unsigned int nr,
		      const struct call_totals *totals);

/*
 * The same for a stream whose packets were all visited, but not as one: add what
 * was found, bring in edges in order, add up what two threads have, finish.
 */
void stream_sum_take(struct stream_sum *sum, const struct stats *stats);
void stream_sum_join(struct stream_sum *sum, const struct trace_edge *edge,
		     bool after_gap);
void stream_sum_merge(struct stream_sum *sum, const struct stream_sum *part);
void stream_sum_finish(struct stream_sum *sum);

/* Add what a part has; a Halt at its end has no known length. */
void stats_merge(struct stats *stats, const struct stats *part);

/* Once all packets were visited. */
void stats_finish(struct stats *stats);

/* Value of nearest rank in the histogram of a call; the maximum is exact. */
uint64_t stats_quantile(const struct stats *stats, unsigned int nr,
			double quantile);

/* Undisturbed calls whose cycles were measured. */
static inline uint64_t call_measured(const struct call_stats *call)
{
	return call->count - call->interrupted - call->unmeasured;
}

/* The cycles of a call; exact when all of its calls were measured. */
struct cycle_estimate stats_cycles(const struct stats *stats, unsigned int nr);

void stats_free(struct stats *stats);

#endif /* STATS_H */
