/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * header.S - what both ROMs begin with, and what they publish about themselves
 *
 * Header fields: "VMI Interface Proposal Documentation for I386, Part 4", ROM
 * Implementation.  PCIR: PCI Firmware Specification.  $PnP: Plug and Play BIOS
 * Specification 1.0A, section 3.  The image is linked at 0, so a symbol's value
 * is its offset in the ROM.  rom_image.c fills in lengths and checksums.
 */
#include <vmi/abi.h>
#include <vmi/descriptor.h>
#include "rom/asm.h"

	.section .head, "a"
	.globl	rom
rom:
	.word	VMI_ROM_SIGNATURE
	.byte	0			/* length, set by the image tool */
	.code16
	/* Three bytes of code; the fourth is where the checksum is balanced. */
	.byte	0xe9			/* jmp entry16, always the rel16 form */
	.word	entry16 - (. + 2)
	.code32
	.byte	0
	.byte	0
	.long	VMI_SIGNATURE
	.byte	VMI_API_MINOR, VMI_API_MAJOR
	.byte	0, 0
	.long	0
	/* Where a client of the relocation ABI looks for the licence, too. */
	.word	0, licence
	.word	pcir, pnp
	.long	0

	/* struct vmi_locator */
	.org	VMI_HDR_LOCATOR
	.long	VMI_LOCATOR_MAGIC
	.word	VMI_DESC_VERSION
	.word	descriptor_end - descriptor
	.long	descriptor
	.long	desc_flags
	.ascii	ROM_NAME
	.org	VMI_HDR_LOCATOR + 32

	/* Room for an ELF header that would lead to symbols: none. */
	.org	VMI_HDR_BYTES

	.section .data16, "ax"
	.code16
/*
 * Initialisation entry, far-called by the BIOS in POST because there is a $PnP
 * header.  There is no device behind this ROM, nothing to hook and nothing to
 * boot from; ax = 0 says so.  All other registers stay.
 */
entry16:
	xor	%ax, %ax
	lret
	.code32

	.section .rodata, "a"
licence:
	.asciz	VMI_LICENCE
manufacturer:
	.asciz	"vmiprof"
product:
	.asciz	"VMI ROM"

	.balign	4
pcir:
	.ascii	"PCIR"
	.word	0x15ad, 0x0801		/* what clients of the VMI look for */
	.word	0			/* no vital product data */
	.word	pcir_end - pcir
	.byte	0
	.byte	0x00, 0x80, 0x08	/* class: system peripheral, other */
	.word	0			/* image length, set by the image tool */
	.byte	ROM_VERSION_MINOR, ROM_VERSION_MAJOR
	.byte	0			/* x86 code */
	.byte	0x80			/* last image */
	.word	0
pcir_end:

	.balign	16
pnp:
	.ascii	"$PnP"
	.byte	1			/* structure revision */
	.byte	(pnp_end - pnp) / 16
	.word	0			/* no further header */
	.byte	0
	.byte	0			/* checksum, set by the image tool */
	.long	0			/* no Plug and Play device behind it */
	.word	manufacturer, product
	.byte	0x08, 0x80, 0x00
	.byte	0			/* neither boot, input nor output device */
	.word	0, 0, 0			/* BCV, disconnect, BEV: none */
	.word	0, 0
pnp_end:

	.balign	4
descriptor:
	.long	code_end
	.long	faults
	.long	nr_faults
	.long	desc_vcpus
	.long	desc_ctl
	.long	desc_host
	.long	desc_counters
	.long	desc_ring
	.long	desc_ring_bytes
	.long	desc_subbuf_bytes
	.long	desc_donate
	.long	desc_donate_bytes
	/* struct vmi_desc_call[VMI_NR_SLOTS] */
	.fill	VMI_FIRST_CALL, 4, 0
#define X(nr, name, ...) \
	.word	body_##name; .byte inline_##name, 0;
	VMI_CALLS(X)
#undef X
	.fill	VMI_NR_SLOTS - VMI_NR_CALLS, 4, 0
descriptor_end:
