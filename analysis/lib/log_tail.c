// SPDX-License-Identifier: GPL-2.0-only
#include "log_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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

void log_follow(const char *path, off_t *offset, int to)
{
	const bool clean = isatty(to);
	char buffer[4096 + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return;
	while ((n = pread(fd, buffer, sizeof(buffer) - 1, *offset)) > 0) {
		/* The guest is not trusted with the user's terminal. */
		buffer[n] = '\0';
		if (clean)
			n = (ssize_t)text_clean_stream(buffer, (size_t)n);
		if (!n)
			break;
		*offset += n;
		for (ssize_t done = 0, put; done < n; done += put) {
			put = write(to, buffer + done, (size_t)(n - done));
			if (put < 0 && errno != EINTR)
				break;
			if (put < 0)
				put = 0;
		}
	}
	close(fd);
}
