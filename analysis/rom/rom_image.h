/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom_image.h - a ROM image in a file, and everything that is wrong with it
 */
#ifndef ROM_IMAGE_H
#define ROM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/problems.h"
#include "vmi/abi.h"
#include "vmi/descriptor.h"

/* What an option ROM may have beside its header; offset 0 = it has none. */
struct rom_pcir {
	uint16_t offset;
	uint16_t vendor, device;
	uint16_t revision;
};

struct rom_pnp {
	uint16_t offset;
	char manufacturer[64];
	char product[64];
};

struct rom_image {
	const char *path;
	uint8_t *data;
	size_t bytes;			/* of the file */
	struct vmi_rom_header header;
	uint8_t checksum;		/* sum of all bytes; 0 is right */
	size_t entry16;			/* where the 16-bit entry jumps to */
	struct rom_pcir pcir;
	struct rom_pnp pnp;
	char licence[64];		/* "" = there is none */

	bool has_locator;		/* else a ROM of somebody else's */
	struct vmi_locator locator;
	bool has_descriptor;		/* and it lies inside the image */
	struct vmi_descriptor descriptor;
	struct vmi_desc_fault *faults;	/* descriptor.nr_faults */

	struct problems problems;
};

/*
 * Read and check the image at path.  All problems are told and kept; NULL, after
 * a message, only when there is nothing to look at: no such file, or it is too
 * short for a header.
 */
struct rom_image *rom_image_load(const char *path);

/* Bytes of a slot without the filler at its end. */
size_t rom_image_slot_bytes(const struct rom_image *rom, unsigned int nr);

void rom_image_free(struct rom_image *rom);

#endif /* ROM_IMAGE_H */
