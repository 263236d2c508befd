/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_reader.h - read a trace directory packet by packet
 *
 * The reader is the border: whatever a file holds, a visitor is given whole
 * packets whose header and records were checked, so its loops need no checks.
 * Records are handed over in place; nothing is allocated per event or packet.
 */
#ifndef TRACE_READER_H
#define TRACE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/problems.h"
#include "vmi/trace.h"

#define TRACE_VCPU_MAX	255

/* No sub-buffer is larger, so no packet is: what a reader needs memory for. */
#define TRACE_PACKET_BYTES_MAX	(16u << 20)

/* The calls of one vCPU. */
struct trace_stream {
	char *path;		/* where it lies, for messages */
	const char *host;	/* that recorded it; NULL: not known */
	unsigned int vcpu;
	uint64_t clock_hz;	/* of its time stamps */
	uint64_t time_begin;	/* of the first call of the run it belongs to */
	uint64_t lost;		/* events_discarded of its last packet read */
	uint64_t events;	/* read, whether a visitor wanted them or not */
};

/* What a read has seen; of all streams. */
struct trace_totals {
	uint64_t packets;
	uint64_t events;	/* in them */
	uint64_t bytes;
	uint64_t lost;		/* events_discarded of the last packets, summed */
	uint64_t bad_packets;	/* left out: their content is corrupt */
	uint64_t bytes_cut;	/* not read: torn, or behind a corrupt size */
};

struct trace {
	char *dir;
	uint8_t uuid[16];
	uint64_t clock_hz;	/* of the time stamps: the TSC */
	char accelerator[16];	/* as the metadata says */
	char cycles[16];	/* "hardware", "emulated" */
	size_t nr_streams;
	struct trace_stream *streams;	/* by vCPU number */
	struct trace_totals totals;
	struct problems problems;
	struct lttng_source *lttng;	/* NULL: a trace of our own */
};

struct trace_packet {
	const struct trace_stream *stream;
	const struct vmi_packet *header;
	const char *begin;	/* first record */
	const char *end;	/* behind the last record */
	uint64_t epoch;		/* high half of every time in the packet */
	uint64_t lost;		/* events discarded since the packet before */
	bool first;		/* of its stream */
	bool after_gap;		/* of unknown size: a packet before is missing */
};

/*
 * Called for each packet of a stream in order, stream after stream.  Records:
 *
 *	for (p = packet->begin; p < packet->end; p += trace_record_bytes(p))
 */
typedef void trace_visit_fn(void *arg, const struct trace_packet *packet);

/* Bytes of the record at p. */
static inline size_t trace_record_bytes(const char *p)
{
	const struct vmi_record *record = (const struct vmi_record *)p;

	return record->word & VMI_REC_WIDE ? VMI_REC_WIDE_BYTES : VMI_REC_BYTES;
}

static inline unsigned int trace_record_call(const struct vmi_record *record)
{
	return record->word >> VMI_REC_CALL_SHIFT & (VMI_NR_SLOTS - 1);
}

/* Whether its cycles were measured: at level stamp most calls' are not. */
static inline bool trace_record_measured(const struct vmi_record *record)
{
	if (record->word & VMI_REC_WIDE)
		return ((const struct vmi_record_wide *)record)->cycles !=
		       VMI_REC_WIDE_NO_CYCLES;
	return record->word >> VMI_REC_CYCLES_SHIFT != VMI_REC_NO_CYCLES;
}

/* Cycles of a record in either form; 0 when they were not measured. */
static inline uint64_t trace_record_cycles(const struct vmi_record *record)
{
	if (!trace_record_measured(record))
		return 0;
	if (record->word & VMI_REC_WIDE)
		return ((const struct vmi_record_wide *)record)->cycles;
	return record->word >> VMI_REC_CYCLES_SHIFT;
}

/*
 * Open the trace in dir: its metadata must be ours and there must be a stream.
 * Returns NULL after a message otherwise.
 */
struct trace *trace_open(const char *dir);

/*
 * Read all streams from their beginning.  What is damaged is left out, told,
 * and added to trace->problems (on the first read only).
 */
void trace_read(struct trace *trace, trace_visit_fn *visit, void *arg);

void trace_close(struct trace *trace);

#endif /* TRACE_READER_H */
