// SPDX-License-Identifier: GPL-2.0-only
#include "timeline.h"

#include <err.h>
#include <stdlib.h>

#include "trace_threads.h"

static void visit(void *arg, const struct trace_packet *packet)
{
	struct timeline *timeline = arg;
	const char *p = packet->begin;

	while (p < packet->end) {
		const struct vmi_record *record = (const struct vmi_record *)p;
		const uint64_t time = packet->epoch | record->time;
		const uint64_t slice =
			(time - timeline->begin) / timeline->slice_cycles;

		/* Beyond the end only when the file grew since the first read.
		 */
		if (slice < TIMELINE_SLICES)
			timeline->count[slice][trace_record_call(record)]++;
		p += trace_record_bytes(p);
	}
}

/* An empty one like that of arg. */
static void *part_new(void *arg)
{
	const struct timeline *whole = arg;
	struct timeline *timeline = calloc(1, sizeof(*timeline));

	if (!timeline)
		err(EXIT_FAILURE, "memory");
	if (whole) {
		timeline->begin = whole->begin;
		timeline->slice_cycles = whole->slice_cycles;
	}
	return timeline;
}

static void merge(void *arg, void *part)
{
	struct timeline *timeline = arg, *from = part;

	for (unsigned int i = 0; i < TIMELINE_SLICES; i++) {
		for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
			timeline->count[i][nr] += from->count[i][nr];
	}
	free(from);
}

struct timeline *timeline_read(struct trace *trace, const struct stats *stats)
{
	static const struct trace_visitor visitor = {
		.part_new = part_new,
		.visit = visit,
		.merge = merge,
	};
	struct timeline *timeline = part_new(NULL);

	timeline->begin = stats->time_begin;
	timeline->slice_cycles =
		(stats->time_end - stats->time_begin) / TIMELINE_SLICES + 1;
	trace_read_threads(trace, 0, &visitor, timeline);
	return timeline;
}
