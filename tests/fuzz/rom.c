// SPDX-License-Identifier: GPL-2.0-only
/* A ROM image of any content: looked into, and as the recorder takes it. */
#include "fuzz.h"

#include "record/trace_rom.h"
#include "rom/rom_image.h"
#include "vmi/trace.h"

/* Numbers that were accepted lie inside the image. */
static void check_numbers(const struct trace_rom *rom, size_t bytes)
{
	must_hold(rom->image_bytes <= bytes);
	if (rom->traces) {
		must_hold(rom->ctl_offset + VMI_CTL_BYTES <= rom->image_bytes);
		must_hold(rom->ring_offset + rom->ring_bytes <=
			  rom->image_bytes);
		must_hold(rom->subbuf_bytes && rom->ring_bytes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rom_image *image =
		rom_image_load(fuzz_file("rom.bin", data, size));
	struct trace_rom rom;
	char why[200];

	if (image) {
		for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
			(void)rom_image_slot_bytes(image, nr);
		rom_image_free(image);
	}
	if (trace_rom_parse(&rom, data, size, why, sizeof(why)))
		check_numbers(&rom, size);
	return 0;
}
