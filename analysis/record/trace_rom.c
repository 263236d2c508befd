// SPDX-License-Identifier: GPL-2.0-only
#include "trace_rom.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "rom/rom_layout.h"
#include "vmi/abi.h"
#include "vmi/trace.h"

/* A guest may fill its memory with what looks like copies. */
#define COPIES_MAX		1000

#define RECORDS			(VMI_DESC_TRACE | VMI_DESC_AGGREGATE)

/* The first problem is the one that is told. */
struct first_problem {
	char *why;
	size_t why_bytes;
	bool any;
};

static void keep_first(void *arg, const char *problem)
{
	struct first_problem *first = arg;

	if (!first->any)
		text_set(first->why, first->why_bytes, "%s", problem);
	first->any = true;
}

static bool parse_descriptor(struct trace_rom *rom, const uint8_t *image,
			     char *why, size_t why_bytes)
{
	const struct vmi_locator *locator = &rom->locator;
	struct vmi_descriptor *desc = &rom->descriptor;
	struct first_problem first = { why, why_bytes, false };
	const struct rom_layout_sink sink = { keep_first, &first };

	if (!rom_layout_locator(locator, rom->image_bytes, &sink))
		return false;
	memcpy(rom->name, locator->name, sizeof(locator->name));
	text_clean(rom->name);
	memcpy(desc, image + locator->offset, sizeof(*desc));
	rom_layout_descriptor(locator, desc, rom->image_bytes, &sink);
	if (first.any)
		return false;
	rom->traces = locator->flags & VMI_DESC_TRACE;
	rom->aggregates = locator->flags & VMI_DESC_AGGREGATE;
	rom->ctl_offset = desc->ctl_offset;
	rom->host_offset = desc->host_offset;
	if (rom->aggregates)
		rom->aggregate_offset = desc->aggregate_offset;
	if (!rom->traces)
		return true;
	rom->counters_offset = desc->counters_offset;
	rom->ring_offset = desc->ring_offset;
	rom->ring_bytes = desc->ring_bytes;
	rom->subbuf_bytes = desc->subbuf_bytes;
	return true;
}

bool trace_rom_parse(struct trace_rom *rom, const void *image, size_t bytes,
		     char *why, size_t why_bytes)
{
	struct vmi_rom_header header;

	memset(rom, 0, sizeof(*rom));
	if (bytes < sizeof(header)) {
		text_set(why, why_bytes,
			 "it has %zu bytes, fewer than a ROM header's %zu",
			 bytes, sizeof(header));
		return false;
	}
	memcpy(&header, image, sizeof(header));
	if (header.signature != VMI_ROM_SIGNATURE ||
	    header.vmi_signature != VMI_SIGNATURE) {
		text_set(why, why_bytes,
			 "its signatures are 0x%04x and 0x%08x, expected 0x%04x and 0x%08x (cVmi)",
			 header.signature, header.vmi_signature,
			 VMI_ROM_SIGNATURE, VMI_SIGNATURE);
		return false;
	}
	rom->image_bytes = header.length * VMI_ROM_LENGTH_UNIT;
	if (rom->image_bytes < sizeof(header) || rom->image_bytes > bytes) {
		text_set(why, why_bytes,
			 "its length byte says %u bytes, there are %zu",
			 rom->image_bytes, bytes);
		return false;
	}
	rom->api_major = header.api_major;
	rom->api_minor = header.api_minor;
	memcpy(&rom->locator, header.locator, sizeof(rom->locator));
	if (rom->locator.magic != VMI_LOCATOR_MAGIC)
		return true;
	return parse_descriptor(rom, image, why, why_bytes);
}

/* The ctl structure says by itself whether Init was called. */
static bool is_on(const struct trace_rom *rom, const struct guest_ram *ram,
		  uint32_t phys)
{
	const uint32_t *state =
		guest_ram_at(ram, phys + rom->ctl_offset + VMI_CTL_STATE,
			     sizeof(*state), sizeof(*state));

	return state && __atomic_load_n(state, __ATOMIC_ACQUIRE) == VMI_STATE_ON;
}

/* What a ROM keeps, by its flags. */
static const char *kind(const struct vmi_locator *locator)
{
	switch (locator->flags & RECORDS) {
	case VMI_DESC_TRACE:
		return "has a ring";
	case VMI_DESC_AGGREGATE:
		return "has a table";
	case 0:
		return "keeps nothing";
	default:
		return "claims a ring and a table";
	}
}

/* Offset of the first word in which the two differ. */
static size_t first_difference(const void *a, const void *b, size_t bytes,
			       uint32_t word[2])
{
	for (size_t at = 0; at + sizeof(word[0]) <= bytes;
	     at += sizeof(word[0])) {
		memcpy(&word[0], (const char *)a + at, sizeof(word[0]));
		memcpy(&word[1], (const char *)b + at, sizeof(word[1]));
		if (word[0] != word[1])
			return at;
	}
	return SIZE_MAX;
}

/*
 * Whether locator and descriptor at phys are those of the ROM that was loaded:
 * it has no business to change either.
 */
static bool is_loaded_one(const struct trace_rom *loaded,
			  const struct guest_ram *ram, uint32_t phys, char *why,
			  size_t why_bytes)
{
	struct vmi_locator locator;
	struct vmi_descriptor desc;
	uint32_t word[2];
	size_t at;
	const struct vmi_rom_header *header =
		guest_ram_at(ram, phys, loaded->image_bytes, 1);

	if (!header) {
		text_set(why, why_bytes,
			 "it lies at 0x%x, where memory ends before its %u bytes do",
			 phys, loaded->image_bytes);
		return false;
	}
	memcpy(&locator, header->locator, sizeof(locator));
	memcpy(&desc, (const uint8_t *)header + loaded->locator.offset,
	       sizeof(desc));
	if ((locator.flags & RECORDS) != (loaded->locator.flags & RECORDS)) {
		locator.name[sizeof(locator.name) - 1] = '\0';
		text_clean(locator.name);
		text_set(why, why_bytes,
			 "\"%s\" at 0x%x, which %s; loaded was \"%s\", which %s",
			 locator.name, phys, kind(&locator), loaded->name,
			 kind(&loaded->locator));
		return false;
	}
	at = first_difference(&locator, &loaded->locator, sizeof(locator), word);
	if (at != SIZE_MAX) {
		text_set(why, why_bytes,
			 "at 0x%x, byte %zu of its locator is 0x%x; in \"%s\", which was loaded, it is 0x%x",
			 phys, at, word[0], loaded->name, word[1]);
		return false;
	}
	at = first_difference(&desc, &loaded->descriptor, sizeof(desc), word);
	if (at != SIZE_MAX)
		text_set(why, why_bytes,
			 "at 0x%x, byte %zu of its descriptor is 0x%x; in \"%s\", which was loaded, it is 0x%x",
			 phys, at, word[0], loaded->name, word[1]);
	return at == SIZE_MAX;
}

/*
 * The ROM at phys, which looks like one that records.  Of the one that was
 * loaded all numbers are known; nothing but its place is taken from memory.
 */
/* Another ROM has its state where it says itself, if that makes sense. */
static bool is_other_on(const struct trace_rom *loaded,
			const struct guest_ram *ram, uint32_t phys)
{
	const uint8_t *image =
		guest_ram_at(ram, phys, VMI_ROM_SCAN_END - phys, 1);
	struct trace_rom other;
	char why[200];

	if (image && trace_rom_parse(&other, image, VMI_ROM_SCAN_END - phys,
				     why, sizeof(why)) &&
	    is_on(&other, ram, phys))
		return true;
	return is_on(loaded, ram, phys);
}

static enum trace_rom_search look_at(struct trace_rom *rom,
				     const struct trace_rom *loaded,
				     const struct guest_ram *ram, uint32_t phys,
				     char *why, size_t why_bytes)
{
	if (loaded && is_loaded_one(loaded, ram, phys, why, why_bytes)) {
		*rom = *loaded;
	} else if (loaded) {
		/* While the BIOS copies it, it is not on. */
		return is_other_on(loaded, ram, phys) ? TRACE_ROM_DIFFERS
						      : TRACE_ROM_BROKEN;
	} else {
		const uint8_t *image = guest_ram_at(
			ram, phys, VMI_ROM_SCAN_END - phys, 1);

		if (!image || !trace_rom_parse(rom, image,
					       VMI_ROM_SCAN_END - phys, why,
					       why_bytes))
			return TRACE_ROM_BROKEN;
	}
	rom->phys = phys;
	return is_on(rom, ram, phys) ? TRACE_ROM_ON : TRACE_ROM_OFF;
}

enum trace_rom_search trace_rom_search(struct trace_rom *rom,
				       const struct trace_rom *loaded,
				       const struct guest_ram *ram, char *why,
				       size_t why_bytes)
{
	for (uint32_t phys = VMI_ROM_SCAN_START; phys < VMI_ROM_SCAN_END;
	     phys += VMI_ROM_SCAN_STEP) {
		const struct vmi_rom_header *header =
			guest_ram_at(ram, phys, sizeof(*header), 1);
		const struct vmi_locator *locator;

		if (!header)
			return TRACE_ROM_NONE;
		locator = (const struct vmi_locator *)header->locator;
		if (header->signature == VMI_ROM_SIGNATURE &&
		    header->vmi_signature == VMI_SIGNATURE &&
		    locator->magic == VMI_LOCATOR_MAGIC &&
		    locator->flags & RECORDS)
			return look_at(rom, loaded, ram, phys, why, why_bytes);
	}
	return TRACE_ROM_NONE;
}

static bool copy_was_used(const struct trace_rom *rom,
			  const struct guest_ram *ram, uint64_t phys)
{
	const uint32_t *counters =
		guest_ram_at(ram, phys + rom->counters_offset,
			     VMI_NR_SLOTS * sizeof(*counters),
			     sizeof(*counters));

	for (int nr = 0; counters && nr < VMI_NR_SLOTS; nr++) {
		if (counters[nr])
			return true;
	}
	return false;
}

unsigned int trace_rom_used_copies(const struct trace_rom *rom,
				   const struct guest_ram *ram, uint64_t *phys)
{
	const struct vmi_locator locator = {
		.magic = VMI_LOCATOR_MAGIC,
		.version = VMI_DESC_VERSION,
		.bytes = sizeof(struct vmi_descriptor),
	};
	uint64_t at = 0;
	unsigned int nr = 0;

	for (int candidates = 0; candidates < COPIES_MAX; candidates++, at++) {
		at = guest_ram_find(ram, at, &locator, VMI_LOC_OFFSET, 4);
		if (at == UINT64_MAX)
			break;
		if (at < VMI_HDR_LOCATOR ||
		    at - VMI_HDR_LOCATOR == rom->phys ||
		    !copy_was_used(rom, ram, at - VMI_HDR_LOCATOR))
			continue;
		if (!nr++)
			*phys = at - VMI_HDR_LOCATOR;
	}
	return nr;
}
