/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * native.h - the calls with no ROM: bare instructions, same interface
 */
#ifndef GUEST_NATIVE_H
#define GUEST_NATIVE_H

#include <stdint.h>

#include "vmi/calls.h"

/* As struct vmi_desc_fault, with an address in place of the offset. */
struct native_fault {
	uint32_t address;
	uint8_t call;
	uint8_t stack_bytes;
	uint16_t pad;
};

/*
 * The bare form of a call: position-independent code with the call's inputs,
 * outputs and clobbers that needs no return; a first stack argument is at (%esp).
 * address 0: there is none.
 */
struct native_bare {
	uint32_t address;
	uint32_t bytes;		/* 0: nothing is to be done */
};

extern const uint32_t native_entry[VMI_NR_CALLS - VMI_FIRST_CALL];

/* The same calls, which also add one to native_counters[number of the call]. */
extern const uint32_t native_counted_entry[VMI_NR_CALLS - VMI_FIRST_CALL];
extern uint32_t native_counters[VMI_NR_SLOTS];

extern const struct native_bare native_bare[VMI_NR_CALLS - VMI_FIRST_CALL];
extern const struct native_fault native_faults[];
extern const struct native_fault native_faults_end[];

#endif /* GUEST_NATIVE_H */
