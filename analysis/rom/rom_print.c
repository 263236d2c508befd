// SPDX-License-Identifier: GPL-2.0-only
#include "rom_print.h"

#include <stdio.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/label.h"
#include "lib/text.h"

static void print_header(const struct rom_image *rom)
{
	const struct vmi_rom_header *h = &rom->header;

	print_label("Image", "%s, %zu bytes", rom->path, rom->bytes);
	print_label("Signature", "0x%04x, VMI 0x%08x", h->signature,
		    h->vmi_signature);
	print_label("API", "%u.%u", h->api_major, h->api_minor);
	print_label("Length", "%u units of %d bytes = %d bytes", h->length,
		    VMI_ROM_LENGTH_UNIT, h->length * VMI_ROM_LENGTH_UNIT);
	print_label("Checksum", "0x%02x", rom->checksum);
	print_label("Entry", "16-bit code at 0x%04zx", rom->entry16);
	if (rom->pcir.offset)
		print_label("PCIR", "at 0x%04x: %04x:%04x, revision 0x%04x",
			    rom->pcir.offset, rom->pcir.vendor,
			    rom->pcir.device, rom->pcir.revision);
	else
		print_label("PCIR", "none");
	if (rom->pnp.offset)
		print_label("$PnP", "at 0x%04x: \"%s\", \"%s\"",
			    rom->pnp.offset, rom->pnp.manufacturer,
			    rom->pnp.product);
	else
		print_label("$PnP", "none");
	print_label("Licence", "%s", rom->licence[0] ? rom->licence : "none");
}

static void print_state(const struct vmi_descriptor *d)
{
	print_label("State", "recorder 0x%04x, host 0x%04x, counters 0x%04x",
		    d->ctl_offset, d->host_offset, d->counters_offset);
	print_label("Ring", "at 0x%04x: %u bytes in sub-buffers of %u",
		    d->ring_offset, d->ring_bytes, d->subbuf_bytes);
	if (d->donate_offset)
		print_label("Donation", "entry at 0x%04x, %u KiB welcome",
			    d->donate_offset, d->donate_bytes / 1024);
	else
		print_label("Donation", "none");
}

static void print_descriptor(const struct rom_image *rom)
{
	const struct vmi_descriptor *d = &rom->descriptor;
	const char *const flags[] = {"none", "trace", "inline",
				     "trace, inline", "aggregate",
				     "trace, aggregate", "inline, aggregate",
				     "trace, inline, aggregate"};
	unsigned int inlines = 0;
	char name[sizeof(rom->locator.name) + 1];

	if (!rom->has_locator) {
		print_label("Descriptor", "none: not a ROM of vmiprof");
		return;
	}
	if (!rom->has_descriptor) {
		print_label("Descriptor", "cannot be read");
		return;
	}
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
		inlines += d->call[nr].inline_bytes > 0;
	print_label(
		"Descriptor", "at 0x%04x, version %u, flags: %s",
		rom->locator.offset, rom->locator.version,
		flags[rom->locator.flags % (sizeof(flags) / sizeof(flags[0]))]);
	text_set(name, sizeof(name), "%.*s", (int)sizeof(rom->locator.name),
		 rom->locator.name);
	text_clean(name);
	print_label("Name", "%s", name);
	print_label("Code", "%u bytes, %u instructions that may fault",
		    d->code_bytes, d->nr_faults);
	print_label("Calls", "%d, of which %u may be inlined",
		    VMI_NR_CALLS - VMI_FIRST_CALL, inlines);
	if (rom->locator.flags & VMI_DESC_TRACE)
		print_state(d);
	else if (rom->locator.flags & VMI_DESC_AGGREGATE)
		print_label("Table", "at 0x%04x: %u bytes; recorder 0x%04x",
			    d->aggregate_offset, d->ring_bytes, d->ctl_offset);
}

void rom_print_summary(const struct rom_image *rom)
{
	print_header(rom);
	print_descriptor(rom);
	if (rom->problems.nr)
		print_label("Verdict", "INVALID, %zu problem%s",
			    rom->problems.nr, rom->problems.nr == 1 ? "" : "s");
	else
		print_label("Verdict", "valid");
}

static unsigned int count_faults(const struct rom_image *rom, unsigned int nr)
{
	unsigned int n = 0;

	if (!rom->faults)
		return 0;
	for (uint32_t i = 0; i < rom->descriptor.nr_faults; i++)
		n += rom->faults[i].call == nr;
	return n;
}

static void print_body(const struct rom_image *rom,
		       const struct vmi_desc_call *call)
{
	const uint32_t end = (uint32_t)call->body_offset + call->inline_bytes;

	if (!call->inline_bytes || end > rom->bytes)
		return;
	(void)fputs(" ", stdout);
	for (uint32_t i = call->body_offset; i < end; i++)
		printf(" %02x", rom->data[i]);
}

void rom_print_slots(const struct rom_image *rom)
{
	printf("%3s  %-6s  %-24s  %5s  %6s  %6s  %6s  %s\n", "nr", "offset",
	       "call", "bytes", "body", "inline", "faults", "inline code");
	for (unsigned int nr = VMI_FIRST_CALL; nr < VMI_NR_CALLS; nr++) {
		const struct vmi_desc_call *call = &rom->descriptor.call[nr];

		printf("%3u  0x%04x  %-24s  %5zu  ", nr, nr * VMI_SLOT_BYTES,
		       call_table[nr].name, rom_image_slot_bytes(rom, nr));
		if (call->body_offset)
			printf("0x%04x", call->body_offset);
		else
			printf("%6s", "-");
		if (call->inline_bytes)
			printf("  %6u", call->inline_bytes);
		else
			printf("  %6s", "-");
		printf("  %6u", count_faults(rom, nr));
		print_body(rom, call);
		putchar('\n');
	}
}
