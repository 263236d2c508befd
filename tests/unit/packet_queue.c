// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue to LTTng: order, going round, being full, closing, breaking.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lttng/packet_queue.h"

#define RECORDS 10

static struct {
	struct vmi_packet header;
	struct vmi_record record[RECORDS];
} packet;

static void put(struct packet_queue *queue, uint32_t seq, uint32_t records,
		bool wait)
{
	packet.header.seq = seq;
	packet.header.content_bits =
		(VMI_PKT_HEADER_BYTES + records * VMI_REC_BYTES) * 8;
	packet_queue_put(queue, &packet.header, wait);
}

static void test_round(void **state)
{
	struct packet_queue queue;
	uint32_t in = 0, out = 0;

	(void)state;
	assert_int_equal(packet_queue_init(&queue, 1000), 0);
	while (out < 1000) {
		const struct queued_packet *entry;

		for (int i = 0; i < 2; i++, in++)
			put(&queue, in, in % RECORDS, false);
		for (int i = 0; i < 2; i++, out++) {
			entry = packet_queue_take(&queue, 0);
			assert_non_null(entry);
			assert_int_equal(entry->packet.seq, out);
			assert_int_equal(entry->skipped, 0);
			assert_int_equal(entry->bytes,
					 VMI_PKT_HEADER_BYTES +
						 out % RECORDS * VMI_REC_BYTES);
			packet_queue_release(&queue, entry);
		}
	}
	assert_null(packet_queue_take(&queue, 0));
	packet_queue_free(&queue);
}

/* What does not fit is counted, and told with the next that does. */
static void test_full(void **state)
{
	const struct queued_packet *entry;
	struct packet_queue queue;

	(void)state;
	assert_int_equal(packet_queue_init(&queue, 600), 0);
	put(&queue, 0, RECORDS, false);
	put(&queue, 1, RECORDS, false);
	put(&queue, 2, RECORDS, false);
	put(&queue, 3, RECORDS, false);
	assert_int_equal(queue.skipped, 2 * RECORDS);
	for (uint32_t i = 0; i < 2; i++) {
		entry = packet_queue_take(&queue, 0);
		assert_int_equal(entry->packet.seq, i);
		packet_queue_release(&queue, entry);
	}
	put(&queue, 4, RECORDS, false);
	entry = packet_queue_take(&queue, 0);
	assert_int_equal(entry->packet.seq, 4);
	assert_int_equal(entry->skipped, 2 * RECORDS);
	packet_queue_release(&queue, entry);
	packet_queue_free(&queue);
}

/* Nobody waits for a queue that is broken, or for one that is closed. */
static void test_end(void **state)
{
	struct packet_queue queue;

	(void)state;
	assert_int_equal(packet_queue_init(&queue, 600), 0);
	put(&queue, 0, RECORDS, true);
	put(&queue, 1, RECORDS, true);
	packet_queue_break(&queue);
	put(&queue, 2, RECORDS, true);
	assert_int_equal(queue.skipped, RECORDS);
	packet_queue_close(&queue);
	assert_null(packet_queue_take(&queue, 60000));
	assert_true(packet_queue_closed(&queue));
	packet_queue_free(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
