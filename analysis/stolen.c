// SPDX-License-Identifier: GPL-2.0-only
#include "stolen.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool read_wait_ns(int fd, uint64_t *wait_ns)
{
	char text[96];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	uint64_t slices;

	if (n <= 0)
		return false;
	text[n] = '\0';
	/* A kernel without CONFIG_SCHED_INFO shows zeros: no slice was ever run. */
	return sscanf(text, "%*u %" SCNu64 " %" SCNu64, wait_ns, &slices) == 2 &&
	       slices > 0;
}

void stolen_without(struct stolen *stolen, const char *reason)
{
	*stolen = (struct stolen){ .fd = -1 };
	snprintf(stolen->reason, sizeof(stolen->reason), "%s", reason);
}

void stolen_open(struct stolen *stolen, pid_t pid, pid_t tid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	stolen_without(stolen, "");
	if (fd < 0) {
		snprintf(stolen->reason, sizeof(stolen->reason), "%s: %s", path,
			 strerror(errno));
		return;
	}
	if (!read_wait_ns(fd, &stolen->base_ns)) {
		snprintf(stolen->reason, sizeof(stolen->reason),
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
