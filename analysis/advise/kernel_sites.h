/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_sites.h - the call sites of a patched Linux, from its vmlinux
 *
 * A site is wider than the call in it: it keeps registers by pushes and pops
 * around the call and ends with a NOP (kernel-patches/README.md).  Inlining saves
 * these too where the ROM's body is the native code, and nothing at all where the
 * body does not fit.
 */
#ifndef ADVISE_KERNEL_SITES_H
#define ADVISE_KERNEL_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rom/rom_image.h"

struct kernel_site {
	uint32_t ret;		/* return address of the call as a stub */
	uint8_t nr;		/* of the call */
	bool inlines;		/* the ROM's body can stand there */
	/* Instructions of the site around the call or body, in either form. */
	uint8_t stub_extra;
	uint8_t inline_extra;
};

struct kernel_sites {
	size_t nr;
	struct kernel_site *site;	/* by ret */
	const uint8_t *file;		/* mapped */
	size_t file_bytes;
};

/*
 * Read the file at path, with the ROM whose bodies would be inlined.  NULL with
 * why set when it is not a kernel with sites.
 */
struct kernel_sites *kernel_sites_read(const char *path,
				       const struct rom_image *rom, char *why,
				       size_t why_bytes);

/* The site of call nr that returns to ret; NULL if there is none. */
const struct kernel_site *kernel_sites_find(const struct kernel_sites *sites,
					    unsigned int nr, uint32_t ret);

void kernel_sites_free(struct kernel_sites *sites);

#endif /* ADVISE_KERNEL_SITES_H */
