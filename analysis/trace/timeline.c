// SPDX-License-Identifier: GPL-2.0-only
#include "timeline.h"

#include <err.h>
#include <stdlib.h>

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

struct timeline *timeline_read(struct trace *trace, const struct stats *stats)
{
	struct timeline *timeline = calloc(1, sizeof(*timeline));

	if (!timeline)
		err(EXIT_FAILURE, "memory");
	timeline->begin = stats->time_begin;
	timeline->slice_cycles =
		(stats->time_end - stats->time_begin) / TIMELINE_SLICES + 1;
	trace_read(trace, visit, timeline);
	return timeline;
}
