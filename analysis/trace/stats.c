// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"

struct stats *stats_new(void)
{
	struct stats *stats = calloc(1, sizeof(*stats));

	if (!stats)
		err(EXIT_FAILURE, "memory");
	return stats;
}

void stats_free(struct stats *stats)
{
	free(stats);
}

/* Numbers of a wide record come from the guest: the sum must not wrap. */
static void add(uint64_t *sum, uint64_t value)
{
	if (__builtin_add_overflow(*sum, value, sum))
		*sum = UINT64_MAX;
}

static void count_cycles(struct stats *stats, unsigned int nr, uint64_t cycles)
{
	struct call_stats *call = &stats->call[nr];

	stats->histogram[nr].count[histogram_bucket(cycles)]++;
	if (cycles > call->max_cycles)
		call->max_cycles = cycles;
}

/* A call that began then is the first one after Halt. */
static void end_halt(struct idle_stats *idle, uint64_t halt_time,
		     uint64_t begin)
{
	const uint64_t cycles = begin - halt_time;

	if (begin < halt_time) {
		idle->nr_unknown++;
		return;
	}
	idle->nr_known++;
	add(&idle->cycles, cycles);
	if (cycles > idle->max_cycles)
		idle->max_cycles = cycles;
}

static void lose_halt(struct idle_stats *idle, struct halt_state *halt)
{
	idle->nr_unknown += halt->halted;
	halt->halted = false;
}

/* The first record of the packets, or the first one after Halt. */
static void see_record(struct stats *stats, const struct vmi_record *record,
		       uint64_t time)
{
	const uint64_t own = trace_record_cycles(record);
	const uint64_t begin = own < time ? time - own : 0;

	if (!stats->halt.seen) {
		stats->halt.seen = true;
		stats->halt.begin = begin;
	}
	if (stats->halt.halted)
		end_halt(&stats->idle, stats->halt.time, begin);
	stats->halt.halted = false;
}

/* Whether the next record says something of a Halt. */
static bool is_pending(const struct halt_state *halt)
{
	return !halt->seen || halt->halted;
}

/* A record in either form. */
static void count_rare(struct stats *stats, unsigned int nr,
		       const struct vmi_record *record)
{
	struct call_stats *call = &stats->call[nr];
	const uint64_t cycles = trace_record_cycles(record);

	if (record->word & VMI_REC_INTERRUPTED) {
		call->interrupted++;
	} else if (!trace_record_measured(record)) {
		call->unmeasured++;
	} else {
		add(&call->cycles, cycles);
		count_cycles(stats, nr, cycles);
	}
	if (record->word & VMI_REC_WIDE) {
		const struct vmi_record_wide *wide =
			(const struct vmi_record_wide *)record;

		add(&call->stolen_cycles, wide->stolen_cycles);
		add(&call->wait_cycles, wide->wait_cycles);
	}
}

void stats_follow(struct stats *stats, const struct trace_packet *packet)
{
	if (!packet->first && !packet->lost && !packet->after_gap)
		return;
	lose_halt(&stats->idle, &stats->halt);
	stats->halt.broken |= !stats->halt.seen;
}

void stats_span(struct stats *stats, const struct trace_packet *packet,
		uint64_t from, uint64_t to)
{
	const struct vmi_packet *header = packet->header;
	const uint64_t begin =
		header->time_begin > from ? header->time_begin : from;
	const uint64_t end = header->time_end < to ? header->time_end : to;

	if (!stats->time_end || begin < stats->time_begin)
		stats->time_begin = begin;
	if (end > stats->time_end)
		stats->time_end = end;
}

void stats_pass(struct stats *stats, const struct trace_packet *packet,
		const struct vmi_record *record)
{
	if (is_pending(&stats->halt))
		see_record(stats, record, packet->epoch | record->time);
}

void stats_count(struct stats *stats, const struct trace_packet *packet,
		 const struct vmi_record *record)
{
	const unsigned int nr = trace_record_call(record);

	stats_pass(stats, packet, record);
	count_rare(stats, nr, record);
	if (nr == VMI_CALL_Halt) {
		stats->halt.halted = true;
		stats->halt.time = packet->epoch | record->time;
	}
}

/* Nearly all records: compact, undisturbed, no Halt and not behind one. */
void stats_visit(void *arg, const struct trace_packet *packet)
{
	struct stats *stats = arg;
	const char *p = packet->begin;
	bool pending;

	stats_follow(stats, packet);
	stats_span(stats, packet, 0, UINT64_MAX);
	pending = is_pending(&stats->halt);
	while (p < packet->end) {
		const struct vmi_record *record = (const struct vmi_record *)p;
		const unsigned int nr = trace_record_call(record);

		if (__builtin_expect(pending || nr == VMI_CALL_Halt ||
					     record->word &
						     (VMI_REC_WIDE |
						      VMI_REC_INTERRUPTED),
				     0)) {
			stats_count(stats, packet, record);
			pending = is_pending(&stats->halt);
			p += trace_record_bytes(p);
			continue;
		}
		if (record->word >> VMI_REC_CYCLES_SHIFT == VMI_REC_NO_CYCLES) {
			stats->call[nr].unmeasured++;
			p += VMI_REC_BYTES;
			continue;
		}
		stats->call[nr].short_cycles +=
			record->word >> VMI_REC_CYCLES_SHIFT;
		count_cycles(stats, nr, record->word >> VMI_REC_CYCLES_SHIFT);
		p += VMI_REC_BYTES;
	}
}

static_assert(sizeof(struct halt_state) <=
		      sizeof(((struct trace_edge *)NULL)->word),
	      "edge");

void stats_end_piece(struct stats *stats, struct trace_edge *edge)
{
	memcpy(edge->word, &stats->halt, sizeof(stats->halt));
	stats->halt = (struct halt_state){0};
}

static void join_halt(struct idle_stats *idle, struct halt_state *halt,
		      const struct trace_edge *edge, bool after_gap)
{
	struct halt_state next;

	memcpy(&next, edge->word, sizeof(next));
	if (after_gap || next.broken)
		lose_halt(idle, halt);
	if (!next.seen)
		return;
	if (halt->halted)
		end_halt(idle, halt->time, next.begin);
	*halt = next;
}

void stats_join(struct stats *stats, const struct trace_edge *edge,
		bool after_gap)
{
	join_halt(&stats->idle, &stats->halt, edge, after_gap);
}

void stream_sum_join(struct stream_sum *sum, const struct trace_edge *edge,
		     bool after_gap)
{
	join_halt(&sum->idle, &sum->halt, edge, after_gap);
}

void idle_merge(struct idle_stats *idle, const struct idle_stats *part)
{
	idle->nr_known += part->nr_known;
	idle->nr_unknown += part->nr_unknown;
	add(&idle->cycles, part->cycles);
	if (part->max_cycles > idle->max_cycles)
		idle->max_cycles = part->max_cycles;
}

static void merge_call(struct call_stats *call, const struct call_stats *part)
{
	call->interrupted += part->interrupted;
	call->unmeasured += part->unmeasured;
	add(&call->cycles, part->cycles);
	call->short_cycles += part->short_cycles;
	if (part->max_cycles > call->max_cycles)
		call->max_cycles = part->max_cycles;
	add(&call->stolen_cycles, part->stolen_cycles);
	add(&call->wait_cycles, part->wait_cycles);
}

/* Whether the histogram of the call has anything; most have not. */
static bool is_called(const struct stats *stats, unsigned int nr)
{
	return stats->call[nr].max_cycles ||
	       stats->histogram[nr].count[histogram_bucket(0)];
}

void stream_sum_take(struct stream_sum *sum, const struct stats *stats)
{
	idle_merge(&sum->idle, &stats->idle);
	sum->idle.nr_unknown += stats->halt.halted;
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		const struct call_stats *call = &stats->call[nr];
		struct cycle_estimate estimate;
		uint64_t count;

		sum->interrupted += call->interrupted;
		sum->events += call->interrupted + call->unmeasured;
		add(&sum->stolen_cycles, call->stolen_cycles);
		add(&sum->wait_cycles, call->wait_cycles);
		if (call_has_cycles(nr)) {
			sum->undisturbed += call->unmeasured;
			sum->unmeasured += call->unmeasured;
		}
		if (!is_called(stats, nr))
			continue;
		count = histogram_total(&stats->histogram[nr]);
		sum->events += count;
		if (!call_has_cycles(nr))
			continue;
		sum->undisturbed += count;
		/* By call: not all are measured equally often. */
		estimate = cycle_estimate(count + call->unmeasured, count,
					  (double)call->cycles +
						  (double)call->short_cycles,
					  0);
		if (call->unmeasured) {
			add(&sum->cycles, (uint64_t)estimate.sum);
		} else {
			add(&sum->cycles, call->cycles);
			add(&sum->cycles, call->short_cycles);
		}
		if (call->max_cycles > sum->max_cycles)
			sum->max_cycles = call->max_cycles;
		histogram_add(&sum->histogram, &stats->histogram[nr]);
	}
}

void stream_sum_merge(struct stream_sum *sum, const struct stream_sum *part)
{
	idle_merge(&sum->idle, &part->idle);
	sum->events += part->events;
	sum->interrupted += part->interrupted;
	add(&sum->stolen_cycles, part->stolen_cycles);
	add(&sum->wait_cycles, part->wait_cycles);
	sum->undisturbed += part->undisturbed;
	sum->unmeasured += part->unmeasured;
	add(&sum->cycles, part->cycles);
	if (part->max_cycles > sum->max_cycles)
		sum->max_cycles = part->max_cycles;
	histogram_add(&sum->histogram, &part->histogram);
}

void stream_sum_finish(struct stream_sum *sum)
{
	lose_halt(&sum->idle, &sum->halt);
}

void stats_merge(struct stats *stats, const struct stats *part)
{
	idle_merge(&stats->idle, &part->idle);
	stats->idle.nr_unknown += part->halt.halted;
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		merge_call(&stats->call[nr], &part->call[nr]);
		if (is_called(part, nr))
			histogram_add(&stats->histogram[nr],
				      &part->histogram[nr]);
	}
	if (!part->time_end)
		return;
	if (!stats->time_end || part->time_begin < stats->time_begin)
		stats->time_begin = part->time_begin;
	if (part->time_end > stats->time_end)
		stats->time_end = part->time_end;
}

void stats_finish(struct stats *stats)
{
	lose_halt(&stats->idle, &stats->halt);
	stats->halt = (struct halt_state){0};
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		struct call_stats *call = &stats->call[nr];

		add(&call->cycles, call->short_cycles);
		call->short_cycles = 0;
		call->count = call->interrupted + call->unmeasured;
		if (is_called(stats, nr))
			call->count += histogram_total(&stats->histogram[nr]);
		stats->events += call->count;
	}
}

/* As evenly as whole calls allow. */
static void spread(struct histogram *histogram, uint64_t low, uint64_t high,
		   uint64_t calls)
{
	const unsigned int first = histogram_bucket(low);
	const unsigned int nr = histogram_bucket(high) - first + 1;
	uint64_t before = 0;

	for (unsigned int i = 0; i < nr; i++) {
		const uint64_t upto = (uint64_t)(
			(unsigned __int128)calls * (i + 1) / nr);

		histogram->count[first + i] += upto - before;
		before = upto;
	}
}

void stats_add_totals(struct stats *stats, unsigned int nr,
		      const struct call_totals *totals)
{
	struct call_stats *call = &stats->call[nr];

	for (unsigned int b = 0; b < VMI_AGG_BUCKETS; b++) {
		const uint64_t high = b ? (1ull << b) - 1 : 0;

		if (!totals->bucket[b])
			continue;
		spread(&stats->histogram[nr], b ? 1ull << (b - 1) : 0, high,
		       totals->bucket[b]);
		call->max_cycles = high;
	}
	call->count += totals->count;
	call->interrupted += totals->interrupted;
	add(&call->cycles, totals->sum_cycles);
	stats->events += totals->count;
}

struct cycle_estimate stats_cycles(const struct stats *stats, unsigned int nr)
{
	const struct call_stats *call = &stats->call[nr];
	const struct histogram *histogram = &stats->histogram[nr];
	double squares = 0;

	/* A bucket is 0.8 % wide: its middle is good enough for an interval. */
	for (unsigned int i = 0; call->unmeasured && i < HISTOGRAM_BUCKETS;
	     i++) {
		const double middle = (double)histogram_low(i) / 2 +
				      (double)histogram_high(i) / 2;

		if (histogram->count[i])
			squares += (double)histogram->count[i] * middle *
				   middle;
	}
	return cycle_estimate(call->count - call->interrupted,
			      call_measured(call), (double)call->cycles,
			      squares);
}

uint64_t stats_quantile(const struct stats *stats, unsigned int nr,
			double quantile)
{
	const struct call_stats *call = &stats->call[nr];
	const double total = (double)call_measured(call);
	uint64_t value;

	/* The last one of all is known exactly. */
	if (quantile * total > total - 1)
		return call->max_cycles;
	value = histogram_quantile(&stats->histogram[nr], quantile);
	return value < call->max_cycles ? value : call->max_cycles;
}
