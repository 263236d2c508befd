/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file.c - files: files, proc
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

#define DIRECTORY "/tmp/workload-files"

static enum outcome one_file(const char *name)
{
	static const char text[] = "what a small file holds\n";
	char found[sizeof(text)];
	struct stat status;
	int fd = open(name, O_CREAT | O_TRUNC | O_RDWR, 0600);
	bool good;

	if (fd < 0)
		return fail("%s", name);
	good = write(fd, text, sizeof(text)) == sizeof(text) &&
	       pread(fd, found, sizeof(found), 0) == sizeof(found) &&
	       !fstat(fd, &status) && !ftruncate(fd, 0);
	close(fd);
	if (!good || memcmp(text, found, sizeof(text)) != 0 ||
	    status.st_size != sizeof(text))
		return fail("%s does not hold what was written", name);
	if (rename(name, DIRECTORY "/renamed") || unlink(DIRECTORY "/renamed"))
		return fail("%s: rename, unlink", name);
	return WORKLOAD_OK;
}

enum outcome run_files(unsigned int rounds)
{
	enum outcome outcome = WORKLOAD_OK;
	char name[64];

	if (mkdir(DIRECTORY, 0700) && errno != EEXIST)
		return fail(DIRECTORY);
	errno = 0;
	for (unsigned int i = 0; outcome == WORKLOAD_OK && i < rounds; i++) {
		(void)snprintf(name, sizeof(name), DIRECTORY "/%u", i);
		outcome = one_file(name);
	}
	rmdir(DIRECTORY);
	return outcome;
}

static bool read_whole(const char *name)
{
	char buffer[4096];
	ssize_t length;
	int fd = open(name, O_RDONLY);

	if (fd < 0)
		return false;
	while ((length = read(fd, buffer, sizeof(buffer))) > 0)
		;
	close(fd);
	return length == 0;
}

enum outcome run_proc(unsigned int rounds)
{
	static const char *const names[] = {
		"/proc/cpuinfo",
		"/proc/interrupts",
		"/proc/meminfo",
		"/proc/stat",
		"/proc/self/maps",
		"/proc/self/stat",
		"/proc/iomem",
		"/proc/mounts",
		"/sys/devices/system/cpu/online",
	};
	unsigned int read_files = 0;

	while (rounds--) {
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			read_files += read_whole(names[i]);
	}
	if (!read_files)
		return skip("/proc and /sys are empty");
	errno = 0;
	return WORKLOAD_OK;
}
