/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom-native.S - the ROM whose calls are the bare instructions
 *
 * A slot holds the operation and a ret.  The operation alone is what a kernel
 * may copy into a call site, where it is no more than that: not where it reads
 * its own address or the stack above it, and not where it lies behind a jump.
 */
#ifdef ROM_OTHER_CLI
#define ROM_NAME	"other-cli"
#else
#define ROM_NAME	"native"
#endif

#include "rom/header.S"
#include "rom/ops.h"

.set FRAME, 0

.macro op_save
	push	%ebx
	push	%esi
.endm

.macro op_restore
	pop	%esi
	pop	%ebx
.endm

.macro op_rom_base reg
	call	.Lpc\@
.Lpc\@:	pop	\reg
	lea	rom - .Lpc\@(\reg), \reg
.endm

/* Nothing is stolen from a machine without a hypervisor. */
.macro op_stolen
	xor	%eax, %eax
	xor	%edx, %edx
.endm

.macro op_cycles_available
	rdtsc
.endm

/*
 * Nothing to set up: there is no state.  Entries of 64 bits are replaced in one
 * piece, which a processor must be able to.
 */
.macro op_Init
	push	%ebx
	processor_has CPUID_CX8
	pop	%ebx
	setz	%al
	movzbl	%al, %eax
	dec	%eax
.endm

/* Operations that need more than a slot has room for. */
#define FAR_CALLS(X) X(SetDR) X(GetDR) X(SetPxELong) X(SetPxELongFlags) \
	X(SwapPxELongAtomic) X(FlushTLB) X(GetCycleCounter) \
	X(GetRelocationInfo) X(Init)

	.section .text, "ax"
#define X(name) far_##name: op_##name; ret;
	FAR_CALLS(X)
#undef X

#include "rom/reset.S"
.set far_Reboot, reboot
.set far_Shutdown, shutdown

/* Operations that need the stack, or their arguments above a return address. */
#define CALL_ONLY(X) X(WriteGDTEntry) X(WriteLDTEntry) X(WriteIDTEntry) \
	X(DeactivatePxELongAtomic)
#define X(name) .set call_only_##name, 1;
	CALL_ONLY(X)
#undef X

.macro slot name
	.section .slot.\name, "ax"
	.globl	slot_\name, slot_end_\name, body_\name, inline_\name
slot_\name:
.ifdef far_\name
body_\name:
	.set	inline_\name, 0
	jmp	far_\name
.else
.ifc \name, IRET
	/* The return address goes; a copy in a call site has none to drop. */
	add	$4, %esp
.endif
body_\name:
	op_\name
.ifdef call_only_\name
	.set	inline_\name, 0
.else
	.set	inline_\name, . - body_\name
.endif
#ifdef ROM_EXTRA_INSTRUCTION
	/* A stub that got slower, for the test of the gate. */
.ifc \name, DisableInterrupts
	nop
.endif
#endif
	ret
.endif
slot_end_\name:
.endm

#define X(nr, name, ...) slot name;
	VMI_CALLS(X)
#undef X

	.section .slot.unused, "ax"
.rept VMI_NR_SLOTS - VMI_NR_CALLS
	.balign	VMI_SLOT_BYTES, 0xcc
	ud2
.endr

/* No state, no recorder. */
.irp field, vcpus, ctl, host, counters, ring, ring_bytes, subbuf_bytes, \
	donate, donate_bytes
	.set	desc_\field, 0
.endr
.set desc_flags, VMI_DESC_INLINE
