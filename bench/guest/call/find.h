/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * find.h - find a VMI ROM, or stay native
 */
#ifndef GUEST_FIND_H
#define GUEST_FIND_H

#include <stdbool.h>
#include <stdint.h>

#include "vmi/descriptor.h"

struct vmi {
	uint32_t base;		/* linear address of the ROM, 0 = native */
	uint32_t bytes;		/* of its image */
	uint8_t major, minor;
	bool refused;		/* a VMI ROM was there and was not usable */
	bool called_init;
	bool native_calls;	/* vmi_entry[] does not lead into the ROM */
	const char *name;	/* from the locator, or why there is none */
	const struct vmi_descriptor *descriptor;	/* NULL = none */
	uint32_t flags;		/* VMI_DESC_*, 0 without a descriptor */
};

extern struct vmi vmi;

/*
 * Searches the ROM area, checks what looks like a VMI ROM and, if told so, calls
 * its Init; prints what was found and what was wrong with it.  vmi_entry[] leads
 * into the ROM or, without one, to the native fallback.
 */
void vmi_find(bool call_init);

/*
 * Gives a trace ROM that asks for it a larger ring, at an address that is both
 * linear and physical; prints what came of it.  Interrupts are off.
 */
void vmi_donate(uint32_t address, uint32_t bytes);

/*
 * From now on calls are native and counted in front of it, and a trace ROM's
 * state says where, so that its host can read the counters.  Returns false and
 * prints why if the ROM has no such state.
 */
bool vmi_count(void);

/*
 * The ROM's pages are mapped at another linear address: uses them there.
 */
void vmi_use_at(uint32_t base);

/*
 * Entry i of the table of instructions that may fault; false behind the last.
 */
bool vmi_fault_entry(uint32_t i, uint32_t *address, uint8_t *call);

/*
 * An instruction of a call that may fault, as struct vmi_desc_fault describes
 * it; false if eip is none.
 */
bool vmi_fault_at(uint32_t eip, uint32_t *call, uint32_t *stack_bytes);

#endif /* GUEST_FIND_H */
