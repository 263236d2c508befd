// SPDX-License-Identifier: GPL-2.0-only
#include "packet_check.h"

#include <stdio.h>
#include <string.h>

#include "lib/call_table.h"
#include "record_check.h"

static void format_uuid(char text[33], const uint8_t uuid[16])
{
	for (int i = 0; i < 16; i++)
		(void)sprintf(text + 2 * (ptrdiff_t)i, "%02x", uuid[i]);
}

bool packet_bounds(const struct packet_place *at, const struct vmi_packet *h)
{
	char found[33], expected[33];

	if (h->magic != VMI_PKT_CTF_MAGIC) {
		packet_problem(at, "magic: found 0x%08x, expected 0x%08x",
			       h->magic, VMI_PKT_CTF_MAGIC);
		return false;
	}
	if (memcmp(h->uuid, at->trace->uuid, sizeof(h->uuid)) != 0) {
		format_uuid(found, h->uuid);
		format_uuid(expected, at->trace->uuid);
		packet_problem(at,
			       "uuid: found %s, expected %s as in metadata: "
			       "the file belongs to another trace",
			       found, expected);
		return false;
	}
	if (h->content_bits < VMI_PKT_HEADER_BYTES * 8 ||
	    h->content_bits % (VMI_REC_BYTES * 8)) {
		packet_problem(at,
			       "content_size: found %u bits, expected a "
			       "multiple of %d from %d on",
			       h->content_bits, VMI_REC_BYTES * 8,
			       VMI_PKT_HEADER_BYTES * 8);
		return false;
	}
	if (h->content_bits / 8 > TRACE_PACKET_BYTES_MAX) {
		packet_problem(at,
			       "content_size: found %u bytes, expected at most "
			       "%u",
			       h->content_bits / 8, TRACE_PACKET_BYTES_MAX);
		return false;
	}
	if (h->packet_bits != h->content_bits) {
		packet_problem(at,
			       "packet_size: found %u bits, expected %u, the "
			       "content_size",
			       h->packet_bits, h->content_bits);
		return false;
	}
	return true;
}

bool packet_header(const struct packet_place *at, const struct vmi_packet *h,
		   uint64_t time)
{
	if (h->stream_id != 0) {
		packet_problem(at, "stream_id: found %u, expected 0",
			       h->stream_id);
		return false;
	}
	if (h->vcpu != at->stream->vcpu) {
		packet_problem(at,
			       "cpu_id: found %u, expected %u as in the "
			       "file's name",
			       h->vcpu, at->stream->vcpu);
		return false;
	}
	if (h->time_begin < time) {
		packet_problem(at,
			       "timestamp_begin: found %" PRIu64
			       ", expected at least %" PRIu64
			       ", the time of the event before",
			       h->time_begin, time);
		return false;
	}
	if (h->time_end < h->time_begin ||
	    h->time_end >> 32 != h->time_begin >> 32) {
		packet_problem(at,
			       "timestamp_end: found %" PRIu64
			       ", expected at least %" PRIu64
			       " with the same high half",
			       h->time_end, h->time_begin);
		return false;
	}
	return true;
}

/* Tell which field of the record at p is wrong. */
static void record_problem(const struct packet_place *at, const char *p,
			   const struct vmi_packet *h, uint32_t time)
{
	const struct vmi_record *record = (const struct vmi_record *)p;
	const unsigned int nr = trace_record_call(record);
	const ptrdiff_t byte = p - (const char *)h;

	if (!call_table[nr].name)
		packet_problem(at,
			       "event at +%td: call: found %u, expected one "
			       "of %d to %d",
			       byte, nr, VMI_FIRST_CALL, VMI_NR_CALLS - 1);
	else if (record->time < time || record->time > (uint32_t)h->time_end)
		packet_problem(at,
			       "event at +%td: timestamp: found %u, expected "
			       "%u to %u",
			       byte, record->time, time, (uint32_t)h->time_end);
	else if (record->word >> VMI_REC_CYCLES_SHIFT)
		packet_problem(at,
			       "event at +%td: wide form: found %u in the "
			       "compact cycles, expected 0",
			       byte, record->word >> VMI_REC_CYCLES_SHIFT);
	else
		packet_problem(at,
			       "event at +%td: wide form: found %td bytes to "
			       "the packet's end, expected %d",
			       byte, (ptrdiff_t)(h->content_bits / 8) - byte,
			       VMI_REC_WIDE_BYTES);
}

/*
 * The two forms go two ways, so that the CPU need not wait for a record to know
 * where the next one is.
 */
bool packet_records(const struct packet_place *at, const struct vmi_packet *h,
		    struct packet_content *content)
{
	const char *end = (const char *)h + h->content_bits / 8;
	const char *p = (const char *)h + VMI_PKT_HEADER_BYTES;
	const uint32_t limit = (uint32_t)h->time_end;
	uint32_t time = (uint32_t)h->time_begin;
	uint64_t wide = 0;

	while (p < end) {
		const struct vmi_record *record = (const struct vmi_record *)p;

		if (record->time < time || record->time > limit ||
		    !record_is_call(record->word))
			goto bad;
		if (__builtin_expect(record->word & VMI_REC_WIDE, 0)) {
			if (!record_is_wide(record->word,
					    (size_t)(end - p) / VMI_REC_BYTES))
				goto bad;
			p += VMI_REC_WIDE_BYTES;
			wide++;
		} else {
			p += VMI_REC_BYTES;
		}
		time = record->time;
	}
	content->last = time;
	content->events =
		(h->content_bits / 8 - VMI_PKT_HEADER_BYTES -
		 wide * (VMI_REC_WIDE_BYTES - VMI_REC_BYTES)) /
		VMI_REC_BYTES;
	return true;
bad:
	record_problem(at, p, h, time);
	return false;
}
