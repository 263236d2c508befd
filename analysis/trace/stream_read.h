/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stream_read.h - the packets of one stream in order, from any of them on
 */
#ifndef STREAM_READ_H
#define STREAM_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "trace_reader.h"

/* What the packets before have said. */
struct stream_state {
	uint64_t offset;	/* of the next packet in the file */
	bool first;		/* it is the first one */
	bool gap;		/* one before it was left out */
	uint32_t seq;
	uint64_t lost;
	uint64_t time;		/* of the last record */
	uint64_t events;	/* so far */
};

#define STREAM_BEGIN ((struct stream_state){.first = true})

/*
 * Read the stream from state->offset to its end, or to where it is damaged.
 * What was read is added to the trace's totals.  problems: NULL if they were
 * told before.
 */
void stream_read(struct trace *trace, const struct trace_stream *stream,
		 struct stream_state *state, struct problems *problems,
		 trace_visit_fn *visit, void *arg);

/* Begin to read: totals from zero.  Returns where problems go, NULL: nowhere. */
struct problems *trace_read_begin(struct trace *trace);

/* All of the stream was read. */
void trace_stream_end(struct trace *trace, struct trace_stream *stream,
		      const struct stream_state *state);

/* A packet, checked and whole in memory, as a visitor sees it. */
static inline struct trace_packet
trace_packet_of(const struct vmi_packet *header,
		const struct trace_stream *stream)
{
	return (struct trace_packet){
		.stream = stream,
		.header = header,
		.begin = (const char *)header + VMI_PKT_HEADER_BYTES,
		.end = (const char *)header + header->content_bits / 8,
		.epoch = header->time_begin >> 32 << 32,
	};
}

#endif /* STREAM_READ_H */
