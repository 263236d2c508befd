// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last packets in memory: compared with a plain list of all that came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/ctf_stream.h"

#define MEMORY_BYTES	4096u

/* Packets hold their own number, and have a size and events that follow from it. */
static uint32_t bytes_of(uint32_t number)
{
	return 64 + number * 2654435761u % 40 * 16;
}

static uint32_t events_of(uint32_t number)
{
	return number % 7;
}

static void put(struct ctf_stream *stream, uint32_t number)
{
	uint32_t *room = ctf_stream_room(stream, bytes_of(number));

	assert_non_null(room);
	assert_int_equal((uintptr_t)room % 16, 0);
	for (uint32_t i = 0; i < bytes_of(number) / 4; i++)
		room[i] = number;
	ctf_stream_append(stream, bytes_of(number), events_of(number));
}

struct seen {
	uint32_t next;
	uint64_t bytes, events;
};

static bool look(void *arg, const void *packet, uint32_t bytes, uint32_t events)
{
	struct seen *seen = arg;
	const uint32_t *word = packet;

	assert_int_equal(bytes, bytes_of(seen->next));
	assert_int_equal(events, events_of(seen->next));
	for (uint32_t i = 0; i < bytes / 4; i++)
		assert_int_equal(word[i], seen->next);
	seen->next++;
	seen->bytes += bytes;
	seen->events += events;
	return true;
}

/* Kept are the last ones, all of them, and as many as there is room for. */
static void check(const struct ctf_stream *stream, uint32_t put_so_far)
{
	const struct flight *flight = &stream->flight;
	struct seen seen = { .next = put_so_far - (uint32_t)flight->packets };
	uint64_t events = 0;

	for (uint32_t i = 0; i < put_so_far; i++)
		events += events_of(i);
	assert_true(flight_visit(flight, look, &seen));
	assert_int_equal(seen.next, put_so_far);
	assert_int_equal(seen.events, flight->events);
	assert_int_equal(ctf_stream_kept(stream), flight->events);
	assert_int_equal(flight->events + flight->overwritten, events);
	assert_true(seen.bytes <= MEMORY_BYTES);
	if (flight->overwritten)
		assert_true(seen.bytes + 16 * flight->packets >
			    MEMORY_BYTES - 2 * (64 + 40 * 16));
}

static void test_keeps_the_last(void **state)
{
	struct ctf_stream stream;

	(void)state;
	assert_int_equal(ctf_stream_open_memory(&stream, MEMORY_BYTES), 0);
	for (uint32_t n = 0; n < 5000; n++) {
		put(&stream, n);
		check(&stream, n + 1);
	}
	assert_int_equal(ctf_stream_close(&stream), 0);
}

/* Room that is taken twice, or not used, costs old packets at most. */
static void test_room_unused(void **state)
{
	struct ctf_stream stream;

	(void)state;
	assert_int_equal(ctf_stream_open_memory(&stream, MEMORY_BYTES), 0);
	for (uint32_t n = 0; n < 500; n++) {
		struct seen seen;

		put(&stream, n);
		assert_non_null(ctf_stream_room(&stream, (size_t)16 * (n % 250)));
		seen = (struct seen){
			.next = n + 1 - (uint32_t)stream.flight.packets
		};
		assert_true(flight_visit(&stream.flight, look, &seen));
		assert_int_equal(seen.next, n + 1);
	}
	ctf_stream_close(&stream);
}

/* A stream of 0 bytes holds nothing but the packet that is looked at. */
static void test_nothing_kept(void **state)
{
	struct ctf_stream stream;

	(void)state;
	assert_int_equal(ctf_stream_open_memory(&stream, 0), 0);
	for (uint32_t n = 0; n < 1000; n++) {
		put(&stream, n);
		assert_true(stream.flight.bytes <= 64 + 40 * 16 + 16);
	}
	assert_int_equal(ctf_stream_flush(&stream), 0);
	assert_int_equal(ctf_stream_close(&stream), 0);
}

static void test_too_much(void **state)
{
	struct ctf_stream stream;

	(void)state;
	assert_int_not_equal(ctf_stream_open_memory(&stream, SIZE_MAX / 2), 0);
}

static void test_save(void **state)
{
	char path[] = "/tmp/vmiprof-flight-XXXXXX";
	struct ctf_stream stream;
	struct seen seen = { 0 };
	uint64_t kept;
	int fd = mkstemp(path);
	uint8_t content[MEMORY_BYTES];
	ssize_t bytes;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ctf_stream_open_memory(&stream, MEMORY_BYTES), 0);
	for (uint32_t n = 0; n < 100; n++)
		put(&stream, n);
	assert_int_equal(ctf_stream_save(&stream, AT_FDCWD, path, &kept), 0);
	assert_int_equal(kept, stream.flight.events);
	bytes = read(fd, content, sizeof(content));
	seen.next = 100 - (uint32_t)stream.flight.packets;
	for (ssize_t at = 0; at < bytes; at += bytes_of(seen.next - 1))
		look(&seen, content + at, bytes_of(seen.next),
		     events_of(seen.next));
	assert_int_equal(seen.next, 100);
	assert_int_equal(seen.bytes, bytes);
	/* It is still there. */
	check(&stream, 100);
	assert_int_equal(ctf_stream_save(&stream, AT_FDCWD, "/no/such/dir", &kept),
			 ENOENT);
	assert_int_equal(kept, 0);
	ctf_stream_close(&stream);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps_the_last),
		cmocka_unit_test(test_room_unused),
		cmocka_unit_test(test_nothing_kept),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_save),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
