/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sites.c - the kernel's debugfs file that switches call sites
 */
#include "sites.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODE_FILE "/sys/kernel/debug/vmi/mode"

bool sites_switch(const char *words, char *why, size_t why_bytes)
{
	const size_t length = strlen(words);
	int fd = open(MODE_FILE, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (fd < 0) {
		(void)snprintf(why, why_bytes, "%s: %s", MODE_FILE,
			       errno == ENOENT ? "this kernel does not switch "
						 "sites, or found no ROM"
					       : strerror(errno));
		return false;
	}
	written = write(fd, words, length);
	if (written != (ssize_t)length)
		(void)snprintf(
			why, why_bytes, "the kernel refused '%.60s': %s", words,
			written < 0 ? strerror(errno) : "not taken whole");
	close(fd);
	return written == (ssize_t)length;
}
