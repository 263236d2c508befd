// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where streams are told apart, packets are counted for the stream that is read
 * just now; when another one begins that goes into what is kept of each, and
 * into the sum of all.
 */
#include "tally.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

static void *must(void *memory)
{
	if (!memory)
		err(EXIT_FAILURE, "memory");
	return memory;
}

static struct tally *tally_new(const struct trace *trace,
			       const struct tally_request *request)
{
	struct tally *tally = must(calloc(1, sizeof(*tally)));

	tally->request = request;
	tally->trace = trace;
	tally->stats = stats_new();
	if (request->sites)
		tally->sites = sites_new();
	if (request->streams)
		tally->stream =
			must(calloc(trace->nr_streams,
				    sizeof(struct stream_sum *)));
	return tally;
}

void tally_free(struct tally *tally)
{
	if (tally->sites)
		sites_free(tally->sites);
	for (size_t i = 0; tally->stream && i < tally->trace->nr_streams; i++)
		free(tally->stream[i]);
	free(tally->stream);
	if (tally->current_stats)
		stats_free(tally->current_stats);
	for (size_t i = 0; i < TALLY_MODES; i++) {
		if (tally->mode[i])
			stats_free(tally->mode[i]);
	}
	if (tally->modes)
		free(tally->modes->change);
	free(tally->modes);
	stats_free(tally->stats);
	free(tally);
}

/* What is kept of a stream. */
static struct stream_sum *sum_of(struct tally *tally,
				 const struct trace_stream *stream)
{
	struct stream_sum **sum =
		&tally->stream[stream - tally->trace->streams];

	if (!*sum)
		*sum = must(calloc(1, sizeof(**sum)));
	return *sum;
}

/* No more packets of the stream that was read come, or others first. */
static void leave_stream(struct tally *tally)
{
	if (!tally->current_stats)
		return;
	stream_sum_take(sum_of(tally, tally->current_stream),
			tally->current_stats);
	stats_merge(tally->stats, tally->current_stats);
	stats_free(tally->current_stats);
	tally->current_stats = NULL;
}

/* Where calls of the stream are counted. */
static struct stats *stats_of(struct tally *tally,
			      const struct trace_stream *stream)
{
	if (!tally->stream)
		return tally->stats;
	if (!tally->current_stats || tally->current_stream != stream) {
		leave_stream(tally);
		tally->current_stats = stats_new();
		tally->current_stream = stream;
	}
	return tally->current_stats;
}

/* The index of a mode's name, a new one if it must be; 0: too many. */
static unsigned int mode_index(struct tally_modes *modes, const char *name)
{
	for (unsigned int i = 0; i < modes->nr; i++) {
		if (!strcmp(modes->name[i], name))
			return i;
	}
	if (modes->nr == TALLY_MODES)
		return 0;
	text_set(modes->name[modes->nr], RUN_MODE_BYTES, "%s", name);
	return (unsigned int)modes->nr++;
}

static struct tally_modes *modes_new(const struct run_info *info)
{
	struct tally_modes *modes = must(calloc(1, sizeof(*modes)));

	modes->nr = 1;
	if (!info || !info->nr_modes)
		return modes;
	modes->change = must(calloc(info->nr_modes, sizeof(*modes->change)));
	modes->nr_changes = info->nr_modes;
	for (size_t i = 0; i < info->nr_modes; i++)
		modes->change[i] = (struct tally_change){
			.time = info->modes[i].time,
			.nr = info->modes[i].nr,
			.mode = mode_index(modes, info->modes[i].mode),
		};
	return modes;
}

/* Bring the modes of all calls to what they were at that time. */
static void set_modes(struct tally *tally, uint64_t time)
{
	const struct tally_modes *modes = tally->modes;

	if (tally->next_change &&
	    modes->change[tally->next_change - 1].time > time) {
		tally->next_change = 0;
		memset(tally->current, 0, sizeof(tally->current));
	}
	while (tally->next_change < modes->nr_changes &&
	       modes->change[tally->next_change].time <= time) {
		const struct tally_change *change =
			&modes->change[tally->next_change++];

		tally->current[change->nr] = (unsigned char)change->mode;
	}
}

/* Count the record for the mode that its call was in. */
static void count_mode(struct tally *tally, const struct trace_packet *packet,
		       const struct vmi_record *record)
{
	struct stats **stats;

	set_modes(tally, packet->epoch | record->time);
	stats = &tally->mode[tally->current[trace_record_call(record)]];
	if (!*stats)
		*stats = stats_new();
	stats_count(*stats, packet, record);
}

/* The records of a packet that the filter lets pass. */
static void visit_some(struct tally *tally, const struct trace_packet *packet)
{
	const struct trace_filter *filter = &tally->request->filter;
	struct stats *stats = stats_of(tally, packet->stream);
	struct filter_window window;
	const char *p = packet->begin;

	stats_follow(stats, packet);
	if (!filter_packet(filter, packet, &window))
		return;
	stats_span(stats, packet, window.from, window.to);
	for (; p < packet->end; p += trace_record_bytes(p)) {
		const struct vmi_record *record = (const struct vmi_record *)p;

		if (!filter_record(filter, &window, record)) {
			stats_pass(stats, packet, record);
			continue;
		}
		stats_count(stats, packet, record);
		if (tally->sites)
			sites_add(tally->sites, record);
		if (tally->modes)
			count_mode(tally, packet, record);
	}
}

static void visit(void *part, const struct trace_packet *packet)
{
	struct tally *tally = part;

	tally->last = packet->stream;
	if (filter_given(&tally->request->filter) || tally->modes) {
		visit_some(tally, packet);
		return;
	}
	stats_visit(stats_of(tally, packet->stream), packet);
	if (tally->sites)
		sites_visit(tally->sites, packet);
}

/* Parts share the modes of the whole. */
static void *part_new(void *arg)
{
	const struct tally *tally = arg;
	struct tally *part = tally_new(tally->trace, tally->request);

	part->modes = tally->modes;
	return part;
}

static void end_piece(void *part, struct trace_edge *edge)
{
	struct tally *tally = part;
	const struct trace_stream *last = tally->last;

	*edge = (struct trace_edge){0};
	edge->stream = last;
	if (last)
		stats_end_piece(stats_of(tally, last), edge);
	tally->last = NULL;
}

static void join(void *arg, const struct trace_edge *edge, bool after_gap)
{
	struct tally *tally = arg;

	if (!edge->stream)
		return;
	if (tally->stream)
		stream_sum_join(sum_of(tally, edge->stream), edge, after_gap);
	else
		stats_join(tally->stats, edge, after_gap);
}

static void merge(void *arg, void *part)
{
	struct tally *tally = arg, *from = part;

	leave_stream(from);
	stats_merge(tally->stats, from->stats);
	if (tally->sites)
		sites_merge(tally->sites, from->sites);
	for (size_t i = 0; tally->stream && i < tally->trace->nr_streams; i++) {
		if (from->stream[i])
			stream_sum_merge(
				sum_of(tally, &tally->trace->streams[i]),
				from->stream[i]);
	}
	for (size_t i = 0; i < TALLY_MODES; i++) {
		if (!from->mode[i])
			continue;
		if (!tally->mode[i])
			tally->mode[i] = stats_new();
		stats_merge(tally->mode[i], from->mode[i]);
	}
	from->modes = NULL;
	tally_free(from);
}

/* Idle time between pieces is known for each stream, and so for all. */
static void finish_streams(struct tally *tally)
{
	struct idle_stats all = {0};

	for (size_t i = 0; i < tally->trace->nr_streams; i++) {
		struct stream_sum *sum =
			sum_of(tally, &tally->trace->streams[i]);

		stream_sum_finish(sum);
		idle_merge(&all, &sum->idle);
	}
	tally->stats->idle = all;
}

struct tally *tally_read(struct trace *trace,
			 const struct tally_request *request,
			 const struct run_info *info)
{
	static const struct trace_visitor visitor = {
		.part_new = part_new,
		.visit = visit,
		.end_piece = end_piece,
		.join = join,
		.merge = merge,
	};
	struct tally *tally = tally_new(trace, request);

	if (request->modes)
		tally->modes = modes_new(info);
	trace_read_threads(trace, request->threads, &visitor, tally);
	if (tally->stream)
		finish_streams(tally);
	for (size_t i = 0; i < TALLY_MODES; i++) {
		if (tally->mode[i])
			stats_finish(tally->mode[i]);
	}
	stats_finish(tally->stats);
	return tally;
}
