/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom-aggregate.S - the ROM whose calls are added up
 *
 * Its stubs keep a count, a sum of cycles and a histogram of each call in the
 * image.  There is no ring: nothing can be lost and nobody has to read meanwhile.
 * Before Init, and where the region cannot be written, they do the operation and
 * nothing else.
 */
#define ROM_NAME	"aggregate"

#include "rom/header.S"
#include "rom/ops.h"
#include "rom-aggregate/record.h"
#include "rom/stubs.S"
#include "rom/init.S"
#include "rom/reset.S"

	.section .slot.unused, "ax"
.rept VMI_NR_SLOTS - VMI_NR_CALLS
	.balign	VMI_SLOT_BYTES, 0xcc
	ud2
.endr

#include "rom-aggregate/state.S"
