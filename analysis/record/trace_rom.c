// SPDX-License-Identifier: GPL-2.0-only
#include "trace_rom.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "vmi/abi.h"
#include "vmi/descriptor.h"
#include "vmi/trace.h"

/* Generous bounds, so that sums of checked numbers cannot overflow. */
#define SUBBUF_BYTES_MAX	(16u << 20)
#define RING_BYTES_MAX		(1u << 30)
/* A guest may fill its memory with what looks like copies. */
#define COPIES_MAX		1000

static bool inside(uint32_t offset, uint32_t bytes, uint32_t limit)
{
	return offset <= limit && bytes <= limit - offset;
}

static bool overlap(uint32_t a, uint32_t a_bytes, uint32_t b, uint32_t b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}

bool trace_rom_ring_fits(uint32_t ring_bytes, uint32_t subbuf_bytes)
{
	return subbuf_bytes >= VMI_PKT_HEADER_BYTES + VMI_REC_WIDE_BYTES &&
	       subbuf_bytes <= SUBBUF_BYTES_MAX &&
	       !(subbuf_bytes & (subbuf_bytes - 1)) &&
	       ring_bytes <= RING_BYTES_MAX &&
	       !(ring_bytes & (ring_bytes - 1)) &&
	       ring_bytes / subbuf_bytes >= 2;
}

struct part {
	const char *name;
	uint32_t offset, bytes, align;
};

/* Each whole, aligned and by itself. */
static bool check_parts(const struct trace_rom *rom, const struct part *part,
			size_t nr_parts, char *why, size_t why_bytes)
{
	for (size_t i = 0; i < nr_parts; i++) {
		if (part[i].offset % part[i].align ||
		    !inside(part[i].offset, part[i].bytes, rom->image_bytes)) {
			text_set(why, why_bytes,
				 "its %s, %u bytes at 0x%x, is not inside the image of 0x%x bytes at a multiple of %u",
				 part[i].name, part[i].bytes, part[i].offset,
				 rom->image_bytes, part[i].align);
			return false;
		}
		for (size_t j = 0; j < i; j++) {
			if (overlap(part[i].offset, part[i].bytes,
				    part[j].offset, part[j].bytes)) {
				text_set(why, why_bytes,
					 "its %s and %s overlap",
					 part[j].name, part[i].name);
				return false;
			}
		}
	}
	return true;
}

/* The parts that guest and host share. */
static bool check_layout(const struct trace_rom *rom,
			 const struct vmi_descriptor *desc, char *why,
			 size_t why_bytes)
{
	const struct part part[] = {
		{ "code", 0, desc->code_bytes, 1 },
		{ "ctl", desc->ctl_offset, VMI_CTL_BYTES, 64 },
		{ "host", desc->host_offset, VMI_HOST_BYTES, 64 },
		{ "counters", desc->counters_offset,
		  VMI_NR_SLOTS * sizeof(uint32_t), 64 },
		{ "ring", desc->ring_offset, desc->ring_bytes, 64 },
	};

	if (desc->nr_vcpus != 1) {
		text_set(why, why_bytes, "it is made for %u vCPUs, expected 1",
			 desc->nr_vcpus);
		return false;
	}
	if (!trace_rom_ring_fits(desc->ring_bytes, desc->subbuf_bytes)) {
		text_set(why, why_bytes,
			 "its ring of %u bytes in sub-buffers of %u is not two or more sub-buffers, both powers of two",
			 desc->ring_bytes, desc->subbuf_bytes);
		return false;
	}
	return check_parts(rom, part, sizeof(part) / sizeof(part[0]), why,
			   why_bytes);
}

/* The same of a ROM with a table in place of the ring. */
static bool check_table(const struct trace_rom *rom,
			const struct vmi_descriptor *desc, char *why,
			size_t why_bytes)
{
	const struct part part[] = {
		{ "code", 0, desc->code_bytes, 1 },
		{ "ctl", desc->ctl_offset, VMI_CTL_BYTES, 64 },
		{ "host", desc->host_offset, VMI_HOST_BYTES, 64 },
		{ "table", desc->aggregate_offset,
		  VMI_NR_SLOTS * VMI_AGG_BYTES, 64 },
	};

	if (desc->nr_vcpus != 1) {
		text_set(why, why_bytes, "it is made for %u vCPUs, expected 1",
			 desc->nr_vcpus);
		return false;
	}
	return check_parts(rom, part, sizeof(part) / sizeof(part[0]), why,
			   why_bytes);
}

static bool parse_descriptor(struct trace_rom *rom, const uint8_t *image,
			     const struct vmi_locator *locator, char *why,
			     size_t why_bytes)
{
	struct vmi_descriptor desc;

	if (locator->version != VMI_DESC_VERSION ||
	    locator->bytes != sizeof(desc)) {
		text_set(why, why_bytes,
			 "its descriptor is version %u of %u bytes, expected version %u of %zu",
			 locator->version, locator->bytes, VMI_DESC_VERSION,
			 sizeof(desc));
		return false;
	}
	if (!inside(locator->offset, sizeof(desc), rom->image_bytes)) {
		text_set(why, why_bytes,
			 "its descriptor at 0x%x is not inside the image of 0x%x bytes",
			 locator->offset, rom->image_bytes);
		return false;
	}
	memcpy(rom->name, locator->name, sizeof(locator->name));
	text_clean(rom->name);
	if (!(locator->flags & (VMI_DESC_TRACE | VMI_DESC_AGGREGATE)))
		return true;
	memcpy(&desc, image + locator->offset, sizeof(desc));
	if (locator->flags & VMI_DESC_AGGREGATE) {
		if (!check_table(rom, &desc, why, why_bytes))
			return false;
		rom->aggregates = true;
		rom->ctl_offset = desc.ctl_offset;
		rom->host_offset = desc.host_offset;
		rom->aggregate_offset = desc.aggregate_offset;
		return true;
	}
	if (!check_layout(rom, &desc, why, why_bytes))
		return false;
	rom->traces = true;
	rom->ctl_offset = desc.ctl_offset;
	rom->host_offset = desc.host_offset;
	rom->counters_offset = desc.counters_offset;
	rom->ring_offset = desc.ring_offset;
	rom->ring_bytes = desc.ring_bytes;
	rom->subbuf_bytes = desc.subbuf_bytes;
	return true;
}

bool trace_rom_parse(struct trace_rom *rom, const void *image, size_t bytes,
		     char *why, size_t why_bytes)
{
	struct vmi_rom_header header;
	struct vmi_locator locator;

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
	memcpy(&locator, header.locator, sizeof(locator));
	if (locator.magic != VMI_LOCATOR_MAGIC)
		return true;
	return parse_descriptor(rom, image, &locator, why, why_bytes);
}

/* The ctl structure says by itself whether Init was called. */
static enum trace_rom_search rom_state(const struct trace_rom *rom,
				       const struct guest_ram *ram)
{
	const uint32_t *state =
		guest_ram_at(ram, rom->phys + rom->ctl_offset + VMI_CTL_STATE,
			     sizeof(*state), sizeof(*state));

	return state && __atomic_load_n(state, __ATOMIC_ACQUIRE) == VMI_STATE_ON
		       ? TRACE_ROM_ON
		       : TRACE_ROM_OFF;
}

enum trace_rom_search trace_rom_search(struct trace_rom *rom,
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
		if (header->signature != VMI_ROM_SIGNATURE ||
		    header->vmi_signature != VMI_SIGNATURE ||
		    locator->magic != VMI_LOCATOR_MAGIC ||
		    !(locator->flags & (VMI_DESC_TRACE | VMI_DESC_AGGREGATE)))
			continue;
		if (!trace_rom_parse(rom, header, VMI_ROM_SCAN_END - phys, why,
				     why_bytes))
			return TRACE_ROM_BROKEN;
		rom->phys = phys;
		if (rom->traces || rom->aggregates)
			return rom_state(rom, ram);
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
