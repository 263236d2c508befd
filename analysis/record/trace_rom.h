/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_rom.h - find a VMI ROM that records, in a file or in guest memory
 *
 * The image is copied out before it is looked at, since a guest may change it
 * at any time; the result holds checked numbers only.
 */
#ifndef TRACE_ROM_H
#define TRACE_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest/guest_ram.h"
#include "vmi/descriptor.h"

struct trace_rom {
	uint32_t phys;			/* of the first byte; 0 for a file */
	uint32_t image_bytes;
	uint8_t api_major;
	uint8_t api_minor;
	char name[17];			/* from the locator, "" without one */
	bool traces;			/* has a ring */
	bool aggregates;		/* has a table of totals instead */
	/* Offsets from the first byte. */
	uint32_t ctl_offset;
	uint32_t host_offset;
	uint32_t aggregate_offset;	/* aggregates */
	uint32_t counters_offset;	/* this and the rest: traces */
	uint32_t ring_offset;
	uint32_t ring_bytes;
	uint32_t subbuf_bytes;
	/* As they stand in the image; the descriptor is checked. */
	struct vmi_locator locator;
	struct vmi_descriptor descriptor;
};

/*
 * Read the header and descriptor of the image of at most `bytes` bytes.
 * Returns false, with the reason in why, when it is no VMI ROM or one whose
 * numbers do not fit together.
 */
bool trace_rom_parse(struct trace_rom *rom, const void *image, size_t bytes,
		     char *why, size_t why_bytes);

enum trace_rom_search {
	TRACE_ROM_NONE,		/* no recording ROM in the area for ROMs */
	TRACE_ROM_BROKEN,	/* one with numbers that do not fit: see why */
	TRACE_ROM_DIFFERS,	/* one is on that is not the loaded one: see why */
	TRACE_ROM_OFF,		/* found; the guest did not call Init */
	TRACE_ROM_ON,		/* found, and it records */
};

/*
 * Search where guests search, for the ROM that records.  loaded: the one that
 * was given to the machine; what memory says of itself must be what that one
 * says, and nothing but its place is then taken from memory.  NULL when that is
 * not known: all numbers are taken from memory, after a check.
 */
enum trace_rom_search trace_rom_search(struct trace_rom *rom,
				       const struct trace_rom *loaded,
				       const struct guest_ram *ram, char *why,
				       size_t why_bytes);

/*
 * Copies of the ROM elsewhere in RAM with counted calls of their own, which
 * nobody recorded: their number, and the address of the first in *phys.
 */
unsigned int trace_rom_used_copies(const struct trace_rom *rom,
				   const struct guest_ram *ram, uint64_t *phys);

#endif /* TRACE_ROM_H */
