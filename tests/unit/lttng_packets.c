// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of LTTng put back into packets: order, forms, epochs, losses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "trace/lttng_packets.h"

static const uint8_t uuid[16] = { 1, 2, 3 };

/* All of the file; *bytes of it. */
static char *finish(struct lttng_packets *packets, size_t *bytes)
{
	off_t end;
	char *data;

	assert_int_equal(lttng_packets_finish(packets), 0);
	end = lseek(packets->fd, 0, SEEK_END);
	assert_true(end > 0);
	*bytes = (size_t)end;
	data = malloc(*bytes);
	assert_non_null(data);
	assert_int_equal(pread(packets->fd, data, *bytes, 0), end);
	return data;
}

static void put(struct lttng_packets *packets, uint64_t time, uint64_t cycles)
{
	const struct lttng_call call = {
		.time = time,
		.cycles = cycles,
		.call = VMI_CALL_CPUID,
	};

	lttng_packets_call(packets, &call);
}

/* A little out of order, as from buffers of two CPUs: put right. */
static void test_order(void **state)
{
	struct lttng_packets *packets = lttng_packets_new(uuid, 3);
	const struct vmi_packet *header;
	const struct vmi_record *record;
	uint32_t time = 0;
	size_t bytes;
	char *data;

	(void)state;
	for (uint64_t i = 0; i < 3000; i++)
		put(packets, 1000 + (i ^ 1), 5);
	data = finish(packets, &bytes);
	header = (const struct vmi_packet *)data;
	record = (const struct vmi_record *)(header + 1);
	assert_int_equal(packets->late, 0);
	assert_int_equal(packets->begin, 995);
	assert_int_equal(header->vcpu, 3);
	assert_memory_equal(header->uuid, uuid, sizeof(uuid));
	assert_int_equal(header->content_bits / 8,
			 sizeof(*header) + 3000 * sizeof(*record));
	assert_int_equal(header->content_bits, header->packet_bits);
	assert_int_equal(header->time_begin, 1000);
	assert_int_equal(header->time_end, 3999);
	for (int i = 0; i < 3000; i++, record++) {
		assert_true(record->time > time);
		time = record->time;
	}
	free(data);
	lttng_packets_free(packets);
}

/* Times of the records in all packets, which do not step back. */
static uint64_t count_in_order(const char *data, size_t bytes)
{
	uint64_t nr = 0;
	uint32_t time = 0;

	for (size_t at = 0; at < bytes;) {
		const struct vmi_packet *header =
			(const struct vmi_packet *)(data + at);
		const struct vmi_record *record =
			(const struct vmi_record *)(header + 1);

		at += header->content_bits / 8;
		for (; (const char *)record < data + at; record++, nr++) {
			assert_true(record->time >= time);
			time = record->time;
		}
	}
	return nr;
}

/* One event comes behind so many later ones, as often as there is time for. */
static void check_late(uint64_t places, uint64_t before, bool in_reach)
{
	struct lttng_packets *packets = lttng_packets_new(uuid, 0);
	const uint64_t all = before + places + 1;
	size_t bytes;
	char *data;

	for (uint64_t i = 0; i < before; i++)
		put(packets, 1000 + i, 5);
	for (uint64_t i = 1; i <= places; i++)
		put(packets, 1000 + before + i, 5);
	put(packets, 1000 + before, 5);
	data = finish(packets, &bytes);
	assert_int_equal(packets->late, in_reach ? 0 : 1);
	assert_int_equal(packets->events, in_reach ? all : all - 1);
	assert_int_equal(count_in_order(data, bytes), packets->events);
	free(data);
	lttng_packets_free(packets);
}

/* As far as the window reaches, wherever in it one is late; not farther. */
static void test_late(void **state)
{
	(void)state;
	for (uint64_t before = 1; before < (uint64_t)3 * LTTNG_WINDOW;
	     before += 171) {
		check_late(1, before, true);
		check_late(600, before, true);
		check_late(LTTNG_WINDOW - 1, before, true);
		check_late(LTTNG_WINDOW, before, true);
		check_late(LTTNG_WINDOW + 1, before, false);
		check_late((uint64_t)5 * LTTNG_WINDOW, before, false);
	}
}

/* All of a full window come late, one after another, in any order. */
static void test_many_late(void **state)
{
	struct lttng_packets *packets = lttng_packets_new(uuid, 0);
	size_t bytes;
	char *data;

	(void)state;
	for (uint64_t block = 0; block < 4; block++) {
		for (uint64_t i = 0; i < LTTNG_WINDOW; i++)
			put(packets,
			    1000 + block * LTTNG_WINDOW + LTTNG_WINDOW - i, 5);
	}
	data = finish(packets, &bytes);
	assert_int_equal(packets->late, 0);
	assert_int_equal(count_in_order(data, bytes), 4 * LTTNG_WINDOW);
	free(data);
	lttng_packets_free(packets);
}

/* The high half of the time is the packet's: a new half, a new packet. */
static void test_epoch(void **state)
{
	struct lttng_packets *packets = lttng_packets_new(uuid, 0);
	const struct vmi_packet *first, *second;
	size_t bytes;
	char *data;

	(void)state;
	put(packets, 0xfffffff0, 5);
	put(packets, 0x100000010, 5);
	data = finish(packets, &bytes);
	first = (const struct vmi_packet *)data;
	second = (const struct vmi_packet *)(data + first->packet_bits / 8);
	assert_int_equal(bytes, 2 * (sizeof(*first) + VMI_REC_BYTES));
	assert_int_equal(second->time_begin, 0x100000010);
	assert_int_equal(second->seq, first->seq + 1);
	free(data);
	lttng_packets_free(packets);
}

static void test_wide(void **state)
{
	struct lttng_packets *packets = lttng_packets_new(uuid, 0);
	const struct vmi_record_wide *wide;
	size_t bytes;
	char *data;

	(void)state;
	put(packets, 10, VMI_REC_CYCLES_LIMIT - 1);
	put(packets, 11, VMI_REC_CYCLES_LIMIT);
	data = finish(packets, &bytes);
	assert_int_equal(bytes, sizeof(struct vmi_packet) + VMI_REC_BYTES +
					VMI_REC_WIDE_BYTES);
	wide = (const struct vmi_record_wide *)(data +
						sizeof(struct vmi_packet) +
						VMI_REC_BYTES);
	assert_int_equal(wide->head.word & VMI_REC_WIDE, VMI_REC_WIDE);
	assert_int_equal(wide->head.word >> VMI_REC_CYCLES_SHIFT, 0);
	assert_int_equal(wide->cycles, VMI_REC_CYCLES_LIMIT);
	free(data);
	lttng_packets_free(packets);
}

static void test_lost(void **state)
{
	struct lttng_packets *packets = lttng_packets_new(uuid, 0);
	const struct vmi_packet *first, *second;
	size_t bytes;
	char *data;

	(void)state;
	put(packets, 10, 5);
	lttng_packets_lost(packets, 20, 7);
	lttng_packets_lost(packets, 30, 1);
	data = finish(packets, &bytes);
	first = (const struct vmi_packet *)data;
	second = (const struct vmi_packet *)(data + first->packet_bits / 8);
	assert_int_equal(first->lost, 7);
	assert_int_equal(first->time_end, 20);
	assert_int_equal(second->lost, 8);
	assert_int_equal(second->content_bits, sizeof(*second) * 8);
	assert_true(second->time_begin >= first->time_end);
	free(data);
	lttng_packets_free(packets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order), cmocka_unit_test(test_late),
		cmocka_unit_test(test_many_late),
		cmocka_unit_test(test_epoch), cmocka_unit_test(test_wide),
		cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
