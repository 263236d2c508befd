// SPDX-License-Identifier: GPL-2.0-only
/*
 * The drain against a guest in C: nothing is lost unseen, whatever the order of
 * things, and a guest that writes nonsense is told so and harms nobody.
 */
#include "fake_rom.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "record/drain.h"

static const uint8_t uuid[16] = "0123456789abcdef";

struct setup {
	struct fake_rom fake;
	struct trace_rom rom;
	struct ctf_stream stream;
	struct drain drain;
	char path[32];
};

static void begin(struct setup *s)
{
	char why[200];
	int fd;

	memset(s, 0, sizeof(*s));
	strcpy(s->path, "/tmp/vmiprof-test-XXXXXX");
	fd = mkstemp(s->path);
	assert_true(fd >= 0);
	close(fd);
	fake_create(&s->fake);
	assert_int_equal(trace_rom_search(&s->rom, NULL, &s->fake.ram, why,
					  sizeof(why)),
			 TRACE_ROM_OFF);
	fake_init(&s->fake);
	assert_int_equal(trace_rom_search(&s->rom, NULL, &s->fake.ram, why,
					  sizeof(why)),
			 TRACE_ROM_ON);
	assert_int_equal(s->rom.phys, FAKE_PHYS);
	assert_string_equal(s->rom.name, "fake");
	assert_int_equal(ctf_stream_open(&s->stream, s->path), 0);
	drain_attach(&s->drain, &s->fake.ram, &s->rom, &s->stream, uuid,
		     VMI_HOST_ATTACHED);
	assert_int_equal(s->fake.host->flags, VMI_HOST_ATTACHED);
}

static void end(struct setup *s)
{
	unlink(s->path);
	fake_destroy(&s->fake);
}

/* What the file holds, read by rules of its own. */
struct found {
	uint64_t events;
	uint64_t packets;
	uint64_t lost;		/* of the last packet */
	uint64_t gaps;		/* missing sequence numbers */
	uint64_t bad_args;	/* records not in the order of the calls */
};

static void read_packet(struct found *found, const uint8_t *bytes,
			const struct vmi_packet *header, uint32_t *next_arg)
{
	const uint8_t *end_of_packet = bytes + header->content_bits / 8;
	uint64_t time = header->time_begin;
	uint64_t high = time & ~(uint64_t)UINT32_MAX;

	for (bytes += sizeof(*header); bytes < end_of_packet; found->events++) {
		struct vmi_record record;

		memcpy(&record, bytes, sizeof(record));
		assert_true((high | record.time) >= time);
		time = high | record.time;
		assert_true(time <= header->time_end);
		if (record.arg != *next_arg)
			found->bad_args++;
		*next_arg = record.arg + 1;
		bytes += record.word & VMI_REC_WIDE ? VMI_REC_WIDE_BYTES
						    : VMI_REC_BYTES;
	}
	assert_ptr_equal(bytes, end_of_packet);
}

static struct found read_file(const char *path)
{
	struct found found = { 0 };
	uint32_t next_arg = 0, next_seq = 0;
	uint64_t time = 0;
	uint8_t *content = malloc(8 << 20);
	int fd = open(path, O_RDONLY);
	ssize_t bytes = read(fd, content, 8 << 20);
	ssize_t at = 0;

	assert_true(bytes >= 0 && bytes < 8 << 20);
	close(fd);
	while (at < bytes) {
		struct vmi_packet header;

		assert_true(bytes - at >= (ssize_t)sizeof(header));
		memcpy(&header, content + at, sizeof(header));
		assert_int_equal(header.magic, VMI_PKT_CTF_MAGIC);
		assert_memory_equal(header.uuid, uuid, sizeof(uuid));
		assert_int_equal(header.stream_id, 0);
		assert_int_equal(header.vcpu, 0);
		assert_int_equal(header.content_bits, header.packet_bits);
		assert_int_equal(header.content_bits % 128, 0);
		assert_true(header.content_bits >= 512);
		assert_true(header.content_bits / 8 <= bytes - at);
		assert_true(header.time_begin >= time);
		assert_true(header.time_end >= header.time_begin);
		assert_true(header.lost >= found.lost);
		time = header.time_end;
		found.lost = header.lost;
		found.gaps += header.seq - next_seq;
		next_seq = header.seq + 1;
		found.packets++;
		read_packet(&found, content + at, &header, &next_arg);
		at += header.content_bits / 8;
	}
	free(content);
	return found;
}

/* End the recording and compare the three counts. */
static struct found finish(struct setup *s)
{
	struct drain_totals totals;
	struct found found;

	assert_int_equal(drain_finish(&s->drain), 0);
	assert_int_equal(ctf_stream_close(&s->stream), 0);
	drain_sample(&s->drain);
	drain_totals(&s->drain, &totals);
	found = read_file(s->path);
	assert_int_equal(found.events, s->stream.events);
	assert_int_equal(totals.counted,
			 s->fake.counters[VMI_CALL_EnableInterrupts]);
	assert_int_equal(found.lost, totals.counted - found.events);
	return found;
}

static void test_in_order(void **state)
{
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	for (int i = 0; i < 1000; i++) {
		fake_calls(&s.fake, i % 100);
		assert_true(drain_poll(&s.drain) >= 0);
	}
	assert_true(drain_settled(&s.drain));
	found = finish(&s);
	assert_int_equal(found.events, 1000 / 100 * 4950);
	assert_int_equal(found.lost, 0);
	assert_int_equal(found.gaps, 0);
	assert_int_equal(found.bad_args, 0);
	assert_int_equal(s.fake.host->consumed, found.packets);
	end(&s);
}

struct observed {
	uint64_t packets;
	uint64_t events;
	uint64_t lost;
};

static void observe(void *arg, const struct vmi_packet *packet)
{
	struct observed *observed = arg;

	assert_int_equal(packet->seq, observed->packets);
	assert_memory_equal(packet->uuid, uuid, sizeof(uuid));
	assert_int_equal(packet->content_bits, packet->packet_bits);
	assert_true(packet->time_end >= packet->time_begin);
	observed->packets++;
	observed->events += (packet->content_bits / 8 - sizeof(*packet)) /
			    sizeof(struct vmi_record);
	observed->lost = packet->lost;
}

/* The one set before the drain is attached, the other while it runs. */
static void test_observers(void **state)
{
	struct observed early = { 0 }, late = { 0 };
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	memset(&s.drain, 0, sizeof(s.drain));
	assert_true(drain_observe(&s.drain, observe, &early));
	drain_attach(&s.drain, &s.fake.ram, &s.rom, &s.stream, uuid,
		     VMI_HOST_ATTACHED);
	assert_true(drain_observe(&s.drain, observe, &late));
	assert_true(drain_observe(&s.drain, observe, &(struct observed){ 0 }));
	assert_true(drain_observe(&s.drain, observe, &(struct observed){ 0 }));
	assert_false(drain_observe(&s.drain, observe, &early));
	fake_calls(&s.fake, 500);
	assert_true(drain_poll(&s.drain) > 0);
	fake_calls(&s.fake, 100);
	found = finish(&s);
	assert_true(found.lost > 0);
	assert_int_equal(early.packets, found.packets);
	assert_int_equal(early.events, found.events);
	assert_int_equal(early.lost, found.lost);
	assert_memory_equal(&early, &late, sizeof(early));
	end(&s);
}

static void test_nothing(void **state)
{
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	assert_int_equal(drain_poll(&s.drain), 0);
	assert_true(drain_settled(&s.drain));
	found = finish(&s);
	assert_int_equal(found.packets, 0);
	end(&s);
}

static void test_full_ring_loses_and_counts(void **state)
{
	/* 28 records of 16 bytes fit into a sub-buffer of 512. */
	const unsigned int room = FAKE_NR_SUBBUFS * 28;
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, (int)room + 500);
	assert_int_equal(s.fake.ctl->lost, 500);
	assert_int_equal(drain_poll(&s.drain), FAKE_NR_SUBBUFS);
	fake_calls(&s.fake, (int)room + 77);
	/* Nothing comes behind the last losses, and yet they are told. */
	found = finish(&s);
	assert_int_equal(found.events, 2 * room);
	assert_int_equal(found.lost, 577);
	assert_int_equal(found.gaps, 0);
	assert_int_equal(found.packets, 2 * FAKE_NR_SUBBUFS + 1);
	end(&s);
}

static void test_wide_records_are_one_event(void **state)
{
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	for (int i = 0; i < 500; i++) {
		fake_call(&s.fake,
			  i % 7 ? VMI_REC_BYTES : VMI_REC_WIDE_BYTES);
		assert_true(drain_poll(&s.drain) >= 0);
	}
	found = finish(&s);
	assert_int_equal(found.events, 500);
	assert_int_equal(found.bad_args, 0);
	assert_int_equal(found.lost, 0);
	end(&s);
}

static void test_new_epoch_closes(void **state)
{
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, 3);
	s.fake.tsc += (uint64_t)1 << 32;
	fake_calls(&s.fake, 3);
	found = finish(&s);
	assert_int_equal(found.packets, 2);
	assert_int_equal(found.events, 6);
	end(&s);
}

static void test_waits_for_commit(void **state)
{
	struct setup s;
	struct vmi_record_wide *interrupted;
	struct found found;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, 5);
	interrupted = fake_reserve(&s.fake, VMI_REC_BYTES);
	fake_calls(&s.fake, 60);
	/* The first packet has a hole, the second could be taken but for it. */
	assert_int_equal(s.fake.ctl->packets, 2);
	assert_int_equal(drain_poll(&s.drain), 0);
	assert_false(drain_settled(&s.drain));
	fake_commit(&s.fake, interrupted, VMI_REC_BYTES);
	assert_int_equal(drain_poll(&s.drain), 2);
	assert_true(drain_settled(&s.drain));
	found = finish(&s);
	assert_int_equal(found.events, 66);
	assert_int_equal(found.lost, 0);
	end(&s);
}

/* Only the record itself is lost, in a closed packet and in the open one. */
static void test_holes_at_the_end_are_given_up(void **state)
{
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, 28);
	assert_non_null(fake_reserve(&s.fake, VMI_REC_BYTES));
	fake_calls(&s.fake, 27 + 28 + 2);
	assert_non_null(fake_reserve(&s.fake, VMI_REC_BYTES));
	fake_call(&s.fake, VMI_REC_WIDE_BYTES);
	assert_non_null(fake_reserve(&s.fake, VMI_REC_BYTES));
	assert_int_equal(drain_poll(&s.drain), 1);
	assert_false(drain_settled(&s.drain));
	found = finish(&s);
	assert_int_equal(s.drain.uncommitted, 3);
	assert_int_equal(found.gaps, 0);
	assert_int_equal(found.packets, 4);
	assert_int_equal(found.events, 28 + 27 + 28 + 3);
	assert_int_equal(found.bad_args, 0);
	end(&s);
}

/* A call that never ends is waited for, but not for ever. */
static void test_abandoned_record(void **state)
{
	const unsigned int room = FAKE_NR_SUBBUFS * 28;
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, 5);
	assert_non_null(fake_reserve(&s.fake, VMI_REC_BYTES));
	fake_calls(&s.fake, 50);
	s.drain.patience_ns = 0;
	assert_int_equal(drain_poll(&s.drain), 0);
	fake_calls(&s.fake, (int)room - 56 + 10);
	assert_int_equal(s.fake.ctl->lost, 10);
	s.drain.patience_ns = UINT64_MAX;
	assert_int_equal(drain_poll(&s.drain), 0);
	assert_int_equal(s.drain.uncommitted, 0);
	s.drain.patience_ns = 0;
	assert_int_equal(drain_poll(&s.drain), FAKE_NR_SUBBUFS);
	assert_int_equal(s.drain.uncommitted, 1);
	assert_true(drain_settled(&s.drain));
	fake_calls(&s.fake, 100);
	found = finish(&s);
	assert_int_equal(found.events, room - 1 + 100);
	assert_int_equal(found.lost, 10);
	assert_int_equal(found.gaps, 0);
	end(&s);
}

/* It does end after all, and writes over a record that is not its own. */
static void test_late_commit(void **state)
{
	const unsigned int room = FAKE_NR_SUBBUFS * 28;
	struct setup s;
	struct vmi_record_wide *late;
	struct found found;
	uint32_t time;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, 5);
	late = fake_reserve(&s.fake, VMI_REC_BYTES);
	time = late->head.time;
	fake_calls(&s.fake, (int)room - 6 + 1);
	s.drain.patience_ns = 0;
	assert_int_equal(drain_poll(&s.drain), FAKE_NR_SUBBUFS);
	fake_calls(&s.fake, 28);
	late->head.time = time;
	fake_commit(&s.fake, late, VMI_REC_BYTES);
	fake_calls(&s.fake, 29);
	assert_int_equal(drain_poll(&s.drain), 2);
	assert_int_equal(s.drain.uncommitted, 2);
	/* Once: in the next turn all is as it was. */
	fake_calls(&s.fake, (int)room);
	assert_true(drain_poll(&s.drain) > 0);
	found = finish(&s);
	assert_int_equal(s.drain.uncommitted, 2);
	assert_int_equal(found.events, room - 1 + 56 + room - 1);
	assert_int_equal(found.gaps, 0);
	end(&s);
}

/* A non-maskable interrupt inside the recorder is lost while a packet is open. */
static void test_loss_in_the_open_packet(void **state)
{
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, 3);
	s.fake.ctl->lost += 2;
	s.fake.counters[VMI_CALL_EnableInterrupts] += 2;
	found = finish(&s);
	assert_int_equal(found.packets, 1);
	assert_int_equal(found.lost, 2);
	end(&s);
}

/* An open packet whose size makes no sense is as good as torn. */
static void test_nonsense_in_the_open_packet(void **state)
{
	static const uint32_t pos[] = { 100, 48, 1, 0xffffff8f };
	struct setup s;

	(void)state;
	for (size_t i = 0; i < sizeof(pos) / sizeof(pos[0]); i++) {
		begin(&s);
		fake_calls(&s.fake, 3);
		s.fake.ctl->pos = pos[i];
		assert_false(drain_settled(&s.drain));
		assert_int_equal(drain_finish(&s.drain), 0);
		assert_int_equal(s.drain.uncommitted, 1);
		ctf_stream_close(&s.stream);
		assert_int_equal(read_file(s.path).events, 0);
		end(&s);
	}
}

/* What only the last look at the open packet shows is told as well. */
static void test_lie_in_the_open_packet(void **state)
{
	struct setup s;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, 3);
	fake_packet(&s.fake)->seq = 7;
	assert_int_equal(drain_poll(&s.drain), 0);
	assert_true(drain_settled(&s.drain));
	assert_non_null(strstr(s.drain.error, "seq is 7"));
	end(&s);
	ctf_stream_close(&s.stream);
}

static void test_busy_is_not_settled(void **state)
{
	struct setup s;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, 3);
	s.fake.ctl->busy = 1;
	assert_false(drain_settled(&s.drain));
	s.fake.ctl->busy = 0;
	assert_true(drain_settled(&s.drain));
	s.fake.counters[VMI_CALL_Init]++;
	assert_false(drain_settled(&s.drain));
	end(&s);
	ctf_stream_close(&s.stream);
}

static void test_donated_ring(void **state)
{
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, 100);
	assert_int_equal(drain_poll(&s.drain), 3);
	fake_calls(&s.fake, 50);
	fake_donate(&s.fake, 64 << 10);
	assert_int_equal(drain_poll(&s.drain), 3);
	fake_calls(&s.fake, 3000);
	assert_int_equal(s.fake.ctl->lost, 0);
	for (int i = 0; i < 200; i++) {
		fake_calls(&s.fake, 90);
		assert_true(drain_poll(&s.drain) > 0);
	}
	found = finish(&s);
	assert_int_equal(found.events, 150 + 3000 + 18000);
	assert_int_equal(found.lost, 0);
	assert_int_equal(found.gaps, 0);
	assert_int_equal(found.bad_args, 0);
	end(&s);
}

/* Nothing is left in the old ring when the new one comes. */
static void test_donated_when_empty(void **state)
{
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, 28);
	fake_donate(&s.fake, 64 << 10);
	assert_int_equal(drain_poll(&s.drain), 1);
	fake_calls(&s.fake, 28 * 100);
	assert_int_equal(drain_poll(&s.drain), 99);
	found = finish(&s);
	assert_int_equal(found.events, 28 * 101);
	assert_int_equal(found.bad_args, 0);
	end(&s);

	begin(&s);
	fake_donate(&s.fake, 64 << 10);
	fake_calls(&s.fake, 5);
	found = finish(&s);
	assert_int_equal(found.events, 5);
	end(&s);
}

/* Both rings full of packets that the host did not take yet. */
static void test_donated_while_full(void **state)
{
	struct setup s;
	struct found found;

	(void)state;
	begin(&s);
	fake_calls(&s.fake, FAKE_NR_SUBBUFS * 28);
	fake_donate(&s.fake, 2 * FAKE_SUBBUF);
	fake_calls(&s.fake, 2 * 28 + 9);
	assert_int_equal(s.fake.ctl->lost, 9);
	assert_int_equal(drain_poll(&s.drain), FAKE_NR_SUBBUFS + 2);
	fake_calls(&s.fake, 10);
	found = finish(&s);
	assert_int_equal(found.events, FAKE_NR_SUBBUFS * 28 + 2 * 28 + 10);
	assert_int_equal(found.bad_args, 0);
	end(&s);
}

static void test_counters_widen(void **state)
{
	struct setup s;
	struct drain_totals totals;

	(void)state;
	begin(&s);
	s.fake.counters[VMI_CALL_Halt] = 0xfffffff0;
	drain_sample(&s.drain);
	s.fake.counters[VMI_CALL_Halt] += 0x20;
	drain_sample(&s.drain);
	drain_totals(&s.drain, &totals);
	assert_true(totals.counted == 0x100000010);
	ctf_stream_close(&s.stream);
	end(&s);
}

/* ---- Guests that write nonsense ---- */

/* One that begins anew does so; it is no 2^32 calls. */
static void test_counter_falls(void **state)
{
	struct setup s;
	struct drain_totals totals;

	(void)state;
	begin(&s);
	s.fake.counters[VMI_CALL_Halt] = 500;
	s.fake.counters[VMI_CALL_Init] = 1;
	drain_sample(&s.drain);
	assert_string_equal(s.drain.error, "");
	s.fake.counters[VMI_CALL_Halt] = 7;
	s.fake.counters[VMI_CALL_Init] = 0;
	drain_sample(&s.drain);
	assert_non_null(strstr(s.drain.error, "it was set back"));
	drain_totals(&s.drain, &totals);
	assert_true(totals.counted == 501);
	ctf_stream_close(&s.stream);
	end(&s);
}

static struct vmi_packet *image_packet(struct setup *s, uint32_t index)
{
	return (struct vmi_packet *)(s->fake.ram.base + FAKE_PHYS + FAKE_RING +
				     (size_t)index * FAKE_SUBBUF);
}

static void spoil_packets(struct setup *s)
{
	s->fake.ctl->packets = 9;
}

static void spoil_packets_back(struct setup *s)
{
	assert_int_equal(drain_poll(&s->drain), 2);
	s->fake.ctl->packets = 1;
}

static void spoil_packet_bits_large(struct setup *s)
{
	image_packet(s, 0)->packet_bits = 528 * 8;
}

static void spoil_packet_bits_small(struct setup *s)
{
	image_packet(s, 0)->packet_bits = 511;
}

static void spoil_packet_bits_odd(struct setup *s)
{
	image_packet(s, 0)->packet_bits -= 8;
}

static void spoil_seq(struct setup *s)
{
	image_packet(s, 1)->seq = 7;
}

static void spoil_vcpu(struct setup *s)
{
	image_packet(s, 0)->vcpu = 1;
}

static void spoil_time_begin(struct setup *s)
{
	image_packet(s, 1)->time_begin = 5;
}

static void spoil_time_end(struct setup *s)
{
	image_packet(s, 0)->time_end += (uint64_t)1 << 32;
}

static void spoil_lost(struct setup *s)
{
	image_packet(s, 0)->lost = 3;
	s->fake.ctl->lost = 3;
}

/* More than the ROM says in ctl. */
static void spoil_lost_in_packet(struct setup *s)
{
	image_packet(s, 0)->lost = 3;
}

/* More than were counted, in both places. */
static void spoil_lost_both(struct setup *s)
{
	image_packet(s, 0)->lost = 1ull << 63;
	s->fake.ctl->lost = UINT64_MAX;
}

static void spoil_record_time(struct setup *s)
{
	((struct vmi_record *)(image_packet(s, 0) + 1))[4].time -= 200;
}

static void spoil_wide(struct setup *s)
{
	/* The last record of the packet, which has no room for that form. */
	((struct vmi_record *)(image_packet(s, 0) + 1))[27].word |= VMI_REC_WIDE;
}

static void spoil_ring_phys(struct setup *s)
{
	fake_donate(&s->fake, 8192);
	s->fake.ctl->ring_phys = FAKE_RAM_BYTES - 4096;
}

static void spoil_ring_align(struct setup *s)
{
	fake_donate(&s->fake, 4096);
	s->fake.ctl->ring_phys += 2048;
}

static void spoil_ring_over_rom(struct setup *s)
{
	fake_donate(&s->fake, 4096);
	s->fake.ctl->ring_phys = FAKE_PHYS & ~4095u;
}

static void spoil_ring_bytes(struct setup *s)
{
	fake_donate(&s->fake, 4096);
	s->fake.ctl->ring_bytes = 0xfffff000;
}

static void spoil_subbuf_bytes(struct setup *s)
{
	fake_donate(&s->fake, 4096);
	s->fake.ctl->subbuf_bytes = 0;
}

static void spoil_first_packet(struct setup *s)
{
	fake_donate(&s->fake, 4096);
	s->fake.ctl->first_packet = 100;
}

static void spoil_second_donation(struct setup *s)
{
	fake_donate(&s->fake, 4096);
	assert_true(drain_poll(&s->drain) >= 0);
	s->fake.ctl->ring_phys = 0;
}

/*
 * Any record may be the one whose time steps back, by one, in a packet whose
 * times pass 2^31, where signed and unsigned numbers differ.
 */
static void test_each_time_is_compared(void **state)
{
	const unsigned int records = 28;	/* of a packet */

	(void)state;
	for (unsigned int at = 0; at <= records; at++) {
		struct vmi_record *record;
		struct setup s;

		begin(&s);
		s.fake.tsc = 0x57ffffa00;
		fake_calls(&s.fake, (int)records + 1);
		record = (struct vmi_record *)(fake_at(&s.fake, 0) +
					       sizeof(struct vmi_packet));
		/* The same time as before is fine. */
		for (unsigned int i = 1; i < records; i++) {
			if (i == at)
				record[i].time = record[i - 1].time - 1;
			else if (i % 3 == 0)
				record[i].time = record[i - 1].time;
		}
		if (at == 0)
			record[0].time =
				(uint32_t)((struct vmi_packet *)record - 1)
					->time_begin -
				1;
		assert_int_equal(drain_poll(&s.drain),
				 at < records ? -1 : 1);
		if (at == records)
			(void)drain_finish(&s.drain);
		ctf_stream_close(&s.stream);
		end(&s);
	}
}

static void test_spoiled_fields(void **state)
{
	static const struct {
		void (*spoil)(struct setup *s);
		const char *message;
	} cases[] = {
		{ spoil_packets, "ctl.packets is 9, expected at most 8" },
		{ spoil_packets_back, "ctl.packets is 1, expected at most 10" },
		{ spoil_packet_bits_large,
		  "packet 0: packet_bits is 4224, expected 512 to 4096" },
		{ spoil_packet_bits_small, "packet 0: packet_bits is 511" },
		{ spoil_packet_bits_odd, "packet 0: packet_bits is 4088" },
		{ spoil_seq, "packet 1: seq is 7 and vcpu 0, expected 1 and 0" },
		{ spoil_vcpu, "packet 0: seq is 0 and vcpu 1, expected 0 and 0" },
		{ spoil_time_begin, "packet 1: time_begin is 5, expected" },
		{ spoil_time_end, "packet 0: time_end is 0x6" },
		{ spoil_lost, "packet 1: lost is 0, expected at least 3" },
		{ spoil_lost_in_packet, "packet 0: lost is 3, but ctl.lost 0" },
		{ spoil_lost_both,
		  "packet 0: lost is 9223372036854775808, but ctl.lost 18446744073709551615, and of 59 calls counted 0 are recorded" },
		{ spoil_record_time, "packet 0: its records do not fit" },
		{ spoil_wide, "packet 0: its records do not fit" },
		{ spoil_ring_phys, "ctl.ring_phys is 0x1ff000, expected 8192" },
		{ spoil_ring_align, "ctl.ring_phys is 0x180800, expected 4096" },
		{ spoil_ring_over_rom, "overlaps the ROM at 0xc8800" },
		{ spoil_ring_bytes, "ctl.ring_bytes is 4294963200" },
		{ spoil_subbuf_bytes, "ctl.subbuf_bytes 0, expected two" },
		{ spoil_first_packet, "ctl.first_packet is 100, expected 0 to 8" },
		{ spoil_second_donation, "ctl.ring_phys is 0x0, was 0x180000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const char start[] = "guest corrupted the ring: ";
		struct setup s;
		struct found found;

		begin(&s);
		/* Two closed packets and an open one. */
		fake_calls(&s.fake, 2 * 28 + 3);
		cases[i].spoil(&s);
		if (drain_poll(&s.drain) != -1 ||
		    strncmp(s.drain.error, start, strlen(start)) != 0 ||
		    !strstr(s.drain.error, cases[i].message))
			fail_msg("case %zu: found '%s', expected '%s'", i,
				 s.drain.error, cases[i].message);
		/* What came before stays. */
		assert_int_equal(ctf_stream_close(&s.stream), 0);
		found = read_file(s.path);
		assert_int_equal(found.events, s.stream.events);
		assert_int_equal(found.packets, s.drain.consumed);
		end(&s);
	}
}

static uint32_t random_next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Somewhere in what the guest writes, or anywhere in the ROM's descriptor. */
static void scribble(struct setup *s, uint32_t *seed)
{
	static const struct {
		uint32_t offset, bytes;
	} area[] = {
		{ FAKE_CTL, VMI_CTL_BYTES },
		{ FAKE_HOST, VMI_HOST_BYTES },
		{ FAKE_RING, FAKE_SUBBUF * FAKE_NR_SUBBUFS },
		{ 0, 0x1400 },
	};
	uint32_t which = random_next(seed) % 4;
	uint32_t offset = area[which].offset +
			  random_next(seed) % area[which].bytes / 4 * 4;
	uint32_t *word = (uint32_t *)(s->fake.ram.base + FAKE_PHYS + offset);

	switch (random_next(seed) % 4) {
	case 0:
		*word = random_next(seed);
		break;
	case 1:
		*word ^= 1u << random_next(seed) % 32;
		break;
	case 2:
		*word += random_next(seed) % 64 - 32;
		break;
	default:
		*word = random_next(seed) % 2 ? UINT32_MAX : 0;
	}
}

/* The guest goes on as well as it can on its broken ring. */
static void fuzzed_calls(struct setup *s, uint32_t *seed)
{
	struct vmi_trace_ctl *ctl = s->fake.ctl;
	struct vmi_trace_ctl sane = *ctl;
	uint32_t nr = random_next(seed) % 80;

	/* It is the host that is tested here: keep the fake in its own memory. */
	if (ctl->ring_mask >= 64 << 10 ||
	    (ctl->ring_delta != FAKE_RING &&
	     ctl->ring_delta != FAKE_DONATED_PHYS - FAKE_PHYS) ||
	    ctl->subbuf_bytes != FAKE_SUBBUF || ctl->pos % 16)
		return;
	if (!sane.ring_phys && random_next(seed) % 16 == 0)
		fake_donate(&s->fake, 8192);
	while (nr--)
		fake_call(&s->fake, random_next(seed) % 9 ? VMI_REC_BYTES
							   : VMI_REC_WIDE_BYTES);
}

/* The host may write to the guest's memory nowhere but in its own structure. */
static uint64_t sum_but_host(const struct fake_rom *fake)
{
	const uint64_t *word = (const uint64_t *)fake->ram.base;
	const uint64_t *host = (const uint64_t *)fake->host;
	uint64_t sum = 0;

	for (size_t i = 0; i < FAKE_RAM_BYTES / sizeof(*word); i++) {
		if (word + i < host || word + i >= host + VMI_HOST_BYTES / 8)
			sum = sum * 31 + word[i];
	}
	return sum;
}

static void fuzz_one(uint32_t seed, unsigned int *nr_corrupt)
{
	struct setup s;
	struct found found;
	uint64_t sum;
	int steps = 1 + (int)(random_next(&seed) % 30);
	int result = 0;

	begin(&s);
	for (int i = 0; i < steps && result >= 0; i++) {
		fuzzed_calls(&s, &seed);
		if (random_next(&seed) % 3 == 0)
			scribble(&s, &seed);
		result = drain_poll(&s.drain);
	}
	sum = sum_but_host(&s.fake);
	if (result >= 0) {
		drain_settled(&s.drain);
		result = drain_finish(&s.drain);
	}
	assert_true(sum == sum_but_host(&s.fake));
	if (result < 0) {
		assert_true(*s.drain.error);
		++*nr_corrupt;
	}
	assert_int_equal(ctf_stream_close(&s.stream), 0);
	found = read_file(s.path);
	assert_int_equal(found.events, s.stream.events);
	end(&s);
}

static void test_fuzz(void **state)
{
	unsigned int nr_corrupt = 0;
	const unsigned int rounds = 1500;

	(void)state;
	for (unsigned int i = 1; i <= rounds; i++)
		fuzz_one(i * 2654435761u, &nr_corrupt);
	/* Neither does it find everything well nor everything broken. */
	assert_in_range(nr_corrupt, rounds / 10, rounds * 9 / 10);
}

/* ---- Sums ---- */

/* At the end, too, no more was lost than was counted; nothing says so on disk. */
static void test_lost_is_bounded(void **state)
{
	static const uint64_t lies[] = { 1000, 1ull << 32, 1ull << 63,
					 UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct setup s;
		struct found found;

		begin(&s);
		fake_calls(&s.fake, 2 * 28);
		assert_int_equal(drain_poll(&s.drain), 1);
		s.fake.ctl->open = 0;
		s.fake.ctl->lost = lies[i];
		assert_int_equal(drain_finish(&s.drain), -1);
		assert_non_null(strstr(s.drain.error, "ctl.lost is "));
		assert_int_equal(ctf_stream_close(&s.stream), 0);
		found = read_file(s.path);
		assert_int_equal(found.events, 28);
		assert_int_equal(found.packets, 1);
		end(&s);
	}
}

/* While the guest runs: what is missing lies in the ring, if that has room. */
static void test_adds_up(void **state)
{
	struct drain_totals totals;
	char why[200] = "";
	struct setup s;

	(void)state;
	begin(&s);
	for (int i = 0; i < 40; i++) {
		fake_calls(&s.fake, 17);
		assert_true(drain_adds_up(&s.drain, &totals, why, sizeof(why)));
		assert_int_equal(totals.counted, 17 * (i + 1));
		if (i % 7 == 6)
			assert_true(drain_poll(&s.drain) > 0);
	}
	s.fake.counters[VMI_CALL_EnableInterrupts] += 10000;
	assert_false(drain_adds_up(&s.drain, &totals, why, sizeof(why)));
	assert_non_null(strstr(why, "the ROM counted 10680 calls, but "));
	s.fake.counters[VMI_CALL_EnableInterrupts] -= 10000;
	s.drain.counted[VMI_CALL_EnableInterrupts] = 680;
	s.drain.counter_seen[VMI_CALL_EnableInterrupts] = 680;
	assert_true(drain_adds_up(&s.drain, &totals, why, sizeof(why)));
	/* So that all together would be 0 modulo 2^64. */
	s.fake.ctl->lost = -s.drain.events;
	assert_false(drain_adds_up(&s.drain, &totals, why, sizeof(why)));
	ctf_stream_close(&s.stream);
	end(&s);
}

/* ---- Finding the ROM ---- */

static void test_search_spoiled_descriptor(void **state)
{
	static const struct {
		size_t offset;
		uint32_t value;
		const char *message;
	} cases[] = {
		{ offsetof(struct vmi_descriptor, ctl_offset), 0x5fc0,
		  "recorder state: found 0x5fc0 and 128 bytes" },
		{ offsetof(struct vmi_descriptor, ctl_offset), 0xfffffff0,
		  "recorder state: found 0xfffffff0" },
		{ offsetof(struct vmi_descriptor, host_offset), 0x3001,
		  "host's words: found 0x3001, expected a multiple of 64" },
		{ offsetof(struct vmi_descriptor, host_offset), 0x3040,
		  "found recorder state and host's words in one place" },
		{ offsetof(struct vmi_descriptor, host_offset), 0x1000,
		  "host's words: found 0x1000, expected it behind the code" },
		{ offsetof(struct vmi_descriptor, ring_bytes), 3 * FAKE_SUBBUF,
		  "two or more sub-buffers" },
		{ offsetof(struct vmi_descriptor, subbuf_bytes), 96,
		  "two or more sub-buffers" },
		{ offsetof(struct vmi_descriptor, subbuf_bytes), 384,
		  "two or more sub-buffers" },
		{ offsetof(struct vmi_descriptor, nr_vcpus), 2,
		  "vCPUs: found 2, expected 1" },
	};
	struct fake_rom fake;
	struct trace_rom rom;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char why[200] = "";

		fake_create(&fake);
		memcpy(fake.ram.base + FAKE_PHYS + 0x1000 + cases[i].offset,
		       &cases[i].value, 4);
		assert_int_equal(trace_rom_search(&rom, NULL, &fake.ram, why,
						  sizeof(why)),
				 TRACE_ROM_BROKEN);
		if (!strstr(why, cases[i].message))
			fail_msg("case %zu: found '%s', expected '%s'", i, why,
				 cases[i].message);
		fake_destroy(&fake);
	}
	fake_create(&fake);
	fake.ram.base[FAKE_PHYS] = 0;
	assert_int_equal(trace_rom_search(&rom, NULL, &fake.ram, NULL, 0),
			 TRACE_ROM_NONE);
	fake_destroy(&fake);
}

/* Nothing that memory says of a ROM is believed if another one was loaded. */
static void test_search_compares_with_loaded(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *message;
	} cases[] = {
		{ VMI_HDR_LOCATOR + VMI_LOC_FLAGS, VMI_DESC_AGGREGATE,
		  "which has a table; loaded was \"fake\", which has a ring" },
		{ VMI_HDR_LOCATOR + VMI_LOC_OFFSET, 0x1800,
		  "byte 8 of its locator is 0x1800; in \"fake\", which was loaded, it is 0x1000" },
		{ 0x1000 + offsetof(struct vmi_descriptor, ctl_offset),
		  FAKE_CTL + 0x40, "byte 16 of its descriptor is 0x3040" },
		{ 0x1000 + offsetof(struct vmi_descriptor, ring_bytes),
		  2 * FAKE_SUBBUF, "byte 32 of its descriptor is 0x400" },
	};
	struct fake_rom fake;
	struct trace_rom rom, loaded;
	char why[200] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_create(&fake);
		assert_true(trace_rom_parse(&loaded, fake.ram.base + FAKE_PHYS,
					    FAKE_IMAGE_BYTES, why,
					    sizeof(why)));
		fake_init(&fake);
		memset(&rom, 0, sizeof(rom));
		assert_int_equal(trace_rom_search(&rom, &loaded, &fake.ram, why,
						  sizeof(why)),
				 TRACE_ROM_ON);
		assert_int_equal(rom.phys, FAKE_PHYS);
		assert_int_equal(rom.ring_bytes, loaded.ring_bytes);
		memcpy(fake.ram.base + FAKE_PHYS + cases[i].at,
		       &cases[i].value, 4);
		assert_int_equal(trace_rom_search(&rom, &loaded, &fake.ram, why,
						  sizeof(why)),
				 TRACE_ROM_DIFFERS);
		if (!strstr(why, cases[i].message))
			fail_msg("case %zu: found '%s', expected '%s'", i, why,
				 cases[i].message);
		/* It may be that the BIOS has not copied it yet. */
		fake.ctl->state = VMI_STATE_OFF;
		assert_int_equal(trace_rom_search(&rom, &loaded, &fake.ram, why,
						  sizeof(why)),
				 TRACE_ROM_BROKEN);
		fake_destroy(&fake);
	}
}

static void test_used_copies(void **state)
{
	struct setup s;
	uint64_t phys = 0;

	(void)state;
	begin(&s);
	memcpy(s.fake.ram.base + 0x100000, s.fake.ram.base + FAKE_PHYS,
	       FAKE_IMAGE_BYTES);
	fake_calls(&s.fake, 3);
	assert_int_equal(trace_rom_used_copies(&s.rom, &s.fake.ram, &phys), 0);
	((uint32_t *)(s.fake.ram.base + 0x100000 + FAKE_COUNTERS))[40] = 1;
	assert_int_equal(trace_rom_used_copies(&s.rom, &s.fake.ram, &phys), 1);
	assert_int_equal(phys, 0x100000);
	ctf_stream_close(&s.stream);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_observers),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_full_ring_loses_and_counts),
		cmocka_unit_test(test_wide_records_are_one_event),
		cmocka_unit_test(test_new_epoch_closes),
		cmocka_unit_test(test_waits_for_commit),
		cmocka_unit_test(test_holes_at_the_end_are_given_up),
		cmocka_unit_test(test_abandoned_record),
		cmocka_unit_test(test_late_commit),
		cmocka_unit_test(test_loss_in_the_open_packet),
		cmocka_unit_test(test_nonsense_in_the_open_packet),
		cmocka_unit_test(test_lie_in_the_open_packet),
		cmocka_unit_test(test_busy_is_not_settled),
		cmocka_unit_test(test_donated_ring),
		cmocka_unit_test(test_donated_when_empty),
		cmocka_unit_test(test_donated_while_full),
		cmocka_unit_test(test_counters_widen),
		cmocka_unit_test(test_counter_falls),
		cmocka_unit_test(test_each_time_is_compared),
		cmocka_unit_test(test_spoiled_fields),
		cmocka_unit_test(test_fuzz),
		cmocka_unit_test(test_lost_is_bounded),
		cmocka_unit_test(test_adds_up),
		cmocka_unit_test(test_search_spoiled_descriptor),
		cmocka_unit_test(test_search_compares_with_loaded),
		cmocka_unit_test(test_used_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
