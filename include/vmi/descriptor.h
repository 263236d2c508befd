/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * descriptor.h - what the ABI cannot say, in one structure
 *
 * A 32-byte locator at VMI_HDR_LOCATOR, an offset that both ABIs reserve, leads
 * to the descriptor.  An aware kernel, "vmiprof rom" and the recorder all read
 * this structure and nothing else private.  A reader checks magic and version,
 * and that every offset and length stays inside the image, before it follows
 * one.  Offsets are bytes from the first byte of the ROM.
 */
#ifndef VMI_DESCRIPTOR_H
#define VMI_DESCRIPTOR_H

#include "calls.h"

#define VMI_LOCATOR_MAGIC	0x66727076	/* "vprf" */
#define VMI_DESC_VERSION	1

/* Locator and descriptor flags. */
#define VMI_DESC_TRACE		0x01	/* logs calls: ctl, host, counters, ring */
#define VMI_DESC_INLINE		0x02	/* call[].inline_bytes may be used */
#define VMI_DESC_STAMP		0x08	/* with TRACE: measures every Nth call */
#define VMI_DESC_AGGREGATE	0x04	/* adds calls up: aggregate */

/*
 * Offsets for the assembler; asserted against the structures below.
 */
#define VMI_LOC_MAGIC		0x00
#define VMI_LOC_VERSION		0x04
#define VMI_LOC_BYTES		0x06
#define VMI_LOC_OFFSET		0x08
#define VMI_LOC_FLAGS		0x0c
#define VMI_LOC_NAME		0x10

#ifndef __ASSEMBLER__
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

struct vmi_locator {
	uint32_t magic;			/* VMI_LOCATOR_MAGIC */
	uint16_t version;		/* VMI_DESC_VERSION */
	uint16_t bytes;			/* size of struct vmi_descriptor */
	uint32_t offset;		/* of the descriptor */
	uint32_t flags;			/* VMI_DESC_* */
	char name[16];			/* "native", "trace", ...; NUL padded */
};

/*
 * The body of one call.  body_offset/inline_bytes name bytes that may be copied
 * into a call site in place of the call: position-independent, no stack beyond
 * the native instruction's, same inputs, outputs and clobbers.  inline_bytes is
 * 0 where only the call will do.
 */
struct vmi_desc_call {
	uint16_t body_offset;
	uint8_t inline_bytes;
	uint8_t reserved;
};

/*
 * An instruction of a slot that may fault on the guest's behalf.  At the fault
 * ebx, esi, edi and ebp are the caller's and the return address of the call
 * lies at [esp + stack_bytes]; for IRET stack_bytes is 0 and the frame to be
 * returned to lies at [esp].  A kernel that fixes up such a fault drops
 * stack_bytes and the return address and goes on as if the call site itself had
 * faulted.
 */
struct vmi_desc_fault {
	uint16_t offset;		/* of the instruction */
	uint8_t call;			/* slot number */
	uint8_t stack_bytes;
};

struct vmi_descriptor {
	uint32_t code_bytes;		/* code and constants; state lies behind */
	uint32_t fault_offset;		/* struct vmi_desc_fault[nr_faults] */
	uint32_t nr_faults;

	/*
	 * All zero without VMI_DESC_TRACE or VMI_DESC_AGGREGATE, which exclude
	 * each other.  An aggregating ROM has its table where the other has the
	 * ring, ring_bytes long, and neither counters nor sub-buffers.  Layouts:
	 * trace.h.
	 */
	uint32_t nr_vcpus;		/* that the ROM can tell apart: 1 */
	uint32_t ctl_offset;		/* struct vmi_trace_ctl, guest writes */
	uint32_t host_offset;		/* struct vmi_trace_host, host writes */
	uint32_t counters_offset;	/* uint32_t[VMI_NR_SLOTS], guest writes */
	union {
		uint32_t ring_offset;	/* the ring inside the image */
		uint32_t aggregate_offset; /* struct vmi_aggregate[VMI_NR_SLOTS] */
	};
	uint32_t ring_bytes;
	uint32_t subbuf_bytes;
	/*
	 * Entry through which a kernel gives a larger ring, 0 = none.  regparm(3)
	 * like a slot: eax = linear, edx = physical address, ecx = bytes; page
	 * aligned, physically contiguous, below 4 GiB, mapped at that distance
	 * from the ROM in every address space from now on.  Returns 0, or -1 and
	 * the ring stays where it is.  Call it after Init, once, with interrupts
	 * off.
	 */
	uint32_t donate_offset;
	uint32_t donate_bytes;		/* how much would be welcome */

	struct vmi_desc_call call[VMI_NR_SLOTS];
};

static_assert(sizeof(struct vmi_locator) == 32, "locator");
static_assert(offsetof(struct vmi_locator, name) == VMI_LOC_NAME, "locator");
static_assert(sizeof(struct vmi_desc_call) == 4, "call");
static_assert(sizeof(struct vmi_desc_fault) == 4, "fault");
static_assert(sizeof(struct vmi_descriptor) == 48 + 4 * VMI_NR_SLOTS,
	      "descriptor");
#endif /* __ASSEMBLER__ */

#endif /* VMI_DESCRIPTOR_H */
