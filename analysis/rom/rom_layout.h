/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom_layout.h - whether what a ROM says of itself fits together
 *
 * The one check of locator and descriptor, for an image in a file ("vmiprof
 * rom") as for one in guest memory ("vmiprof record", "top"): what the one calls
 * valid the others use.
 */
#ifndef ROM_LAYOUT_H
#define ROM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmi/descriptor.h"

/* Where problems go, each a sentence that says what was found and expected. */
struct rom_layout_sink {
	void (*tell)(void *arg, const char *problem);
	void *arg;
};

/*
 * Whether the descriptor can be read where the locator says, inside an image of
 * image_bytes.
 */
bool rom_layout_locator(const struct vmi_locator *locator, size_t image_bytes,
			const struct rom_layout_sink *sink);

/*
 * All offsets and lengths of a descriptor.  What the fault table holds is not
 * looked at, only where it lies.
 */
void rom_layout_descriptor(const struct vmi_locator *locator,
			   const struct vmi_descriptor *descriptor,
			   size_t image_bytes,
			   const struct rom_layout_sink *sink);

/* Whether [offset, offset + bytes) lies inside an image of image_bytes. */
bool rom_layout_inside(size_t image_bytes, uint64_t offset, uint64_t bytes);

/*
 * Whether a ring of ring_bytes can consist of sub-buffers of subbuf_bytes.
 */
bool rom_layout_ring_fits(uint32_t ring_bytes, uint32_t subbuf_bytes);

#endif /* ROM_LAYOUT_H */
