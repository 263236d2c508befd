/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom-trace.S - the ROM whose calls leave a record
 *
 * The effects are those of the native ROM, the operations the same macros; a
 * stub puts two time stamps around one and a record in the ring.  A slot pushes
 * the frame of record.h and reads ctl.pos, its stub in .text does the rest.
 * Before Init, and where the region cannot be written, stubs do the operation
 * and nothing else.
 */
#ifdef ROM_OVERWRITE
#define ROM_NAME	"trace-overwrite"
#else
#define ROM_NAME	"trace"
#endif

#include "rom/header.S"
#include "rom/ops.h"
#include "rom-trace/record.h"

/* While an operation runs that may fault, the ROM's base lies on top. */
.set FRAME, F_BYTES + 4

/* The words of eax and edx are free meanwhile: the registers hold them. */
.macro op_save
	mov	%ebx, 4 + F_EAX(%esp)
	mov	%esi, 4 + F_EDX(%esp)
.endm

.macro op_restore
	mov	4 + F_EAX(%esp), %ebx
	mov	4 + F_EDX(%esp), %esi
.endm

.macro op_rom_base reg
	mov	(%esp), \reg
.endm

/* The host stores 64 bits at once; two equal high halves enclose one value. */
.macro op_stolen
	mov	(%esp), %ecx
9:	mov	host + VMI_HOST_STOLEN + 4(%ecx), %edx
	mov	host + VMI_HOST_STOLEN(%ecx), %eax
	cmp	host + VMI_HOST_STOLEN + 4(%ecx), %edx
	jne	9b
.endm

.macro op_cycles_available
	op_stolen
	mov	%eax, 4 + F_EAX(%esp)
	mov	%edx, 4 + F_EDX(%esp)
	rdtsc
	sub	4 + F_EAX(%esp), %eax
	sbb	4 + F_EDX(%esp), %edx
.endm

/* Slots and stubs by class */

.macro push_arg arg
.ifc \arg, EAX
	push	%eax
.else
.ifc \arg, EDX
	push	%edx
.else
.ifc \arg, ECX
	push	%ecx
.else
	push	$0
.endif
.endif
.endif
.endm

/* fourth: what lies in the word of ecx, see record.h */
.macro slot_enter name, fourth
	.section .slot.\name, "ax"
	.globl	slot_\name, slot_end_\name, body_\name, inline_\name
slot_\name:
body_\name:
	/* A copied body would record nothing, so none may be copied. */
	.set	inline_\name, 0
	push	%ebp
	push	%eax
	push	%edx
	push_arg \fourth
	call	.Lpc\@
.Lpc\@:	pop	%ebp
	lea	rom - .Lpc\@(%ebp), %ebp
	pushl	ctl + VMI_CTL_POS(%ebp)
	jmp	stub_\name
slot_end_\name:
	.section .text, "ax"
	.balign	16
stub_\name:
	rdtsc
	push	%edx
	push	%eax
.endm

/* Around an operation that may fault: all but eax, ecx, edx as on entry. */
.macro op_begin
	push	%ebp
	mov	4 + F_EBP(%esp), %ebp
	mov	4 + F_EAX(%esp), %eax
	mov	4 + F_EDX(%esp), %edx
.endm

.macro op_end
	rdtsc
	pop	%ebp
.endm

/* eax, edx and ecx may be lost, so outputs are kept where there are none, too. */
.macro stub_STD name, arg
	slot_enter \name, \arg
	op_begin
	op_\name
	mov	%eax, 4 + F_EAX(%esp)
	mov	%edx, 4 + F_EDX(%esp)
	op_end
	mov	$VMI_CALL_\name << 1, %ecx
	jmp	record_std
.endm

/* Port I/O keeps edx and the flags, and moves ecx as the instruction does. */
.macro stub_IO name
	slot_enter \name, ECX
	op_begin
	op_\name
	mov	%eax, 4 + F_EAX(%esp)
	mov	%ecx, 4 + F_ECX(%esp)
	op_end
	pushf
	mov	$VMI_CALL_\name << 1, %ecx
	jmp	record_io
.endm

/*
 * The interrupt calls and SetIOPLMask cannot fault and need a word of stack for
 * their operation, so the base stays in ebp.  Their record is in line: they are
 * the hot ones.  The second time stamp of EnableInterrupts lies in the shadow of
 * sti, before any handler.
 */
.macro stub_HOT name, arg
	slot_enter \name, ECX
.ifc \arg, EAX
	mov	F_EAX(%esp), %eax
.endif
	op_\name
.ifc \name, GetInterruptMask
	mov	%eax, F_EAX(%esp)
.endif
	rdtsc
	mov	$VMI_CALL_\name << 1, %ecx
.ifc \arg, EAX
	record	\name, F_EAX
.else
	record	\name, none
.endif
leave_\name:
	frame_pop
	ret
.ifc \arg, EAX
	slow_exits \name, F_EAX, leave_\name
.else
	slow_exits \name, none, leave_\name
.endif
.endm

/* CPUID returns in all four registers: its argument takes an eighth word. */
.macro stub_CPUID
	slot_enter CPUID, ECX
	pushl	F_EAX(%esp)
	mov	(%esp), %eax
	cpuid
	mov	%eax, 4 + F_EAX(%esp)
	mov	%edx, 4 + F_EDX(%esp)
	mov	%ecx, 4 + F_ECX(%esp)
	rdtsc
	mov	$VMI_CALL_CPUID << 1, %ecx
	record	CPUID, 0, 4
	lea	4(%esp), %esp
leave_CPUID:
	frame_pop
	ret
	/* The flags take the argument's place, so that goes by register. */
.Linterrupted_CPUID:
	movl	$1, 4 + F_POS(%esp)
	jmp	slow_CPUID
.Ltime_CPUID:
	mov	%edx, %eax
.Lepoch_CPUID:
	mov	ctl + VMI_CTL_EPOCH(%ebp), %edx
slow_CPUID:
	pop	%ecx
	pushf
	jmp	slow_arg
.endm

/* Calls that do not come back, or idle: the record first, then the operation. */
.macro stub_ENTRY name, arg
	slot_enter \name, ECX
	mov	$VMI_CALL_\name << 1, %ecx
	record	\name, \arg
leave_\name:
	frame_pop
	op_entry_\name
	slow_exits \name, \arg, leave_\name
.endm

.macro op_entry_IRET
	add	$4, %esp
	op_IRET
.endm

.macro op_entry_SYSEXIT
	op_SYSEXIT
.endm

.macro op_entry_Halt
	op_Halt
	ret
.endm

.macro op_entry_Reboot
	jmp	reboot
.endm

.macro op_entry_Shutdown
	jmp	shutdown
.endm

/* From the call table to a kind of stub; what is named here differs. */
#define X(name) .set special_##name, 1;
	X(Init) X(CPUID) X(SetIOPLMask) X(IRET) X(SYSEXIT) X(Halt) X(Reboot)
	X(Shutdown) X(EnableInterrupts) X(DisableInterrupts)
	X(GetInterruptMask) X(SetInterruptMask)
#undef X

.macro stub name, clobbers, arg
.ifndef special_\name
.ifc \clobbers, STD
	stub_STD \name, \arg
.else
.ifc \clobbers, STD_MEM
	stub_STD \name, \arg
.else
	stub_IO	\name
.endif
.endif
.endif
.endm

	stub_HOT EnableInterrupts, NONE
	stub_HOT DisableInterrupts, NONE
	stub_HOT GetInterruptMask, NONE
	stub_HOT SetInterruptMask, EAX
	stub_HOT SetIOPLMask, EAX
	stub_ENTRY IRET, F_RET + 4
	stub_ENTRY SYSEXIT, F_EDX
	stub_ENTRY Halt, none
	stub_CPUID

	.balign	16
record_std:
	record	std, F_ECX
leave_std:
	frame_pop
	ret
	slow_exits std, F_ECX, leave_std

	.balign	16
record_io:
	record	io, 4 + F_EDX, 4
	popf
leave_io:
	frame_pop
	ret
	slow_exits io, 4 + F_EDX, leave_io, 4

#define X(nr, name, nr3, clobbers, segments, returns, arg, ...) \
	stub name, clobbers, arg;
	VMI_CALLS(X)
#undef X

	stub_ENTRY Reboot, F_EAX
	stub_ENTRY Shutdown, none

#include "rom-trace/slow.S"
#include "rom-trace/init.S"
#include "rom/reset.S"

	.section .slot.unused, "ax"
.rept VMI_NR_SLOTS - VMI_NR_CALLS
	.balign	VMI_SLOT_BYTES, 0xcc
	ud2
.endr

#include "rom-trace/state.S"
