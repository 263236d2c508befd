// SPDX-License-Identifier: GPL-2.0-only
#include "lttng_dirs.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/input_file.h"
#include "lttng_source.h"

#define DEPTH_MAX	16

/* Packetized metadata begins with this number, CTF 1.8.3 section 7.1. */
#define METADATA_MAGIC	0x75d11d57u
#define PACKET_MAGIC	0xc1fc1fc1u

/*
 * How a packet of LTTng-UST's begins, as the metadata that it writes for 64-bit
 * little-endian hosts says: header and the first members of the context.
 */
struct lttng_packet {
	uint32_t magic;
	uint8_t uuid[16];
	uint32_t stream_id;
	uint64_t stream_instance_id;
	uint64_t time_begin;
	uint64_t time_end;
	uint64_t content_bits;
	uint64_t packet_bits;
};

/* And one of its metadata, CTF 1.8.3 section 7.1. */
struct metadata_packet {
	uint32_t magic;
	uint8_t uuid[16];
	uint32_t checksum;
	uint32_t content_bits;
	uint32_t packet_bits;
	uint8_t schemes[5];
} __attribute__((packed));

static char *join(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		err(EXIT_FAILURE, "memory");
	return path;
}

/* Whether dir/metadata is one that LTTng wrote. */
static bool has_trace(const char *dir)
{
	char *path = join(dir, "metadata");
	char why[INPUT_WHY_BYTES];
	int fd = input_open(path, NULL, why);
	uint32_t magic = 0;

	if (fd >= 0 && read(fd, &magic, sizeof(magic)) != sizeof(magic))
		magic = 0;
	if (fd >= 0)
		close(fd);
	free(path);
	return magic == METADATA_MAGIC;
}

static void find(struct lttng_dirs *dirs, const char *dir, int depth)
{
	DIR *open_dir = opendir(dir);
	struct dirent *entry;

	if (!open_dir)
		return;
	if (has_trace(dir)) {
		dirs->path = reallocarray(dirs->path, dirs->nr + 1,
					  sizeof(*dirs->path));
		if (!dirs->path)
			err(EXIT_FAILURE, "memory");
		dirs->path[dirs->nr] = strdup(dir);
		if (!dirs->path[dirs->nr++])
			err(EXIT_FAILURE, "memory");
	}
	while (depth < DEPTH_MAX && (entry = readdir(open_dir))) {
		char *below;

		if (entry->d_name[0] == '.' ||
		    (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		below = join(dir, entry->d_name);
		find(dirs, below, depth + 1);
		free(below);
	}
	closedir(open_dir);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void lttng_dirs_find(struct lttng_dirs *dirs, const char *dir)
{
	*dirs = (struct lttng_dirs){ 0 };
	find(dirs, dir, 0);
	if (dirs->nr)
		qsort(dirs->path, dirs->nr, sizeof(*dirs->path), by_name);
}

void lttng_dirs_free(struct lttng_dirs *dirs)
{
	for (size_t i = 0; i < dirs->nr; i++)
		free(dirs->path[i]);
	free(dirs->path);
}

bool lttng_source_detect(const char *dir)
{
	struct lttng_dirs dirs;
	bool found;

	lttng_dirs_find(&dirs, dir);
	found = dirs.nr > 0;
	lttng_dirs_free(&dirs);
	return found;
}

/*
 * How much of a stream file is whole packets; `size` when all is, also for what
 * does not look like one of LTTng-UST's.
 */
static uint64_t whole_bytes(int fd, uint64_t size)
{
	struct lttng_packet first = { 0 }, packet;
	uint64_t at = 0;

	while (at < size) {
		uint64_t left = size - at;

		if (pread(fd, &packet, sizeof(packet), (off_t)at) !=
			    sizeof(packet) ||
		    packet.magic != PACKET_MAGIC)
			break;
		if (!at)
			first = packet;
		if (memcmp(packet.uuid, first.uuid, sizeof(packet.uuid)) != 0 ||
		    packet.packet_bits % 8 ||
		    packet.packet_bits / 8 < sizeof(packet) ||
		    packet.packet_bits / 8 > left ||
		    packet.content_bits > packet.packet_bits ||
		    packet.content_bits / 8 < sizeof(packet))
			break;
		at += packet.packet_bits / 8;
	}
	return at;
}

/* The same for packetized metadata, in which libbabeltrace2 does not come to an end. */
static uint64_t whole_metadata(int fd, uint64_t size)
{
	struct metadata_packet packet;
	uint64_t at = 0;

	while (at < size) {
		if (pread(fd, &packet, sizeof(packet), (off_t)at) !=
			    sizeof(packet) ||
		    packet.magic != METADATA_MAGIC ||
		    packet.packet_bits % 8 || packet.content_bits % 8 ||
		    packet.packet_bits / 8 > size - at ||
		    packet.content_bits > packet.packet_bits ||
		    packet.content_bits / 8 < sizeof(packet))
			break;
		at += packet.packet_bits / 8;
	}
	return at;
}

/* Bytes of whole packets in dir/name if there are more; -1: leave it as it is. */
static int64_t torn(const char *dir, const char *name, uint64_t *size)
{
	char *path = join(dir, name);
	char why[INPUT_WHY_BYTES];
	int fd = input_open(path, size, why);
	int64_t whole = -1;

	free(path);
	if (fd < 0)
		return -1;
	if (*size) {
		whole = (int64_t)(strcmp(name, "metadata") ?
					  whole_bytes(fd, *size) :
					  whole_metadata(fd, *size));
		if ((uint64_t)whole == *size)
			whole = -1;
	}
	close(fd);
	return whole;
}

/* Copy the first bytes of a file; what cannot be written is simply missing. */
static void copy_begin(const char *from, const char *to, uint64_t bytes)
{
	char why[INPUT_WHY_BYTES];
	int in = input_open(from, NULL, why);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	while (in >= 0 && out >= 0 && bytes) {
		ssize_t n = sendfile(out, in, NULL, bytes);

		if (n <= 0)
			break;
		bytes -= (uint64_t)n;
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
}

static char *temporary_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = join(tmp && *tmp ? tmp : "/tmp", "vmiprof-lttng-XXXXXX");

	if (!mkdtemp(dir))
		err(EXIT_FAILURE, "%s", dir);
	return dir;
}

/* Show dir/name in the temporary directory. */
static void show(const char *dir, const char *name, const char *shown)
{
	char *path = join(dir, name);
	char *link = join(shown, name);
	char *real = realpath(path, NULL);
	uint64_t size = 0;
	int64_t whole = torn(dir, name, &size);

	if (whole < 0) {
		if (real && symlink(real, link))
			warn("%s", link);
	} else if (whole > 0) {
		copy_begin(path, link, (uint64_t)whole);
	}
	free(real);
	free(link);
	free(path);
}

static bool each_file(const char *dir, struct problems *problems,
		      const char *shown)
{
	DIR *open_dir = opendir(dir);
	struct dirent *entry;
	bool any = false;

	while (open_dir && (entry = readdir(open_dir))) {
		uint64_t size = 0;
		int64_t whole;

		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "index"))
			continue;
		if (shown) {
			show(dir, entry->d_name, shown);
			continue;
		}
		whole = torn(dir, entry->d_name, &size);
		if (whole < 0)
			continue;
		any = true;
		problems_add(problems,
			     "%s/%s: the packet at byte %" PRId64
			     " is torn or corrupt: the %" PRIu64
			     " bytes from there on are not read",
			     dir, entry->d_name, whole, size - (uint64_t)whole);
	}
	if (open_dir)
		closedir(open_dir);
	return any;
}

char *lttng_dir_repaired(const char *dir, struct problems *problems)
{
	char *shown;

	if (!each_file(dir, problems, NULL))
		return NULL;
	shown = temporary_dir();
	each_file(dir, problems, shown);
	return shown;
}

void lttng_dir_remove(char *dir)
{
	DIR *open_dir = opendir(dir);
	struct dirent *entry;

	while (open_dir && (entry = readdir(open_dir))) {
		char *path = join(dir, entry->d_name);

		if (entry->d_name[0] != '.')
			(void)unlink(path);
		free(path);
	}
	if (open_dir)
		closedir(open_dir);
	(void)rmdir(dir);
	free(dir);
}
