// SPDX-License-Identifier: GPL-2.0-only
#include "input_file.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

static const char *kind_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "no regular file";
	}
}

static bool is_regular(mode_t mode, char why[INPUT_WHY_BYTES])
{
	if (S_ISREG(mode))
		return true;
	text_set(why, INPUT_WHY_BYTES, "found %s, expected a regular file",
		 kind_name(mode));
	return false;
}

static int fail(char why[INPUT_WHY_BYTES])
{
	text_set(why, INPUT_WHY_BYTES, "%s", strerror(errno));
	return -1;
}

/*
 * Looked at before, as opening a device may do something; and after, as the name
 * may have changed in between, for which O_NONBLOCK is.
 */
int input_open(const char *path, uint64_t *size, char why[INPUT_WHY_BYTES])
{
	struct stat st;
	int fd;

	if (stat(path, &st))
		return fail(why);
	if (!is_regular(st.st_mode, why))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail(why);
	if (fstat(fd, &st)) {
		(void)fail(why);
		close(fd);
		return -1;
	}
	if (!is_regular(st.st_mode, why)) {
		close(fd);
		return -1;
	}
	if (size)
		*size = (uint64_t)st.st_size;
	return fd;
}

/* Up to `bytes` bytes; fewer at the end of the file; -1 on an error. */
static ssize_t read_all(int fd, char *text, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		const ssize_t n = read(fd, text + done, bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

char *input_text(const char *path, size_t bytes_max, size_t *bytes,
		 char why[INPUT_WHY_BYTES])
{
	uint64_t size;
	const int fd = input_open(path, &size, why);
	char *text = NULL;
	ssize_t n;

	if (fd < 0)
		return NULL;
	if (size > bytes_max) {
		text_set(why, INPUT_WHY_BYTES,
			 "found %" PRIu64 " bytes, expected at most %zu", size,
			 bytes_max);
		goto out;
	}
	text = malloc((size_t)size + 1);
	if (!text)
		err(EXIT_FAILURE, "memory");
	n = read_all(fd, text, (size_t)size);
	if (n < 0) {
		(void)fail(why);
		free(text);
		text = NULL;
		goto out;
	}
	text[n] = '\0';
	if (bytes)
		*bytes = (size_t)n;
out:
	close(fd);
	return text;
}
