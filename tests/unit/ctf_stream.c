// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole packets only, also when the disk is full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/ctf_stream.h"

static char path[32];
static struct ctf_stream stream;

static int begin(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/vmiprof-stream-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	return ctf_stream_open(&stream, path);
}

static int end(void **state)
{
	(void)state;
	return unlink(path);
}

static off_t file_bytes(void)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

static bool put(uint32_t bytes, uint32_t events)
{
	void *room = ctf_stream_room(&stream, bytes);

	if (!room)
		return false;
	memset(room, (int)(bytes & 0xff), bytes);
	ctf_stream_append(&stream, bytes, events);
	return true;
}

static void test_counts(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		assert_true(put(1000 + i, i));
	assert_int_equal(stream.events, 499500);
	assert_int_equal(ctf_stream_close(&stream), 0);
	assert_int_equal(file_bytes(), 1000 * 1000 + 499500);
	assert_int_equal(stream.bytes, file_bytes());
}

/* Sub-buffers of a donated ring may be larger than the buffer. */
static void test_large_packet(void **state)
{
	(void)state;
	assert_true(put(100, 1));
	assert_true(put(3 << 20, 2));
	assert_true(put(100, 3));
	assert_int_equal(ctf_stream_close(&stream), 0);
	assert_int_equal(file_bytes(), (3 << 20) + 200);
	assert_int_equal(stream.events, 6);
}

/* A file size limit stands for a full disk: a short write, then an error. */
static void test_full_disk(void **state)
{
	struct rlimit old, limit;
	unsigned int accepted = 0;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 100500;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	while (accepted < 100000 && put(1000, 7))
		accepted++;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(accepted < 100000);
	/* 100 whole packets; half of the next was cut off again. */
	assert_int_equal(stream.error, EFBIG);
	assert_int_equal(stream.events, 700);
	assert_int_equal(stream.bytes, 100000);
	assert_int_equal(file_bytes(), 100000);
	/* It takes no more, even though there is room now. */
	assert_false(put(64, 1));
	assert_int_equal(ctf_stream_close(&stream), EFBIG);
	assert_int_equal(file_bytes(), 100000);
}

/* The packet that would go past the limit stays out, and all behind it. */
static void test_limit(void **state)
{
	(void)state;
	stream.limit = 10050;
	for (int i = 0; i < 10; i++) {
		assert_true(put(1000, 3));
		assert_false(stream.full);
	}
	assert_true(put(1000, 3));
	assert_true(stream.full);
	assert_true(put(16, 1));
	assert_int_equal(ctf_stream_close(&stream), 0);
	assert_int_equal(file_bytes(), 10000);
	assert_int_equal(stream.events, 30);
	assert_int_equal(stream.events_beyond, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_counts, begin, end),
		cmocka_unit_test_setup_teardown(test_large_packet, begin, end),
		cmocka_unit_test_setup_teardown(test_full_disk, begin, end),
		cmocka_unit_test_setup_teardown(test_limit, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
