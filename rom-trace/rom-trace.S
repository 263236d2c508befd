/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom-trace.S - the ROM whose calls leave a record
 *
 * Its stubs put a record in the ring.  Before Init, and where the region cannot
 * be written, they do the operation and nothing else.
 */
#ifdef ROM_OVERWRITE
#define ROM_NAME	"trace-overwrite"
#else
#define ROM_NAME	"trace"
#endif

#include "rom/header.S"
#include "rom/ops.h"
#include "rom-trace/record.h"
#include "rom/stubs.S"
#include "rom-trace/slow.S"
#include "rom/init.S"
#include "rom-trace/donate.S"
#include "rom/reset.S"

	.section .slot.unused, "ax"
.rept VMI_NR_SLOTS - VMI_NR_CALLS
	.balign	VMI_SLOT_BYTES, 0xcc
	ud2
.endr

#include "rom-trace/state.S"
