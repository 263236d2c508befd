// SPDX-License-Identifier: GPL-2.0-only
#include "rom_descriptor.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "vmi/trace.h"

#define PAGE_BYTES    4096
#define NR_FAULTS_MAX 1024
#define KNOWN_FLAGS   (VMI_DESC_TRACE | VMI_DESC_INLINE | VMI_DESC_AGGREGATE)

/* [offset, offset + bytes) with a name for messages. */
struct area {
	const char *name;
	uint32_t offset;
	uint32_t bytes;
};

static bool is_inside(const struct rom_image *rom, uint32_t offset,
		      uint64_t bytes)
{
	return offset <= rom->bytes && bytes <= rom->bytes - offset;
}

static bool check_area(struct rom_image *rom, const struct area *area)
{
	if (is_inside(rom, area->offset, area->bytes))
		return true;
	problems_add(&rom->problems,
		     "%s: descriptor: %s: found 0x%x and %u bytes, expected "
		     "both below 0x%zx, inside the image",
		     rom->path, area->name, area->offset, area->bytes,
		     rom->bytes);
	return false;
}

static bool check_locator(struct rom_image *rom)
{
	const struct vmi_locator *locator = &rom->locator;

	if (locator->version != VMI_DESC_VERSION) {
		problems_add(&rom->problems,
			     "%s: locator: version: found %u, expected %d",
			     rom->path, locator->version, VMI_DESC_VERSION);
		return false;
	}
	if (locator->bytes != sizeof(struct vmi_descriptor)) {
		problems_add(&rom->problems,
			     "%s: locator: size of the descriptor: found %u "
			     "bytes, expected %zu",
			     rom->path, locator->bytes,
			     sizeof(struct vmi_descriptor));
		return false;
	}
	if (!is_inside(rom, locator->offset, locator->bytes)) {
		problems_add(&rom->problems,
			     "%s: locator: descriptor: found offset 0x%x, "
			     "expected at most 0x%zx",
			     rom->path, locator->offset,
			     rom->bytes < locator->bytes
				     ? 0
				     : rom->bytes - locator->bytes);
		return false;
	}
	if (locator->flags & ~KNOWN_FLAGS)
		problems_add(&rom->problems,
			     "%s: locator: flags: found 0x%x, expected none "
			     "but 0x%x",
			     rom->path, locator->flags, KNOWN_FLAGS);
	if (!memchr(locator->name, '\0', sizeof(locator->name)))
		problems_add(&rom->problems,
			     "%s: locator: name: found no NUL in %zu bytes",
			     rom->path, sizeof(locator->name));
	return true;
}

static void check_call(struct rom_image *rom, unsigned int nr)
{
	const struct vmi_descriptor *d = &rom->descriptor;
	const struct vmi_desc_call *call = &d->call[nr];
	const uint32_t end = (uint32_t)call->body_offset + call->inline_bytes;
	const char *name = call_table[nr].name;

	if (!name && (call->body_offset || call->inline_bytes))
		problems_add(&rom->problems,
			     "%s: descriptor: call[%u]: found a body at 0x%x, "
			     "expected none: there is no such call",
			     rom->path, nr, call->body_offset);
	else if (call->inline_bytes && end > d->code_bytes)
		problems_add(&rom->problems,
			     "%s: descriptor: %s: found a body from 0x%x to "
			     "0x%x, expected it in the code, below 0x%x",
			     rom->path, name, call->body_offset, end,
			     d->code_bytes);
	else if (call->inline_bytes && !(rom->locator.flags & VMI_DESC_INLINE))
		problems_add(&rom->problems,
			     "%s: descriptor: %s: found %u inline bytes, "
			     "expected 0 without the flag for inlining",
			     rom->path, name, call->inline_bytes);
}

static void check_faults(struct rom_image *rom)
{
	const struct vmi_descriptor *d = &rom->descriptor;
	const size_t bytes = d->nr_faults * sizeof(*rom->faults);

	if (!d->nr_faults)
		return;
	if (d->nr_faults > NR_FAULTS_MAX ||
	    !is_inside(rom, d->fault_offset, bytes)) {
		problems_add(&rom->problems,
			     "%s: descriptor: fault table: found %u entries at "
			     "0x%x, expected them inside the image",
			     rom->path, d->nr_faults, d->fault_offset);
		rom->descriptor.nr_faults = 0;
		return;
	}
	rom->faults = malloc(bytes);
	if (!rom->faults)
		err(EXIT_FAILURE, "memory");
	memcpy(rom->faults, rom->data + d->fault_offset, bytes);
	for (uint32_t i = 0; i < d->nr_faults; i++) {
		const struct vmi_desc_fault *fault = &rom->faults[i];

		if (fault->call >= VMI_NR_SLOTS ||
		    !call_table[fault->call].name)
			problems_add(&rom->problems,
				     "%s: descriptor: fault %u: found call %u, "
				     "expected %d to %d",
				     rom->path, i, fault->call, VMI_FIRST_CALL,
				     VMI_NR_CALLS - 1);
		if (fault->offset >= d->code_bytes)
			problems_add(
				&rom->problems,
				"%s: descriptor: fault %u: found offset "
				"0x%x, expected it in the code, below 0x%x",
				rom->path, i, fault->offset, d->code_bytes);
	}
}

/*
 * Whether the last byte of the code and state at that offset can fall into one
 * page, at any of the addresses at which an image may lie.
 */
static bool may_share_page(uint32_t code_bytes, uint32_t offset)
{
	for (uint32_t base = 0; base < PAGE_BYTES; base += VMI_ROM_SCAN_STEP) {
		if ((base + code_bytes - 1) / PAGE_BYTES ==
		    (base + offset) / PAGE_BYTES)
			return true;
	}
	return false;
}

/* A store into a page of code is slow: the processor takes it for new code. */
static void check_state_area(struct rom_image *rom, const struct area *area)
{
	if (!check_area(rom, area))
		return;
	if (area->offset < rom->descriptor.code_bytes)
		problems_add(&rom->problems,
			     "%s: descriptor: %s: found 0x%x, expected it "
			     "behind the code, from 0x%x on",
			     rom->path, area->name, area->offset,
			     rom->descriptor.code_bytes);
	else if (may_share_page(rom->descriptor.code_bytes, area->offset))
		problems_add(
			&rom->problems,
			"%s: descriptor: %s: found 0x%x, expected it where "
			"no page of %d bytes holds code (up to 0x%x) too",
			rom->path, area->name, area->offset, PAGE_BYTES,
			rom->descriptor.code_bytes);
}

static void check_ring(struct rom_image *rom)
{
	const struct vmi_descriptor *d = &rom->descriptor;

	if (d->subbuf_bytes < VMI_PKT_HEADER_BYTES + VMI_REC_WIDE_BYTES ||
	    d->subbuf_bytes & (d->subbuf_bytes - 1))
		problems_add(&rom->problems,
			     "%s: descriptor: sub-buffer: found %u bytes, "
			     "expected a power of two from %d on",
			     rom->path, d->subbuf_bytes,
			     VMI_PKT_HEADER_BYTES + VMI_REC_WIDE_BYTES);
	else if (d->ring_bytes / 2 < d->subbuf_bytes ||
		 d->ring_bytes & (d->ring_bytes - 1))
		problems_add(&rom->problems,
			     "%s: descriptor: ring: found %u bytes, expected a "
			     "power of two, at least 2 sub-buffers of %u",
			     rom->path, d->ring_bytes, d->subbuf_bytes);
	if (d->donate_offset >= d->code_bytes)
		problems_add(&rom->problems,
			     "%s: descriptor: entry for donations: found 0x%x, "
			     "expected it in the code, below 0x%x",
			     rom->path, d->donate_offset, d->code_bytes);
	if (d->nr_vcpus != 1)
		problems_add(&rom->problems,
			     "%s: descriptor: vCPUs: found %u, expected 1",
			     rom->path, d->nr_vcpus);
}

/* A table in place of the ring: neither counters nor sub-buffers. */
static void check_aggregate(struct rom_image *rom)
{
	const struct vmi_descriptor *d = &rom->descriptor;
	const struct area areas[] = {
		{"recorder state", d->ctl_offset, sizeof(struct vmi_trace_ctl)},
		{"host's words", d->host_offset, sizeof(struct vmi_trace_host)},
		{"table", d->aggregate_offset,
		 VMI_NR_SLOTS * sizeof(struct vmi_aggregate)},
	};

	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		check_state_area(rom, &areas[i]);
	if (d->ring_bytes != VMI_NR_SLOTS * sizeof(struct vmi_aggregate))
		problems_add(&rom->problems,
			     "%s: descriptor: table: found %u bytes, expected "
			     "%zu",
			     rom->path, d->ring_bytes,
			     VMI_NR_SLOTS * sizeof(struct vmi_aggregate));
	if (d->counters_offset || d->subbuf_bytes || d->donate_offset)
		problems_add(&rom->problems,
			     "%s: descriptor: found a ring, expected none "
			     "beside a table",
			     rom->path);
	if (d->nr_vcpus != 1)
		problems_add(&rom->problems,
			     "%s: descriptor: vCPUs: found %u, expected 1",
			     rom->path, d->nr_vcpus);
}

static void check_trace(struct rom_image *rom)
{
	const struct vmi_descriptor *d = &rom->descriptor;
	const struct area areas[] = {
		{"recorder state", d->ctl_offset, sizeof(struct vmi_trace_ctl)},
		{"host's words", d->host_offset, sizeof(struct vmi_trace_host)},
		{"counters", d->counters_offset,
		 VMI_NR_SLOTS * sizeof(uint32_t)},
		{"ring", d->ring_offset, d->ring_bytes},
	};

	if (rom->locator.flags & VMI_DESC_AGGREGATE) {
		if (rom->locator.flags & VMI_DESC_TRACE)
			problems_add(&rom->problems,
				     "%s: locator: flags: found 0x%x, expected "
				     "not both a ring and a table",
				     rom->path, rom->locator.flags);
		else
			check_aggregate(rom);
		return;
	}
	if (!(rom->locator.flags & VMI_DESC_TRACE)) {
		if (d->ctl_offset || d->host_offset || d->counters_offset ||
		    d->ring_offset || d->ring_bytes)
			problems_add(&rom->problems,
				     "%s: descriptor: found a ring, expected "
				     "none without the flag for tracing",
				     rom->path);
		return;
	}
	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		check_state_area(rom, &areas[i]);
	check_ring(rom);
}

void rom_check_descriptor(struct rom_image *rom)
{
	struct area code = {"code", 0, 0};

	memcpy(&rom->locator, rom->header.locator, sizeof(rom->locator));
	rom->has_locator = rom->locator.magic == VMI_LOCATOR_MAGIC;
	if (!rom->has_locator || !check_locator(rom))
		return;
	memcpy(&rom->descriptor, rom->data + rom->locator.offset,
	       sizeof(rom->descriptor));
	rom->has_descriptor = true;
	code.bytes = rom->descriptor.code_bytes;
	check_area(rom, &code);
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
		check_call(rom, nr);
	check_faults(rom);
	check_trace(rom);
}
