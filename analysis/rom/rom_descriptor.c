// SPDX-License-Identifier: GPL-2.0-only
#include "rom_descriptor.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "rom_layout.h"

static void tell(void *arg, const char *problem)
{
	struct rom_image *rom = arg;

	problems_add(&rom->problems, "%s: %s", rom->path, problem);
}

/* What the table says of each instruction; rom_layout.c knows where it lies. */
static void check_faults(struct rom_image *rom)
{
	const struct vmi_descriptor *d = &rom->descriptor;
	const size_t bytes = d->nr_faults * sizeof(*rom->faults);

	if (!rom_layout_inside(rom->bytes, d->fault_offset, bytes)) {
		rom->descriptor.nr_faults = 0;
		return;
	}
	if (!d->nr_faults)
		return;
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

void rom_check_descriptor(struct rom_image *rom)
{
	const struct rom_layout_sink sink = { tell, rom };

	memcpy(&rom->locator, rom->header.locator, sizeof(rom->locator));
	rom->has_locator = rom->locator.magic == VMI_LOCATOR_MAGIC;
	if (!rom->has_locator ||
	    !rom_layout_locator(&rom->locator, rom->bytes, &sink))
		return;
	memcpy(&rom->descriptor, rom->data + rom->locator.offset,
	       sizeof(rom->descriptor));
	rom->has_descriptor = true;
	rom_layout_descriptor(&rom->locator, &rom->descriptor, rom->bytes,
			      &sink);
	check_faults(rom);
}
