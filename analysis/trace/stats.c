// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

#include <err.h>
#include <stdlib.h>

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

/* The first event after Halt: until it began the vCPU was idle. */
static void end_halt(struct stats *stats, const struct vmi_record *record,
		     uint64_t time)
{
	struct idle_stats *idle = &stats->idle;
	const uint64_t own = trace_record_cycles(record);
	const uint64_t begin = own < time ? time - own : 0;
	const uint64_t cycles = begin - stats->halt_time;

	stats->halted = false;
	if (begin < stats->halt_time) {
		idle->nr_unknown++;
		return;
	}
	idle->nr_known++;
	idle->cycles += cycles;
	if (cycles > idle->max_cycles)
		idle->max_cycles = cycles;
}

static void lose_halt(struct stats *stats)
{
	stats->idle.nr_unknown += stats->halted;
	stats->halted = false;
}

/* What only some records have. */
static void count_rare(struct stats *stats, unsigned int nr,
		       const struct vmi_record *record)
{
	struct call_stats *call = &stats->call[nr];
	const uint64_t cycles = trace_record_cycles(record);

	if (record->word & VMI_REC_INTERRUPTED) {
		call->interrupted++;
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

static void begin_packet(struct stats *stats, const struct trace_packet *packet)
{
	const struct vmi_packet *header = packet->header;

	if (packet->first || packet->lost || packet->after_gap)
		lose_halt(stats);
	if (!stats->time_end || header->time_begin < stats->time_begin)
		stats->time_begin = header->time_begin;
	if (header->time_end > stats->time_end)
		stats->time_end = header->time_end;
}

void stats_visit(void *arg, const struct trace_packet *packet)
{
	struct stats *stats = arg;
	const char *p = packet->begin;

	begin_packet(stats, packet);
	while (p < packet->end) {
		const struct vmi_record *record = (const struct vmi_record *)p;
		const unsigned int nr = trace_record_call(record);
		const uint64_t time = packet->epoch | record->time;

		if (stats->halted)
			end_halt(stats, record, time);
		if (record->word & (VMI_REC_WIDE | VMI_REC_INTERRUPTED)) {
			count_rare(stats, nr, record);
		} else {
			const uint64_t cycles = trace_record_cycles(record);

			stats->call[nr].cycles += cycles;
			count_cycles(stats, nr, cycles);
		}
		if (nr == VMI_CALL_Halt) {
			stats->halted = true;
			stats->halt_time = time;
		}
		p += trace_record_bytes(p);
	}
}

void stats_finish(struct stats *stats)
{
	lose_halt(stats);
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		struct call_stats *call = &stats->call[nr];

		call->count = histogram_total(&stats->histogram[nr]) +
			      call->interrupted;
		stats->events += call->count;
	}
}

uint64_t stats_quantile(const struct stats *stats, unsigned int nr,
			double quantile)
{
	const struct call_stats *call = &stats->call[nr];
	const double total = (double)(call->count - call->interrupted);
	uint64_t value;

	/* The last one of all is known exactly. */
	if (quantile * total > total - 1)
		return call->max_cycles;
	value = histogram_quantile(&stats->histogram[nr], quantile);
	return value < call->max_cycles ? value : call->max_cycles;
}
