// SPDX-License-Identifier: GPL-2.0-only
/*
 * Logs that somebody else writes: bounded, and followed without waiting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log_tail.h"

#define BOUND	(1 << 20)

#define TEMPLATE	"/tmp/vmiprof-log-XXXXXX"

static char path[] = TEMPLATE;
static int log_fd;

static int begin(void **state)
{
	(void)state;
	memcpy(path, TEMPLATE, sizeof(path));
	log_fd = mkstemp(path);
	return log_fd < 0;
}

static int end(void **state)
{
	(void)state;
	close(log_fd);
	return unlink(path);
}

static void put(const char *text, size_t times)
{
	for (size_t i = 0; i < times; i++)
		assert_int_equal(write(log_fd, text, strlen(text)),
				 strlen(text));
}

static void test_bound(void **state)
{
	static char lines[65537];
	struct stat status;
	char head[7];

	(void)state;
	put("first\n", 1);
	assert_int_equal(log_bound(path, BOUND), 0);
	memset(lines, 'x', sizeof(lines) - 1);
	for (int i = 0; i < 64; i++) {
		put(lines, 1);
		log_bound(path, BOUND);
	}
	put("\nlast\n", 1);
	assert_true(log_bound(path, BOUND) > 0);
	assert_int_equal(fstat(log_fd, &status), 0);
	assert_true(status.st_blocks * 512 <= BOUND + 65536);
	assert_true(log_tail_has(path, "last"));
	assert_int_equal(pread(log_fd, head, 6, 0), 6);
	assert_memory_equal(head, "first\n", 6);
}

/* Both kinds of what may not be read: neither waits, and nothing is skipped. */
static void follow(const int fd[2])
{
	static char text[256 << 10], got[sizeof(text)];
	off_t offset = 0, left;
	size_t nr = 0;
	ssize_t n;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	assert_int_equal(write(log_fd, text, sizeof(text)), sizeof(text));
	left = log_follow(path, &offset, fd[1]);
	assert_true(left > 0 && offset + left == sizeof(text));
	while (nr < sizeof(text)) {
		n = read(fd[0], got + nr, sizeof(got) - nr);
		assert_true(n > 0);
		nr += (size_t)n;
		left = log_follow(path, &offset, fd[1]);
	}
	assert_int_equal(left, 0);
	assert_memory_equal(got, text, sizeof(text));
	assert_int_equal(fcntl(fd[1], F_GETFL) & O_NONBLOCK, 0);
	/* Nobody is there any more: it is no reason to go on trying. */
	put("more", 1);
	close(fd[0]);
	assert_int_equal(log_follow(path, &offset, fd[1]), 0);
	close(fd[1]);
}

static void test_full_pipe(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	follow(fd);
}

static void test_full_socket(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	follow(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bound, begin, end),
		cmocka_unit_test_setup_teardown(test_full_pipe, begin, end),
		cmocka_unit_test_setup_teardown(test_full_socket, begin, end),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
