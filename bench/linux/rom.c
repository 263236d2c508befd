/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom.c - finds the ROM and its call counters in /dev/mem
 */
#include "rom.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmi/abi.h"
#include "vmi/descriptor.h"

#define ROM_AREA_BYTES (VMI_ROM_SCAN_END - VMI_ROM_SCAN_START)

static const char *const call_names[VMI_NR_SLOTS] = {
#define X(nr, name, ...) [nr] = #name,
	VMI_CALLS(X)
#undef X
};

const char *rom_call_name(unsigned int nr)
{
	return nr < VMI_NR_SLOTS && call_names[nr] ? call_names[nr] : "?";
}

static bool inside(uint32_t offset, size_t bytes, size_t size)
{
	return offset <= size && bytes <= size - offset;
}

/* False when there is no ROM of ours at `offset` of the area. */
static bool read_rom(struct rom *rom, const uint8_t *area, size_t offset)
{
	const size_t size = ROM_AREA_BYTES - offset;
	const struct vmi_rom_header *header =
		(const struct vmi_rom_header *)(area + offset);
	struct vmi_locator locator;
	struct vmi_descriptor descriptor;

	if (header->signature != VMI_ROM_SIGNATURE ||
	    header->vmi_signature != VMI_SIGNATURE)
		return false;
	memcpy(&locator, header->locator, sizeof(locator));
	if (locator.magic != VMI_LOCATOR_MAGIC ||
	    locator.version != VMI_DESC_VERSION ||
	    !inside(locator.offset, sizeof(descriptor), size))
		return false;
	rom->flags = locator.flags;
	memcpy(&descriptor, area + offset + locator.offset, sizeof(descriptor));
	if ((locator.flags & VMI_DESC_TRACE) &&
	    inside(descriptor.counters_offset, VMI_NR_SLOTS * sizeof(uint32_t),
		   size))
		rom->counters =
			(const volatile uint32_t *)(area + offset +
						    descriptor.counters_offset);
	return true;
}

void rom_find(struct rom *rom, const char *user)
{
	const uint8_t *area = MAP_FAILED;
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);

	*rom = (struct rom){0};
	if (fd >= 0) {
		area = mmap(NULL, ROM_AREA_BYTES, PROT_READ, MAP_SHARED, fd,
			    VMI_ROM_SCAN_START);
		close(fd);
	}
	if (area == MAP_FAILED) {
		printf("%s: /dev/mem cannot be mapped: no calls counted\n",
		       user);
		return;
	}
	madvise((void *)area, ROM_AREA_BYTES, MADV_DONTFORK);
	for (size_t offset = 0; offset + VMI_HDR_BYTES <= ROM_AREA_BYTES;
	     offset += VMI_ROM_SCAN_STEP) {
		if (read_rom(rom, area, offset))
			return;
	}
}

void rom_count(const struct rom *rom, uint32_t copy[VMI_NR_SLOTS])
{
	for (unsigned int nr = 0; rom->counters && nr < VMI_NR_SLOTS; nr++)
		copy[nr] = rom->counters[nr];
}
