// SPDX-License-Identifier: GPL-2.0-only
#include "stolen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/text.h"

static bool read_wait_ns(int fd, uint64_t *wait_ns)
{
	char text[96];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	char *at = text;
	uint64_t slices;

	if (n <= 0)
		return false;
	text[n] = '\0';
	(void)strtoull(at, &at, 10);		/* ns on a CPU */
	*wait_ns = strtoull(at, &at, 10);	/* ns on a run queue */
	slices = strtoull(at, &at, 10);
	/* A kernel without CONFIG_SCHED_INFO shows zeros: no slice was ever run. */
	return slices > 0;
}

void stolen_without(struct stolen *stolen, const char *reason)
{
	*stolen = (struct stolen){ .fd = -1 };
	text_set(stolen->reason, sizeof(stolen->reason), "%s", reason);
}

void stolen_open(struct stolen *stolen, pid_t pid, pid_t tid)
{
	char path[64];
	int fd;

	text_set(path, sizeof(path), "/proc/%d/task/%d/schedstat", pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	stolen_without(stolen, "");
	if (fd < 0) {
		text_set(stolen->reason, sizeof(stolen->reason), "%s: %s", path,
			 strerror(errno));
		return;
	}
	if (!read_wait_ns(fd, &stolen->base_ns)) {
		text_set(stolen->reason, sizeof(stolen->reason),
			 "%s shows no run-queue times", path);
		close(fd);
		return;
	}
	stolen->fd = fd;
}

uint64_t stolen_ns(struct stolen *stolen)
{
	uint64_t wait_ns;

	if (stolen->fd >= 0 && read_wait_ns(stolen->fd, &wait_ns) &&
	    wait_ns - stolen->base_ns > stolen->last_ns)
		stolen->last_ns = wait_ns - stolen->base_ns;
	return stolen->last_ns;
}

void stolen_close(struct stolen *stolen)
{
	if (stolen->fd >= 0)
		close(stolen->fd);
	stolen->fd = -1;
}
