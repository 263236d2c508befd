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

extern const uint32_t native_entry[VMI_NR_CALLS - VMI_FIRST_CALL];
extern const struct native_fault native_faults[];
extern const struct native_fault native_faults_end[];

#endif /* GUEST_NATIVE_H */
