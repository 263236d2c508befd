/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom-stamped.S - the ROM whose calls leave a record with one time stamp
 *
 * Ring, slow path and donation are those of rom-trace.  Most calls take no time
 * stamp before the operation and have no cycles in their record; every Nth, at
 * random intervals, is measured as there.
 */
#define ROM_NAME	"stamp"
#define ROM_STAMP

#include "rom/header.S"
#include "rom/ops.h"
#include "rom-stamped/record.h"
#include "rom/stubs.S"
#include "rom-trace/slow.S"
#include "rom-stamped/countdown.S"
#include "rom/init.S"
#include "rom-trace/donate.S"
#include "rom/reset.S"

	.section .slot.unused, "ax"
.rept VMI_NR_SLOTS - VMI_NR_CALLS
	.balign	VMI_SLOT_BYTES, 0xcc
	ud2
.endr

#include "rom-trace/state.S"
