// SPDX-License-Identifier: GPL-2.0-only
#include "rom_layout.h"

#include <stdarg.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/text.h"
#include "vmi/abi.h"
#include "vmi/trace.h"

#define PAGE_BYTES	4096
#define LINE_BYTES	64
#define NR_FAULTS_MAX	1024
#define RECORDS		(VMI_DESC_TRACE | VMI_DESC_AGGREGATE)
#define KNOWN_FLAGS	(RECORDS | VMI_DESC_INLINE | VMI_DESC_STAMP)

/* Generous bounds, so that sums of checked numbers cannot overflow. */
#define SUBBUF_BYTES_MAX	(16u << 20)
#define RING_BYTES_MAX		(1u << 30)

#define TABLE_BYTES	(VMI_NR_SLOTS * sizeof(struct vmi_aggregate))

/* [offset, offset + bytes) with a name for messages. */
struct area {
	const char *name;
	uint32_t offset;
	uint32_t bytes;
};

/* What is checked, and where problems go. */
struct layout {
	const struct vmi_locator *locator;
	const struct vmi_descriptor *desc;
	size_t image_bytes;
	const struct rom_layout_sink *sink;
};

__attribute__((format(printf, 2, 3)))
static void problem(const struct rom_layout_sink *sink, const char *format, ...)
{
	char text[200] = "";
	va_list args;

	va_start(args, format);
	text_vappend(text, sizeof(text), format, args);
	va_end(args);
	sink->tell(sink->arg, text);
}

bool rom_layout_inside(size_t image_bytes, uint64_t offset, uint64_t bytes)
{
	return offset <= image_bytes && bytes <= image_bytes - offset;
}

bool rom_layout_ring_fits(uint32_t ring_bytes, uint32_t subbuf_bytes)
{
	return subbuf_bytes >= VMI_PKT_HEADER_BYTES + VMI_REC_WIDE_BYTES &&
	       subbuf_bytes <= SUBBUF_BYTES_MAX &&
	       !(subbuf_bytes & (subbuf_bytes - 1)) &&
	       ring_bytes <= RING_BYTES_MAX &&
	       !(ring_bytes & (ring_bytes - 1)) &&
	       ring_bytes / subbuf_bytes >= 2;
}

bool rom_layout_locator(const struct vmi_locator *locator, size_t image_bytes,
			const struct rom_layout_sink *sink)
{
	const size_t bytes = sizeof(struct vmi_descriptor);

	if (locator->version != VMI_DESC_VERSION) {
		problem(sink, "locator: version: found %u, expected %d",
			locator->version, VMI_DESC_VERSION);
		return false;
	}
	if (locator->bytes != bytes) {
		problem(sink,
			"locator: size of the descriptor: found %u bytes, expected %zu",
			locator->bytes, bytes);
		return false;
	}
	if (!rom_layout_inside(image_bytes, locator->offset, bytes)) {
		problem(sink,
			"locator: descriptor: found offset 0x%x, expected at most 0x%zx",
			locator->offset,
			image_bytes < bytes ? 0 : image_bytes - bytes);
		return false;
	}
	if (locator->flags & ~KNOWN_FLAGS)
		problem(sink,
			"locator: flags: found 0x%x, expected none but 0x%x",
			locator->flags, KNOWN_FLAGS);
	if ((locator->flags & RECORDS) == RECORDS)
		problem(sink,
			"locator: flags: found 0x%x, expected not both a ring and a table",
			locator->flags);
	if (locator->flags & VMI_DESC_STAMP &&
	    !(locator->flags & VMI_DESC_TRACE))
		problem(sink,
			"locator: flags: found 0x%x, expected a ring where calls are stamped",
			locator->flags);
	if (!memchr(locator->name, '\0', sizeof(locator->name)))
		problem(sink, "locator: name: found no NUL in %zu bytes",
			sizeof(locator->name));
	return true;
}

static void check_call(const struct layout *l, unsigned int nr)
{
	const struct vmi_desc_call *call = &l->desc->call[nr];
	const uint32_t end = (uint32_t)call->body_offset + call->inline_bytes;
	const char *name = call_table[nr].name;

	if (!name && (call->body_offset || call->inline_bytes))
		problem(l->sink,
			"descriptor: call[%u]: found a body at 0x%x, expected none: there is no such call",
			nr, call->body_offset);
	else if (call->inline_bytes && end > l->desc->code_bytes)
		problem(l->sink,
			"descriptor: %s: found a body from 0x%x to 0x%x, expected it in the code, below 0x%x",
			name, call->body_offset, end, l->desc->code_bytes);
	else if (call->inline_bytes && !(l->locator->flags & VMI_DESC_INLINE))
		problem(l->sink,
			"descriptor: %s: found %u inline bytes, expected 0 without the flag for inlining",
			name, call->inline_bytes);
}

static bool check_area(const struct layout *l, const struct area *area)
{
	if (rom_layout_inside(l->image_bytes, area->offset, area->bytes))
		return true;
	problem(l->sink,
		"descriptor: %s: found 0x%x and %u bytes, expected both below 0x%zx, inside the image",
		area->name, area->offset, area->bytes, l->image_bytes);
	return false;
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
static bool check_state_area(const struct layout *l, const struct area *area)
{
	const uint32_t code_bytes = l->desc->code_bytes;

	if (!check_area(l, area))
		return false;
	if (area->offset % LINE_BYTES)
		problem(l->sink,
			"descriptor: %s: found 0x%x, expected a multiple of %d",
			area->name, area->offset, LINE_BYTES);
	if (area->offset < code_bytes)
		problem(l->sink,
			"descriptor: %s: found 0x%x, expected it behind the code, from 0x%x on",
			area->name, area->offset, code_bytes);
	else if (may_share_page(code_bytes, area->offset))
		problem(l->sink,
			"descriptor: %s: found 0x%x, expected it where no page of %d bytes holds code (up to 0x%x) too",
			area->name, area->offset, PAGE_BYTES, code_bytes);
	return true;
}

/* Each whole, in its place and by itself. */
static void check_state(const struct layout *l, const struct area *area,
			size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (!check_state_area(l, &area[i]))
			return;
		for (size_t j = 0; j < i; j++) {
			if (area[i].offset < area[j].offset + area[j].bytes &&
			    area[j].offset < area[i].offset + area[i].bytes)
				problem(l->sink,
					"descriptor: found %s and %s in one place, at 0x%x and 0x%x, expected them apart",
					area[j].name, area[i].name,
					area[j].offset, area[i].offset);
		}
	}
	if (l->desc->nr_vcpus != 1)
		problem(l->sink, "descriptor: vCPUs: found %u, expected 1",
			l->desc->nr_vcpus);
}

static void check_ring(const struct layout *l)
{
	const struct vmi_descriptor *d = l->desc;
	const struct area areas[] = {
		{ "recorder state", d->ctl_offset, VMI_CTL_BYTES },
		{ "host's words", d->host_offset, VMI_HOST_BYTES },
		{ "counters", d->counters_offset,
		  VMI_NR_SLOTS * sizeof(uint32_t) },
		{ "ring", d->ring_offset, d->ring_bytes },
	};

	check_state(l, areas, sizeof(areas) / sizeof(areas[0]));
	if (!rom_layout_ring_fits(d->ring_bytes, d->subbuf_bytes))
		problem(l->sink,
			"descriptor: ring: found %u bytes in sub-buffers of %u, expected two or more sub-buffers from %d on, both powers of two",
			d->ring_bytes, d->subbuf_bytes,
			VMI_PKT_HEADER_BYTES + VMI_REC_WIDE_BYTES);
	if (d->donate_offset >= d->code_bytes)
		problem(l->sink,
			"descriptor: entry for donations: found 0x%x, expected it in the code, below 0x%x",
			d->donate_offset, d->code_bytes);
}

/* A table in place of the ring: neither counters nor sub-buffers. */
static void check_table(const struct layout *l)
{
	const struct vmi_descriptor *d = l->desc;
	const struct area areas[] = {
		{ "recorder state", d->ctl_offset, VMI_CTL_BYTES },
		{ "host's words", d->host_offset, VMI_HOST_BYTES },
		{ "table", d->aggregate_offset, TABLE_BYTES },
	};

	check_state(l, areas, sizeof(areas) / sizeof(areas[0]));
	if (d->ring_bytes != TABLE_BYTES)
		problem(l->sink, "descriptor: table: found %u bytes, expected %zu",
			d->ring_bytes, TABLE_BYTES);
	if (d->counters_offset || d->subbuf_bytes || d->donate_offset)
		problem(l->sink,
			"descriptor: found a ring, expected none beside a table");
}

static void check_no_ring(const struct layout *l)
{
	const struct vmi_descriptor *d = l->desc;

	if (d->ctl_offset || d->host_offset || d->counters_offset ||
	    d->ring_offset || d->ring_bytes)
		problem(l->sink,
			"descriptor: found a ring, expected none without the flag for tracing");
}

void rom_layout_descriptor(const struct vmi_locator *locator,
			   const struct vmi_descriptor *d, size_t image_bytes,
			   const struct rom_layout_sink *sink)
{
	const struct layout l = { locator, d, image_bytes, sink };
	const struct area code = { "code", 0, d->code_bytes };

	(void)check_area(&l, &code);
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
		check_call(&l, nr);
	if (d->nr_faults > NR_FAULTS_MAX ||
	    (d->nr_faults &&
	     !rom_layout_inside(image_bytes, d->fault_offset,
				d->nr_faults * sizeof(struct vmi_desc_fault))))
		problem(sink,
			"descriptor: fault table: found %u entries at 0x%x, expected them inside the image",
			d->nr_faults, d->fault_offset);
	if (locator->flags & VMI_DESC_TRACE)
		check_ring(&l);
	else if (locator->flags & VMI_DESC_AGGREGATE)
		check_table(&l);
	else
		check_no_ring(&l);
}
