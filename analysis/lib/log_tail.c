// SPDX-License-Identifier: GPL-2.0-only
#include "log_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

#define TAIL_BYTES	8192

/* The last TAIL_BYTES of the file, NUL for NUL made a space. */
static char *read_end(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = calloc(1, TAIL_BYTES + 1);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	ssize_t n = 0;

	if (text && size > 0)
		n = pread(fd, text, TAIL_BYTES,
			  size > TAIL_BYTES ? size - TAIL_BYTES : 0);
	for (ssize_t i = 0; i < n; i++) {
		if (!text[i])
			text[i] = ' ';
	}
	if (fd >= 0)
		close(fd);
	return text;
}

char *log_tail(const char *path, int nr)
{
	char *text = read_end(path);
	size_t length;
	char *line;

	if (!text)
		return NULL;
	length = strlen(text);
	while (length && strchr("\r\n ", text[length - 1]))
		text[--length] = '\0';
	for (line = text + length; line > text; line--) {
		if (line[-1] == '\n' && nr-- == 1)
			break;
	}
	memmove(text, line, strlen(line) + 1);
	return text;
}

bool log_tail_has(const char *path, const char *text)
{
	char *end = read_end(path);
	bool has = end && strstr(end, text);

	free(end);
	return has;
}

off_t log_bound_fd(int fd, off_t bytes)
{
	off_t head = bytes / 8, size = lseek(fd, 0, SEEK_END);
	off_t gap;

	if (size <= bytes)
		return 0;
	/* By large steps, to seldom have to. */
	gap = (size - head - bytes / 2) & ~(bytes / 4 - 1);
	if (gap > 0 && fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				 head, gap) == 0)
		return gap;
	/* This every file system can; who writes goes on where he was. */
	if (size > bytes && gap > 0 && !ftruncate(fd, 0))
		return size;
	return 0;
}

off_t log_bound(const char *path, off_t bytes)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	off_t cut;

	/* A descriptor's name below /proc/self/fd is a link. */
	if (fd < 0)
		fd = open(path, O_RDWR | O_CLOEXEC);
	cut = fd < 0 ? 0 : log_bound_fd(fd, bytes);
	if (fd >= 0)
		close(fd);
	return cut;
}

/*
 * Write what goes without waiting, or -1.  O_NONBLOCK would stay with everybody who
 * shares the descriptor, so a pipe or a terminal is opened anew for it.
 */
static ssize_t put_now(int to, const char *data, size_t bytes)
{
	struct pollfd ready = { .fd = to, .events = POLLOUT };
	struct stat status;
	char path[40];
	ssize_t n;
	int fd;

	if (fstat(to, &status))
		return -1;
	if (S_ISREG(status.st_mode))
		return write(to, data, bytes);
	if (S_ISSOCK(status.st_mode))
		return send(to, data, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", to);
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		n = write(fd, data, bytes);
		bytes = (size_t)errno;
		close(fd);
		errno = (int)bytes;
		return n;
	}
	/* Not ours to open; what a pipe that is ready takes is a page at least. */
	if (poll(&ready, 1, 0) == 1 && !(ready.revents & POLLOUT))
		errno = EPIPE;
	else if (!ready.revents)
		errno = EAGAIN;
	else
		return write(to, data, bytes < 512 ? bytes : 512);
	return -1;
}

off_t log_follow(const char *path, off_t *offset, int to)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	ssize_t n, put;

	while (*offset < end &&
	       (n = pread(fd, buffer, sizeof(buffer), *offset)) > 0) {
		put = put_now(to, buffer, (size_t)n);
		if (put < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		/* Nobody reads it, or it cannot be written: it is in the file. */
		*offset = put < 0 ? end : *offset + put;
	}
	if (fd >= 0)
		close(fd);
	return end > *offset ? end - *offset : 0;
}
