/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * abi.h - the VMI as a guest sees it: ROM header and constants
 *
 * Facts from the seeds ("[RFC, PATCH 3/24] i386 Vmi interface definition",
 * "VMI Interface Proposal Documentation for I386, Part 4") and, where the
 * clients differ from them, from the clients.  Usable from C and from the
 * assembler; all fields are little-endian.
 */
#ifndef VMI_ABI_H
#define VMI_ABI_H

/* Where a guest looks for the ROM: physical addresses, Part 4 "Detection". */
#define VMI_ROM_SCAN_START	0x000c0000
#define VMI_ROM_SCAN_END	0x000e0000
#define VMI_ROM_SCAN_STEP	2048

/* Header offsets. */
#define VMI_HDR_SIGNATURE	0x00	/* u16 0xaa55 */
#define VMI_HDR_LENGTH		0x02	/* u8, units of 512 bytes, at most 127 */
#define VMI_HDR_ENTRY16		0x03	/* 4 bytes, jump to the 16-bit entry */
#define VMI_HDR_VMI_SIGNATURE	0x08	/* u32 "cVmi" */
#define VMI_HDR_API_MINOR	0x0c	/* u8 */
#define VMI_HDR_API_MAJOR	0x0d	/* u8 */
#define VMI_HDR_PCIR		0x18	/* u16 offset of the PCI data structure */
#define VMI_HDR_PNP		0x1a	/* u16 offset of the $PnP header */
#define VMI_HDR_LOCATOR		0x20	/* our descriptor.h; reserved in both ABIs */
#define VMI_HDR_BYTES		0x80	/* the slots start here */

#define VMI_ROM_SIGNATURE	0xaa55
#define VMI_ROM_LENGTH_UNIT	512
#define VMI_ROM_LENGTH_MAX	127	/* the length byte is signed in the seed */
#define VMI_SIGNATURE		0x696d5663	/* "cVmi" */
#define VMI_API_MAJOR		13
#define VMI_API_MINOR		3
#define VMI_LICENCE		"GPL v2"	/* what a client accepts */

/* GetRelocationInfo: type in dl. */
#define VMI_RELOC_NONE		0
#define VMI_RELOC_CALL_REL	1
#define VMI_RELOC_JUMP_REL	2
#define VMI_RELOC_NOP		3

/* Reboot */
#define VMI_REBOOT_SOFT		0
#define VMI_REBOOT_HARD		1

/* AllocatePage, ReleasePage */
#define VMI_PAGE_PT		0x01
#define VMI_PAGE_PD		0x02
#define VMI_PAGE_PAE		0x04
#define VMI_PAGE_PDP		0x04
#define VMI_PAGE_PML4		0x08

/* SetPxEFlags, SetPxELongFlags (13.3 and 3.0) */
#define VMI_PXE_CURRENT_AS	0x10
#define VMI_PXE_DEFER		0x20

/* FlushTLB */
#define VMI_FLUSH_TLB		0x01
#define VMI_FLUSH_GLOBAL	0x02

/* FlushDeferredCalls */
#define VMI_FLUSH_PT_UPDATES	0x80
#define VMI_FLUSH_CPU_STATE	0x40

/* Cycle counters and alarms */
#define VMI_CYCLES_REAL		0
#define VMI_CYCLES_AVAILABLE	1
#define VMI_CYCLES_STOLEN	2
#define VMI_ALARM_COUNTER_MASK	0x000000ff
#define VMI_ALARM_PERIODIC	0x00000100
#define VMI_ALARM_LVTT		0x00010000

#define VMI_LINEAR_MAP_SLOTS	4

/*
 * Width of a patchable call site.  A 5-byte call fits, and so does an increment
 * of a counter with a segment override (7 bytes) beside cli or sti; beside the
 * two instructions of pushf;pop and push;popf it needs one byte more.
 * Seed: Zachary Amsden, "i386 Vmi code patching", 2006-03-27.
 */
#define VMI_SITE_BYTES		8
#define VMI_SITE_BYTES_FLAGS	9	/* GetInterruptMask, SetInterruptMask */

#ifndef __ASSEMBLER__
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* The first 128 bytes of a ROM of the slot ABI. */
struct vmi_rom_header {
	uint16_t signature;
	uint8_t length;			/* units of 512 bytes */
	uint8_t entry16[4];
	uint8_t pad0;
	uint32_t vmi_signature;
	uint8_t api_minor;
	uint8_t api_major;
	uint8_t reserved0;
	uint8_t reserved1;
	uint32_t reserved2;
	uint32_t reserved3;
	uint16_t pcir;
	uint16_t pnp;
	uint32_t pad3;
	uint8_t locator[32];		/* struct vmi_locator */
	uint8_t elf_header[64];
} __attribute__((packed));

static_assert(sizeof(struct vmi_rom_header) == VMI_HDR_BYTES, "ROM header");
static_assert(offsetof(struct vmi_rom_header, pcir) == VMI_HDR_PCIR, "PCIR");
static_assert(offsetof(struct vmi_rom_header, locator) == VMI_HDR_LOCATOR,
	      "locator");

/* State of an application processor, SetInitialAPState. */
struct vmi_ap_state {
	uint32_t cr0, cr2, cr3, cr4;
	uint64_t efer;
	uint32_t eip, eflags, eax, ebx, ecx, edx, esp, ebp, esi, edi;
	uint16_t cs, ss, ds, es, fs, gs, ldtr;
	uint16_t gdtr_limit;
	uint32_t gdtr_base;
	uint32_t idtr_base;
	uint16_t idtr_limit;
} __attribute__((packed));

static_assert(sizeof(struct vmi_ap_state) == 90, "APState");
#endif /* __ASSEMBLER__ */

#endif /* VMI_ABI_H */
