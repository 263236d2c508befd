// SPDX-License-Identifier: GPL-2.0-only
#include "guest_ram.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int guest_ram_create(struct guest_ram *ram, size_t bytes)
{
	int error;

	ram->bytes = bytes;
	/* Not close-on-exec: QEMU opens it as /proc/self/fd/N. */
	ram->fd = memfd_create("vmiprof-guest-ram", MFD_ALLOW_SEALING);
	if (ram->fd < 0)
		return errno;
	if (ftruncate(ram->fd, (off_t)bytes) ||
	    fcntl(ram->fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		goto fail;
	ram->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			 ram->fd, 0);
	if (ram->base != MAP_FAILED)
		return 0;
fail:
	error = errno;
	close(ram->fd);
	return error;
}

const char *guest_ram_why(int error)
{
	return error == EFBIG ? "the limit on the size of files (ulimit -f) is smaller, and it holds for memory that is shared with QEMU"
			      : strerror(error);
}

void guest_ram_destroy(struct guest_ram *ram)
{
	munmap(ram->base, ram->bytes);
	close(ram->fd);
}

void *guest_ram_at(const struct guest_ram *ram, uint64_t phys, uint64_t bytes,
		   uint64_t align)
{
	if (phys & (align - 1) || phys > ram->bytes ||
	    bytes > ram->bytes - phys)
		return NULL;
	return ram->base + phys;
}

/* Bounds of the next stretch that holds data, from `from` on. */
static int next_data(const struct guest_ram *ram, uint64_t from, uint64_t *begin,
		     uint64_t *end)
{
	off_t found;

	*begin = from;
	*end = ram->bytes;
	if (ram->fd < 0)
		return from < ram->bytes;
	found = lseek(ram->fd, (off_t)from, SEEK_DATA);
	if (found < 0)
		return 0;
	*begin = (uint64_t)found;
	found = lseek(ram->fd, found, SEEK_HOLE);
	if (found >= 0)
		*end = (uint64_t)found;
	return 1;
}

uint64_t guest_ram_find(const struct guest_ram *ram, uint64_t from,
			const void *pattern, size_t length, uint64_t align)
{
	uint64_t begin, end;
	uint32_t first, word;

	memcpy(&first, pattern, sizeof(first));
	while (next_data(ram, from, &begin, &end)) {
		begin = (begin + align - 1) & ~(align - 1);
		for (; begin < end && length <= ram->bytes - begin;
		     begin += align) {
			memcpy(&word, ram->base + begin, sizeof(word));
			if (word == first &&
			    !memcmp(ram->base + begin, pattern, length))
				return begin;
		}
		from = end;
	}
	return UINT64_MAX;
}
