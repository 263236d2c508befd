/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_ram.h - the guest's memory, shared with QEMU and mapped here
 *
 * The memory is a nameless file that QEMU inherits, so nothing is left behind
 * however a recording ends, and the size of /dev/shm does not matter.  It is
 * sealed against shrinking: an access inside `bytes` never faults.
 */
#ifndef GUEST_RAM_H
#define GUEST_RAM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Up to here physical address and offset in guest RAM are the same, on QEMU's
 * pc and q35 alike; above, RAM continues behind the hole for devices.
 */
#define GUEST_RAM_MAX_MIB	2048

struct guest_ram {
	uint8_t *base;
	size_t bytes;
	int fd;			/* -1 when it is no file (unit tests) */
};

/* Create, seal and map bytes of memory.  Returns 0 or an errno value. */
int guest_ram_create(struct guest_ram *ram, size_t bytes);

/* What such a value says, with the remedy where there is one. */
const char *guest_ram_why(int error);

void guest_ram_destroy(struct guest_ram *ram);

/*
 * The `bytes` bytes at physical address phys, or NULL if they are not all RAM or
 * phys is no multiple of align (a power of two).
 */
void *guest_ram_at(const struct guest_ram *ram, uint64_t phys, uint64_t bytes,
		   uint64_t align);

/*
 * Physical address of the next `length` bytes, 4 or more, equal to pattern at a multiple of
 * align, from address `from` on; UINT64_MAX if there is none.  Memory that the
 * guest never touched is passed over, not allocated.
 */
uint64_t guest_ram_find(const struct guest_ram *ram, uint64_t from,
			const void *pattern, size_t length, uint64_t align);

#endif /* GUEST_RAM_H */
