// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader hands over what is good and tells what is not: each field of a
 * header wrong in turn, a file cut at every byte, and damage at random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "../synth/synth.h"
#include "lib/call_table.h"
#include "trace/trace_reader.h"
#include "trace/trace_threads.h"

enum { PACKETS = 4, CALLS = 10, EVENTS = PACKETS * CALLS };

struct seen {
	uint64_t packets, events, wide, lost, gaps;
	uint64_t time;
	uint64_t hash; /* of all records, in any order */
	uint64_t in_piece;
	bool gap_known; /* of the first packet in a piece */
};

/* Checks again what the reader promises about a packet. */
static void visit(void *arg, const struct trace_packet *packet)
{
	struct seen *seen = arg;
	const char *p;

	seen->packets++;
	seen->lost += packet->lost;
	seen->gaps += packet->after_gap;
	if (packet->first)
		seen->time = 0;
	for (p = packet->begin; p < packet->end; p += trace_record_bytes(p)) {
		const struct vmi_record *record = (const struct vmi_record *)p;
		const uint64_t time = packet->epoch | record->time;

		assert_non_null(call_table[trace_record_call(record)].name);
		assert_true(time >= seen->time);
		assert_true(time >= packet->header->time_begin);
		assert_true(time <= packet->header->time_end);
		seen->time = time;
		seen->events++;
		seen->wide += (record->word & VMI_REC_WIDE) != 0;
		seen->hash += (time ^ (uint64_t)record->word << 32) *
			      11400714819323198485U;
	}
	assert_ptr_equal(p, packet->end);
}

/* PACKETS packets of CALLS calls; the third of each is wide. */
static void build(struct synth *s)
{
	uint64_t time = 0xfffff000; /* the epoch changes on the way */

	synth_init(s, 0);
	for (int packet = 0; packet < PACKETS; packet++) {
		synth_begin(s, time);
		for (unsigned int i = 0; i < CALLS; i++) {
			time += 100;
			if (i == 2)
				synth_wide(s, VMI_CALL_Halt, time, 0, 7, 9);
			else
				synth_call(s, VMI_CALL_CLTS + i, time, 10 * i,
					   0);
		}
		synth_end(s, time, 2 * (uint64_t)packet);
		time = (time & ~0xffffffffULL) +
		       ((uint64_t)packet + 1) * 0x100000000ULL;
	}
}

static struct vmi_packet *header(struct synth *s, int packet)
{
	size_t offset = 0;

	while (packet--)
		offset += ((struct vmi_packet *)(s->data + offset))
				  ->content_bits /
			  8;
	return (struct vmi_packet *)(s->data + offset);
}

static struct vmi_record *record(struct synth *s, int packet, int nr)
{
	char *p = (char *)(header(s, packet) + 1);

	while (nr--)
		p += trace_record_bytes(p);
	return (struct vmi_record *)p;
}

/* A visitor for threads: what is seen does not depend on the pieces. */
static void *part_new(void *arg)
{
	(void)arg;
	return calloc(1, sizeof(struct seen));
}

static void visit_part(void *part, const struct trace_packet *packet)
{
	struct seen *seen = part;

	if (!seen->in_piece++)
		seen->gap_known = packet->after_gap;
	visit(part, packet);
}

static void end_piece(void *part, struct trace_edge *edge)
{
	struct seen *seen = part;

	edge->word[0] = seen->in_piece;
	edge->word[1] = seen->gap_known;
	seen->in_piece = 0;
	seen->time = 0;
}

static void join(void *arg, const struct trace_edge *edge, bool after_gap)
{
	struct seen *seen = arg;

	seen->gaps += edge->word[0] && after_gap && !edge->word[1];
}

static void merge(void *arg, void *part)
{
	struct seen *seen = arg, *add = part;

	seen->packets += add->packets;
	seen->events += add->events;
	seen->wide += add->wide;
	seen->gaps += add->gaps;
	seen->hash += add->hash;
	free(part);
}

static const struct trace_visitor visitor = {
	.part_new = part_new,
	.visit = visit_part,
	.end_piece = end_piece,
	.join = join,
	.merge = merge,
};

static void get_problems(const struct trace *trace, char *text, size_t size)
{
	(void)snprintf(text, size, "%zu\n", trace->problems.nr);
	for (size_t i = 0; i < problems_kept(&trace->problems); i++)
		(void)snprintf(text + strlen(text), size - strlen(text), "%s\n",
			       trace->problems.text[i]);
}

/* Several threads see, tell and count what reading in order does. */
static void check_threads(const char *dir, const struct trace *in_order,
			  const struct seen *seen)
{
	static const size_t piece_bytes[] = {1, 1000, 1 << 19};
	char text[16384], expected[16384];

	get_problems(in_order, expected, sizeof(expected));
	for (size_t i = 0; i < sizeof(piece_bytes) / sizeof(size_t); i++) {
		struct trace *trace = trace_open(dir);
		struct seen other = {0};

		assert_non_null(trace);
		trace_piece_bytes = piece_bytes[i];
		trace_read_threads(trace, 3, &visitor, &other);
		get_problems(trace, text, sizeof(text));
		assert_string_equal(text, expected);
		assert_memory_equal(&trace->totals, &in_order->totals,
				    sizeof(trace->totals));
		assert_int_equal(trace->streams[0].lost,
				 in_order->streams[0].lost);
		assert_int_equal(other.packets, seen->packets);
		assert_int_equal(other.events, seen->events);
		assert_int_equal(other.wide, seen->wide);
		assert_int_equal(other.gaps, seen->gaps);
		assert_true(other.hash == seen->hash);
		trace_close(trace);
	}
}

/* Write, read, and return what was seen; the problems' text goes to text. */
static struct seen read_back(const struct synth *s, char *text, size_t size)
{
	char *dir = scratch_new();
	int saved = scratch_quiet();
	struct seen seen = {0};
	struct trace *trace;

	synth_write(s, dir);
	trace = trace_open(dir);
	assert_non_null(trace);
	trace_read(trace, visit, &seen);
	get_problems(trace, text, size);
	/* Without the number, which is 0 where there is no text. */
	memmove(text, strchr(text, '\n') + 1, strlen(strchr(text, '\n')));
	assert_int_equal(trace->totals.packets, seen.packets);
	assert_int_equal(trace->totals.bytes + trace->totals.bytes_cut,
			 s->bytes);
	check_threads(dir, trace, &seen);
	scratch_loud(saved);
	trace_close(trace);
	scratch_remove(dir);
	return seen;
}

static void good(void **state)
{
	struct synth s;
	char text[4096];
	struct seen seen;

	(void)state;
	build(&s);
	seen = read_back(&s, text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(seen.packets, PACKETS);
	assert_int_equal(seen.events, EVENTS);
	assert_int_equal(seen.wide, PACKETS);
	assert_int_equal(seen.lost, 2 * (PACKETS - 1));
	assert_int_equal(seen.gaps, 0);
	synth_free(&s);
}

/* More than one piece, with packets across the borders of pieces. */
static void large(void **state)
{
	enum { MANY = 300, LONG = 1000 };
	struct synth s;
	char text[4096];
	struct seen seen;
	uint64_t time = 0;

	(void)state;
	synth_init(&s, 0);
	for (int packet = 0; packet < MANY; packet++) {
		synth_begin(&s, time);
		/* One of them is larger than a piece. */
		for (int i = 0; i < (packet == 77 ? 200 * LONG : LONG); i++)
			synth_call(&s, VMI_CALL_CLTS, time += 3, 1, 0);
		synth_end(&s, time, 0);
	}
	seen = read_back(&s, text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(seen.events, (MANY + 199) * LONG);
	synth_free(&s);
}

static void cut_anywhere(void **state)
{
	struct synth s;
	char text[4096];
	size_t whole, first;

	(void)state;
	build(&s);
	whole = s.bytes;
	first = header(&s, 0)->content_bits / 8;
	for (size_t bytes = 0; bytes < whole; bytes++) {
		struct seen seen;
		uint64_t packets = bytes / first;

		s.bytes = bytes;
		seen = read_back(&s, text, sizeof(text));
		assert_int_equal(seen.packets, packets);
		assert_int_equal(seen.events, packets * CALLS);
		if (bytes % first)
			assert_non_null(strstr(text, "torn"));
		else
			assert_string_equal(text, "");
	}
	synth_free(&s);
}

/* One field of the third packet is damaged. */
struct damage {
	const char *field; /* that the message has to name */
	void (*damage)(struct synth *s);
	int packets; /* that can still be read */
};

static void bad_magic(struct synth *s)
{
	header(s, 2)->magic = 1;
}

static void bad_uuid(struct synth *s)
{
	header(s, 2)->uuid[15] ^= 1;
}

static void bad_content(struct synth *s)
{
	header(s, 2)->content_bits += 8;
}

static void small_content(struct synth *s)
{
	header(s, 2)->content_bits = 0;
}

static void bad_packet_size(struct synth *s)
{
	header(s, 2)->packet_bits += 128;
}

static void bad_stream_id(struct synth *s)
{
	header(s, 2)->stream_id = 9;
}

static void bad_vcpu(struct synth *s)
{
	header(s, 2)->vcpu = 1;
}

static void bad_begin(struct synth *s)
{
	header(s, 2)->time_begin = 1;
}

static void bad_end(struct synth *s)
{
	header(s, 2)->time_end -= 0x100000000;
}

static void bad_seq(struct synth *s)
{
	header(s, 2)->seq = 100;
}

static void bad_lost(struct synth *s)
{
	header(s, 2)->lost = 0;
}

static void bad_call(struct synth *s)
{
	record(s, 2, 4)->word &= ~(0x7fU << VMI_REC_CALL_SHIFT);
}

static void late_call(struct synth *s)
{
	record(s, 2, 4)->word |= 0x7fU << VMI_REC_CALL_SHIFT;
}

static void bad_time(struct synth *s)
{
	record(s, 2, 4)->time -= 0x101;
}

static void late_time(struct synth *s)
{
	record(s, 2, CALLS - 1)->time++;
}

static void bad_wide(struct synth *s)
{
	record(s, 2, 2)->word |= 1U << VMI_REC_CYCLES_SHIFT;
}

static void wide_at_end(struct synth *s)
{
	record(s, 2, CALLS - 1)->word &= 0xff;
	record(s, 2, CALLS - 1)->word |= VMI_REC_WIDE;
}

static const struct damage damages[] = {
	{"magic", bad_magic, 2},
	{"uuid", bad_uuid, 2},
	{"content_size", bad_content, 2},
	{"content_size", small_content, 2},
	{"packet_size", bad_packet_size, 2},
	{"stream_id", bad_stream_id, PACKETS - 1},
	{"cpu_id", bad_vcpu, PACKETS - 1},
	{"timestamp_begin", bad_begin, PACKETS - 1},
	{"timestamp_end", bad_end, PACKETS - 1},
	{"packet_seq_num", bad_seq, PACKETS},
	{"events_discarded", bad_lost, PACKETS},
	{"call", bad_call, PACKETS - 1},
	{"call", late_call, PACKETS - 1},
	{"timestamp", bad_time, PACKETS - 1},
	{"timestamp", late_time, PACKETS - 1},
	{"wide form", bad_wide, PACKETS - 1},
	{"wide form", wide_at_end, PACKETS - 1},
};

static void every_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		const struct damage *damage = &damages[i];
		struct synth s;
		char text[4096], field[64];
		struct seen seen;

		build(&s);
		damage->damage(&s);
		seen = read_back(&s, text, sizeof(text));
		(void)snprintf(field, sizeof(field), ": %s: ", damage->field);
		if (!strstr(text, field) || !strstr(text, "found") ||
		    !strstr(text, "vcpu0") || !strstr(text, "expected") ||
		    seen.packets != (uint64_t)damage->packets)
			fail_msg("damage %zu (%s): %d packets, said: %s", i,
				 damage->field, (int)seen.packets, text);
		/* What follows a packet that was left out must know it. */
		if (damage->packets == PACKETS - 1)
			assert_int_equal(seen.gaps, 1);
		synth_free(&s);
	}
}

static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(*state >> 33);
}

/* Nothing is promised but that visit()'s checks hold and ASan keeps silent. */
static void at_random(void **state)
{
	uint64_t seed = 20060313;

	(void)state;
	for (int round = 0; round < 1500; round++) {
		struct synth s;
		char text[16384];
		uint32_t times = 1 + next_random(&seed) % 4;
		uint32_t second;

		build(&s);
		second = (uint32_t)((char *)header(&s, 1) - s.data);
		while (times--) {
			uint32_t at = next_random(&seed) % (uint32_t)s.bytes;

			/* Headers are worth more attention than records. */
			if (next_random(&seed) % 2)
				at = second + at % VMI_PKT_HEADER_BYTES;
			s.data[at] = (char)next_random(&seed);
		}
		if (next_random(&seed) % 4 == 0)
			s.bytes = next_random(&seed) % s.bytes;
		(void)read_back(&s, text, sizeof(text));
		synth_free(&s);
	}
}

/* Streams in order of their vCPU, each with the first packet marked. */
static void two_vcpus(void **state)
{
	char *dir = scratch_new();
	struct seen seen = {0};
	struct trace *trace;
	struct synth s;

	(void)state;
	for (uint32_t vcpu = 0; vcpu < 2; vcpu++) {
		synth_init(&s, vcpu);
		synth_begin(&s, 5000 - vcpu * 1000ULL);
		synth_call(&s, VMI_CALL_CLTS, 6000, 10, 0);
		synth_end(&s, 6000, 1);
		synth_write(&s, dir);
		synth_free(&s);
	}
	trace = trace_open(dir);
	assert_non_null(trace);
	assert_int_equal(trace->nr_streams, 2);
	assert_int_equal(trace->streams[1].vcpu, 1);
	trace_read(trace, visit, &seen);
	assert_int_equal(seen.events, 2);
	assert_int_equal(trace->totals.lost, 2);
	assert_int_equal(trace->problems.nr, 0);
	check_threads(dir, trace, &seen);
	trace_close(trace);
	scratch_remove(dir);
}

static void write_metadata(const char *dir, const char *text)
{
	synth_file(dir, "metadata", text, strlen(text));
}

/* A directory that is no trace of ours is refused. */
static void foreign(void **state)
{
	static const char *const texts[] = {
		"",
		"CTF?",
		"/* CTF 1.8 */\n",
		"/* CTF 1.8 */\nenv { domain = \"ust\"; };\n",
		"/* CTF 1.8 */\nenv { vmiprof_format = 2; };\n",
		"/* CTF 1.8 */\nenv { vmiprof_format = 1; };\n",
		"/* CTF 1.8 */\nenv { vmiprof_format = 1; };\n"
		"trace { uuid = \"00112233-4455-6677-8899-aabbccddeef\"; };\n",
		"/* CTF 1.8 */\nenv { vmiprof_format = 1; };\n"
		"trace { uuid = \"00112233-4455-6677-8899-aabbccddeeff\"; };\n",
		"/* CTF 1.8 */\nenv { vmiprof_format = 1; };\n"
		"trace { uuid = \"00112233-4455-6677-8899-aabbccddeeff\"; };\n"
		"clock { freq = 0; };\n",
		"/* CTF 1.8 */\nenv { vmiprof_format = 1; };\n"
		"trace { uuid = \"00112233-4455-6677-8899-aabbccddeeff\"; };\n"
		"clock { freq = 999999; };\n",
		"/* CTF 1.8 */\nenv { vmiprof_format = 1; };\n"
		"trace { uuid = \"00112233-4455-6677-8899-aabbccddeeff\"; };\n"
		"clock { freq = 100000000000000000000; };\n",
		"/* CTF 1.8 */\nenv { note = \"vmiprof_format = 1; }",
	};
	char *dir = scratch_new();
	struct synth s;
	int saved;

	(void)state;
	build(&s);
	synth_write(&s, dir);
	synth_free(&s);
	saved = scratch_quiet();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_metadata(dir, texts[i]);
		assert_null(trace_open(dir));
	}
	scratch_loud(saved);
	write_metadata(
		dir,
		"/* CTF 1.8 */\n"
		"env { guest = \"a } b { clock { freq = 0; }\"; "
		"vmiprof_format = 1; };\n"
		"trace { uuid = \"00112233-4455-6677-8899-AABBCCDDEEFF\"; };\n"
		"clock { freq = 12000000; };\n");
	{
		struct trace *trace = trace_open(dir);

		assert_non_null(trace);
		assert_int_equal(trace->clock_hz, 12000000);
		trace_close(trace);
	}
	scratch_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),		cmocka_unit_test(large),
		cmocka_unit_test(cut_anywhere), cmocka_unit_test(every_field),
		cmocka_unit_test(at_random),	cmocka_unit_test(two_vcpus),
		cmocka_unit_test(foreign),
	};

	return cmocka_run_group_tests_name("trace_reader", tests, NULL, NULL);
}
