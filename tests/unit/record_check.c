// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the recorder takes out of a ring a reader reads, and what it refuses a
 * reader refuses: packets of records of any content, looked at by both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/copy_records.h"
#include "trace/packet_check.h"

#define UNITS	24

struct packet {
	struct vmi_packet header;
	struct vmi_record record[UNITS];
} __attribute__((aligned(16)));

static bool recorder_takes(const struct packet *packet)
{
	struct packet copy = *packet;
	uint32_t time = (uint32_t)packet->header.time_begin;

	return copy_records(copy.record, packet->record, UNITS, NULL, &time) >=
		       0 &&
	       time <= (uint32_t)packet->header.time_end;
}

static bool reader_reads(const struct packet *packet)
{
	const struct packet_place at = { .problems = NULL };
	struct packet_content content;

	return packet_records(&at, &packet->header, &content);
}

/* Compact records of known calls. */
static void fill(struct packet *packet)
{
	memset(packet, 0, sizeof(*packet));
	packet->header.time_begin = 1000;
	packet->header.time_end = 9000;
	packet->header.content_bits = sizeof(*packet) * 8;
	for (unsigned int i = 0; i < UNITS; i++)
		packet->record[i] = (struct vmi_record){
			.time = 1000 + i,
			.word = (VMI_FIRST_CALL + i) << VMI_REC_CALL_SHIFT,
		};
}

static void agree(const struct packet *packet, bool expected)
{
	assert_true(recorder_takes(packet) == expected);
	assert_true(reader_reads(packet) == expected);
}

static void each_number(void **state)
{
	struct packet packet;

	(void)state;
	for (uint32_t nr = 0; nr < VMI_NR_SLOTS; nr++) {
		for (unsigned int wide = 0; wide < 2; wide++) {
			fill(&packet);
			packet.record[7].word = nr << VMI_REC_CALL_SHIFT | wide;
			agree(&packet,
			      nr >= VMI_FIRST_CALL && nr < VMI_NR_CALLS);
		}
	}
}

static void wide_forms(void **state)
{
	const uint32_t wide = VMI_CALL_RDTSC << VMI_REC_CALL_SHIFT |
			      VMI_REC_WIDE;
	struct vmi_record_wide *record;
	struct packet packet;

	(void)state;
	/* Few cycles, many, and not its own: all are fine. */
	fill(&packet);
	record = (struct vmi_record_wide *)&packet.record[7];
	record->head.word = wide;
	record->cycles = 1;
	agree(&packet, true);
	record->head.word |= VMI_REC_INTERRUPTED;
	record->cycles = UINT64_MAX;
	agree(&packet, true);
	/* Cycles of the compact form are not. */
	record->head.word |= 1u << VMI_REC_CYCLES_SHIFT;
	agree(&packet, false);
	/* It has to be there whole. */
	for (unsigned int i = UNITS - 4; i < UNITS; i++) {
		fill(&packet);
		packet.record[i].word = wide;
		agree(&packet, i <= UNITS - 3);
	}
}

static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(*state >> 33);
}

static void anything(void **state)
{
	unsigned int nr_good = 0, rounds = 200000;
	struct packet packet;
	uint64_t seed = 1;

	(void)state;
	for (unsigned int i = 0; i < rounds; i++) {
		bool good;

		fill(&packet);
		for (uint32_t n = next_random(&seed) % 4; n; n--) {
			uint32_t at = next_random(&seed) % (UNITS * 4);
			uint32_t *words = (uint32_t *)packet.record;

			words[at] = next_random(&seed) & 1
					    ? next_random(&seed) << 1
					    : words[at] ^
						      1u << next_random(&seed) %
								      32;
		}
		good = reader_reads(&packet);
		assert_true(recorder_takes(&packet) == good);
		nr_good += good;
	}
	assert_in_range(nr_good, rounds / 10, rounds * 9 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_number),
		cmocka_unit_test(wide_forms),
		cmocka_unit_test(anything),
	};

	return cmocka_run_group_tests_name("record_check", tests, NULL, NULL);
}
