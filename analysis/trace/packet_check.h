/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet_check.h - whether a packet of a trace may be used as it lies there
 */
#ifndef PACKET_CHECK_H
#define PACKET_CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/problems.h"
#include "trace_reader.h"
#include "vmi/trace.h"

/* The packet that is looked at, for messages. */
struct packet_place {
	struct problems *problems;	/* NULL: nothing is told */
	const struct trace *trace;
	const struct trace_stream *stream;
	uint64_t offset;		/* of the packet in its file */
};

/* Tell "FILE: packet at byte OFFSET: …". */
#define packet_problem(at, format, ...)                                        \
	do {                                                                   \
		if ((at)->problems)                                            \
			problems_add((at)->problems,                           \
				     "%s: packet at byte %" PRIu64 ": " format,\
				     (at)->stream->path, (at)->offset,         \
				     __VA_ARGS__);                             \
	} while (0)

/*
 * The fields that tell where the next packet lies.  When they are wrong, the
 * rest of the file cannot be found.
 */
bool packet_bounds(const struct packet_place *at, const struct vmi_packet *h);

/*
 * The fields whose failure costs this packet only.  time: of the last record
 * before it.
 */
bool packet_header(const struct packet_place *at, const struct vmi_packet *h,
		   uint64_t time);

/* What the records of a packet are found to be. */
struct packet_content {
	uint64_t events;
	uint32_t last;		/* low half of the last one's time, or of begin */
};

/*
 * All records of the packet: known calls, time that does not step back, whole
 * wide forms.  The packet lies in memory as long as content_bits says.
 */
bool packet_records(const struct packet_place *at, const struct vmi_packet *h,
		    struct packet_content *content);

#endif /* PACKET_CHECK_H */
