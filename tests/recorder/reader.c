/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reader.c - read back what the recorder wrote, and check it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

uint32_t counted(const struct rom *rom)
{
	uint32_t sum = 0;

	for (int nr = 0; nr < VMI_NR_SLOTS; nr++)
		sum += rom->counters[nr];
	return sum;
}

void age_packet(const struct rom *rom)
{
	struct vmi_packet *packet = rom_packet(rom, rom->ctl->packets);

	rom->ctl->epoch--;
	packet->time_begin -= 1ull << 32;
	packet->time_end -= 1ull << 32;
}

/* Reserved in the open packet, its header included. */
static uint32_t open_bytes(const struct vmi_trace_ctl *ctl)
{
	return ((ctl->pos - 1) & (ctl->subbuf_bytes - 1)) + 1;
}

/* Is each record of that many bytes of a packet committed? */
static bool committed(const struct vmi_packet *packet, size_t bytes)
{
	size_t at = VMI_PKT_HEADER_BYTES;

	while (at < bytes) {
		const struct vmi_record *record =
			(const void *)((const uint8_t *)packet + at);
		uint32_t word = __atomic_load_n(&record->word, __ATOMIC_ACQUIRE);

		if (!word)
			return false;
		at += word & VMI_REC_WIDE ? VMI_REC_WIDE_BYTES : VMI_REC_BYTES;
	}
	return true;
}

void reader_start(struct reader *reader, const struct rom *rom)
{
	memset(reader, 0, sizeof(*reader));
	reader->rom = rom;
	reader->ordered = true;
	reader->next = rom->ctl->packets;
	rom->host->consumed = reader->next;
	if (rom->ctl->open)
		reader->open_done = open_bytes(rom->ctl);
	reader->lost_before = rom->ctl->lost;
	reader->counted_before = counted(rom);
}

void reader_free(struct reader *reader)
{
	free(reader->events);
}

static struct event *new_event(struct reader *reader)
{
	if (reader->count == reader->room) {
		reader->room = reader->room ? 2 * reader->room : 4096;
		reader->events = realloc(reader->events, reader->room *
					 sizeof(*reader->events));
		if (!reader->events) {
			perror("realloc");
			exit(1);
		}
	}
	return &reader->events[reader->count++];
}

/* Returns the bytes of the record, 0 if it is none. */
static size_t take_record(struct reader *reader, const void *at, uint32_t epoch)
{
	const struct vmi_record_wide *wide = at;
	uint32_t word = wide->head.word;
	struct event *event = new_event(reader);

	*event = (struct event){
		.time = (uint64_t)epoch << 32 | wide->head.time,
		.ret = wide->head.ret,
		.arg = wide->head.arg,
		.call = word >> VMI_REC_CALL_SHIFT & 0x7f,
		.interrupted = word & VMI_REC_INTERRUPTED,
		.wide = word & VMI_REC_WIDE,
		.cycles = word >> VMI_REC_CYCLES_SHIFT,
	};
	if (event->time < reader->last_time)
		reader->ordered = false;
	reader->last_time = event->time;
	if (event->call < VMI_FIRST_CALL || event->call >= VMI_NR_CALLS) {
		diag("a record of call %u", event->call);
		return 0;
	}
	event->measured = event->cycles != VMI_REC_NO_CYCLES;
	if (!event->wide)
		return VMI_REC_BYTES;
	if (event->cycles) {
		diag("a wide record has cycles in its word");
		return 0;
	}
	event->cycles = wide->cycles;
	event->measured = event->cycles != VMI_REC_WIDE_NO_CYCLES;
	event->stolen_cycles = wide->stolen_cycles;
	event->wait_cycles = wide->wait_cycles;
	return VMI_REC_WIDE_BYTES;
}

static bool take_packet(struct reader *reader, const struct vmi_packet *packet,
			size_t bytes)
{
	uint32_t epoch = (uint32_t)(packet->time_begin >> 32);
	size_t at = reader->open_done;

	if (!at)
		at = VMI_PKT_HEADER_BYTES;
	if (packet->seq != reader->next || packet->vcpu ||
	    bytes > reader->rom->ctl->subbuf_bytes ||
	    packet->time_end >> 32 != epoch ||
	    packet->time_end < packet->time_begin) {
		diag("packet %u: seq %u, vcpu %u, %zu bytes, %llx to %llx",
		     reader->next, packet->seq, packet->vcpu, bytes,
		     (unsigned long long)packet->time_begin,
		     (unsigned long long)packet->time_end);
		return false;
	}
	while (at < bytes) {
		size_t step = take_record(reader, (const uint8_t *)packet + at,
					  epoch);

		if (!step)
			return false;
		at += step;
	}
	if (packet->packet_bits && reader->last_time > packet->time_end) {
		diag("packet %u ends before its last record", reader->next);
		return false;
	}
	reader->open_done = at;
	return at == bytes;
}

static bool take_closed(struct reader *reader)
{
	const struct vmi_packet *packet = rom_packet(reader->rom, reader->next);

	if (!committed(packet, packet->packet_bits / 8)) {
		diag("packet %u is not committed whole", reader->next);
		return false;
	}
	if (!take_packet(reader, packet, packet->packet_bits / 8))
		return false;
	reader->open_done = 0;
	reader->next++;
	__atomic_store_n(&reader->rom->host->consumed, reader->next,
			 __ATOMIC_RELEASE);
	return true;
}

bool reader_take(struct reader *reader, bool with_open)
{
	const struct vmi_trace_ctl *ctl = reader->rom->ctl;
	const struct vmi_packet *packet;
	uint32_t reserved;

	while (reader->next != ctl->packets)
		if (!take_closed(reader))
			return false;
	if (!with_open || !ctl->open)
		return true;
	packet = rom_packet(reader->rom, reader->next);
	reserved = open_bytes(ctl);
	if (ctl->busy || packet->packet_bits || !committed(packet, reserved)) {
		diag("open packet: busy %u, %u bits, %u bytes not committed whole",
		     ctl->busy, packet->packet_bits, reserved);
		return false;
	}
	return take_packet(reader, packet, reserved);
}

void reader_poll(struct reader *reader)
{
	const struct vmi_trace_ctl *ctl = reader->rom->ctl;

	while (reader->next != __atomic_load_n(&ctl->packets, __ATOMIC_ACQUIRE)) {
		const struct vmi_packet *packet =
			rom_packet(reader->rom, reader->next);

		if (!committed(packet, packet->packet_bits / 8) ||
		    !take_closed(reader))
			return;
	}
}

size_t reader_unread(const struct reader *reader)
{
	const struct vmi_trace_ctl *ctl = reader->rom->ctl;
	size_t bytes = 0;
	uint32_t nr;

	for (nr = reader->next; nr != ctl->packets; nr++)
		bytes += rom_packet(reader->rom, nr)->packet_bits / 8 -
			 VMI_PKT_HEADER_BYTES;
	if (ctl->open)
		bytes += open_bytes(ctl) - VMI_PKT_HEADER_BYTES;
	return bytes / VMI_REC_BYTES;
}

bool reader_marked_right(const struct reader *reader, enum vmi_call outer_nr,
			 enum vmi_call inner_nr)
{
	const struct event *outer = NULL, *inner = NULL;

	for (size_t i = 0; i < reader->count; i++) {
		const struct event *event = &reader->events[i];

		if (event->ret == FABRICATED)
			continue;
		if (event->call == outer_nr)
			outer = event;
		if (event->call == inner_nr)
			inner = event;
	}
	if (inner && inner->interrupted)
		return false;
	if (outer && !outer->measured)
		return !outer->interrupted;
	if (!outer || !inner)
		return true;
	return outer->interrupted ==
	       (inner->time > outer->time - outer->cycles &&
		inner->time <= outer->time);
}

bool reader_adds_up(const struct reader *reader)
{
	uint64_t lost = reader->rom->ctl->lost - reader->lost_before;
	uint32_t calls = counted(reader->rom) - reader->counted_before;

	if (calls == reader->count + lost)
		return true;
	diag("%u counted, %zu recorded, %llu lost", calls, reader->count,
	     (unsigned long long)lost);
	return false;
}
