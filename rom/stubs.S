/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stubs.S - a stub of each class of calls, with two time stamps around its call
 *
 * The effects are those of the native ROM, the operations the same macros.  A
 * slot pushes the frame of frame.h; its stub in .text does the rest.  What is
 * done with the time stamps, the ROM that includes this says before:
 *
 *   first_stamp name		the first one, on the stack, if there is one
 *   checks_early name		behind that
 *   unready name, operation	the operation for a call that fails these checks
 *   record name, t0, arg, checks, call, ret
 *				behind the second one
 *   slow_exits name, leave, push_rest
 *   slow_exits_std leave	where record leaves the common path
 *   slow_leave name		where it comes back to a stub of stub_ENTRY
 */

/* While an operation runs that may fault, the ROM's base lies on top. */
.set FRAME, 4 + F_BYTES

/* The words of ecx and edx are free in calls that may lose them. */
.macro op_save
	mov	%ebx, 4 + F_ECX(%esp)
	mov	%esi, 4 + F_EDX(%esp)
.endm

.macro op_restore
	mov	4 + F_ECX(%esp), %ebx
	mov	4 + F_EDX(%esp), %esi
.endm

.macro op_rom_base reg
	mov	(%esp), \reg
.endm

/*
 * STOLEN and AVAILABLE.  The host publishes stolen cycles in steps, so that REAL
 * less these would fall at each.  AVAILABLE stands still instead until REAL has
 * made up for the step, and STOLEN rises with REAL meanwhile: it is what the host
 * says, or REAL - AVAILABLE if that is less.  So both only ever rise, and wherever
 * two reads of STOLEN agree, AVAILABLE in between is REAL less that.
 *
 * All state is two numbers that only rise.  A handler that reads at any step here
 * raises them itself, and the outer call goes on from there.
 */
	.section .text.slow, "ax"

/*
 * Raise the number at esi, ROM-relative, to ecx:ebx unless it is that much already:
 * edx:eax = what it is then.  ebp = the ROM's base.  Two equal high halves enclose
 * one value.
 */
raise:
	mov	at(4, %esi), %edx
	mov	at(0, %esi), %eax
	cmp	at(4, %esi), %edx
	jne	raise
	cmp	%ecx, %edx
	jne	1f
	cmp	%ebx, %eax
1:	jae	2f
	cmpxchg8b at(0, %esi)
	jne	raise
	mov	%ebx, %eax
	mov	%ecx, %edx
2:	ret

/*
 * edx:eax = the most that the host has said was stolen; what it has not marked as
 * valid says nothing.  ebp = the ROM's base; clobbers ebx, ecx, esi.
 */
stolen_said:
	mov	$stolen_most, %esi
	xor	%ebx, %ebx
	xor	%ecx, %ecx
	testb	$VMI_HOST_STOLEN_VALID, host_(FLAGS)
	jz	raise
1:	mov	4 + host_(STOLEN), %ecx
	mov	host_(STOLEN), %ebx
	cmp	4 + host_(STOLEN), %ecx
	jne	1b
	jmp	raise

	.section .text, "ax"

.macro op_stolen
	op_save
	mov	(%esp), %ebp
	call	stolen_said
	mov	%eax, %ebx
	mov	%edx, %ecx
5:	mov	available + 4(%ebp), %esi
	mov	available(%ebp), %eax
	cmp	available + 4(%ebp), %esi
	jne	5b
	mov	%eax, %ebp
	rdtsc					/* REAL after AVAILABLE */
	sub	%ebp, %eax
	sbb	%esi, %edx
	cmp	%ecx, %edx
	jne	6f
	cmp	%ebx, %eax
6:	jb	7f
	mov	%ebx, %eax
	mov	%ecx, %edx
7:	op_restore
.endm

.macro op_cycles_available
	op_save
	mov	(%esp), %ebp
	call	stolen_said
	mov	%eax, %ebx
	mov	%edx, %ecx
	rdtsc
	sub	%ebx, %eax
	sbb	%ecx, %edx
	jnc	5f
	xor	%eax, %eax			/* more than there was */
	xor	%edx, %edx
5:	mov	%eax, %ebx
	mov	%edx, %ecx
	mov	$available, %esi
	call	raise
	op_restore
.endm

/* Stubs by class */

.macro slot_begin name
	.section .slot.\name, "ax"
	.globl	slot_\name, slot_end_\name, body_\name, inline_\name
slot_\name:
body_\name:
	/* A copied body would record nothing, so none may be copied. */
	.set	inline_\name, 0
.endm

.macro slot_end name
	jmp	stub_\name
slot_end_\name:
	.section .text, "ax"
	.balign	16
stub_\name:
.endm

.macro stub_frame name
	slot_begin \name
	push	%ebp
	push	%eax
	push	%edx
	push	%ecx
	load_base
	slot_end \name
.endm

.macro stub_begin name
	stub_frame \name
	first_stamp \name
.endm

/* Of calls that need their flags, or have but one time stamp. */
.macro stub_begin_stamped name
	stub_frame \name
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

/* Where most stubs end after the slow path. */
	.section .text.slow, "ax"
leave_slow:
	frame_pop 4
	ret

/*
 * eax, edx and ecx may be lost, so outputs are stored where there are none, too.
 * No operation changes ecx whose argument it is.
 */
.macro stub_STD name, arg
	stub_begin \name
	op_begin
	op_\name
.ifc \arg, EAX
	mov	4 + F_EAX(%esp), %ecx
.endif
	mov	%eax, 4 + F_EAX(%esp)
	mov	%edx, 4 + F_EDX(%esp)
	op_end
.ifc \arg, NONE
	push	$0
.else
	push	%ecx
.endif
	push	$VMI_CALL_\name << VMI_REC_CALL_SHIFT
	jmp	record_std
.endm

/* One copy for all of them, which tells them apart by a word on the stack. */
	.section .text, "ax"
	.balign	16
record_std:
	record	std, 8, 4, late, stack
	frame_pop 8
	ret
	slow_exits_std leave_slow

/* Port I/O keeps edx and the flags, and moves ecx as the instruction does. */
.macro stub_IO name
	stub_begin_stamped \name
	op_begin
	op_\name
	mov	%eax, 4 + F_EAX(%esp)
	mov	%ecx, 4 + F_ECX(%esp)
	op_end
	pushl	F_EDX(%esp)
	pushf
	record	\name, 8, 4, late
	popf
	frame_pop 4
	ret
	slow_exits \name, leave_slow
.endm

/*
 * The interrupt calls and SetIOPLMask cannot fault and leave ecx alone, so base
 * and pos stay in registers.  The second time stamp of EnableInterrupts lies in
 * the shadow of sti, before any handler.
 */
.macro hot_operation name, arg
.ifc \arg, EAX
	mov	F_EAX(%esp), %eax
.endif
	op_\name
	rdtsc
.endm

.macro stub_HOT name, arg
	stub_begin \name
	checks_early \name
	hot_operation \name, \arg
	unready \name, "hot_operation \name, \arg"
.ifc \arg, EAX
	record	\name, 0, F_EAX, early
	slow_exits \name, leave_slow, "pushl F_EAX(%esp); pushf"
.else
	record	\name, 0, none, early
	slow_exits \name, leave_slow, "push $0; pushf"
.endif
	frame_pop
	ret
.endm

/*
 * GetInterruptMask is the hottest of all and needs no eax on entry, so its
 * result is pushed where it is made; the slow path finds the frame as always.
 */
.macro get_interrupt_mask
	op_GetInterruptMask
	push	%eax
	rdtsc
.endm

.macro stub_GetInterruptMask
	slot_begin GetInterruptMask
	push	%ebp
	push	%edx
	push	%ecx
	load_base
	slot_end GetInterruptMask
	first_stamp GetInterruptMask
	checks_early GetInterruptMask
	get_interrupt_mask
	unready GetInterruptMask, get_interrupt_mask
	record	GetInterruptMask, 4, none, early, ret=F_RET
	pop	%eax
	lea	F_ECX(%esp), %esp
	pop	%ecx
	pop	%edx
	pop	%ebp
	ret
	slow_exits GetInterruptMask, leave_slow, insert_eax
.endm

/* CPUID returns in all four registers and cannot fault. */
.macro stub_CPUID
	stub_begin_stamped CPUID
	mov	F_EAX(%esp), %eax
	push	%eax
	cpuid
	mov	%eax, 4 + F_EAX(%esp)
	mov	%edx, 4 + F_EDX(%esp)
	mov	%ecx, 4 + F_ECX(%esp)
	rdtsc
	record	CPUID, 4, 0, late
	frame_pop 4
	ret
	slow_exits CPUID, leave_slow, pushf
.endm

/* Calls that do not come back, or idle: the record first, then the operation. */
.macro entry_time t0
	mov	\t0(%esp), %eax
	mov	\t0 + 4(%esp), %edx
.endm

.macro stub_ENTRY name, arg
	stub_begin_stamped \name
	checks_early \name
	entry_time 0
	unready \name, "entry_time 0"
	record	\name, 0, \arg, early
.Lleave_\name:
	frame_pop
	op_entry_\name
	slow_leave \name
.ifc \arg, none
	slow_exits \name, leave_\name, "push $0; pushf"
.else
	slow_exits \name, leave_\name, "pushl \arg(%esp); pushf"
.endif
.endm

/*
 * SYSEXIT hands the caller's flags to the user.  Only the arithmetic ones change
 * here; popf, which all the others would need, is slow.
 */
.macro flags_to_eax
	lahf
	seto	%al
.endm

.macro flags_from_eax
	add	$0x7f, %al			/* OF if it was 1 */
	sahf
.endm

/* The slow path restores what it finds on the stack: to be the caller's, too. */
.macro sysexit_push_rest
	mov	%eax, %ecx
	pop	%eax
	flags_from_eax
	mov	%ecx, %eax
	pushl	F_EDX(%esp)
	pushf
.endm

.macro stub_SYSEXIT
	stub_begin_stamped SYSEXIT
	flags_to_eax
	push	%eax
	mov	4 + F_T0(%esp), %eax
	checks_early SYSEXIT
	entry_time 4
	unready SYSEXIT, "entry_time 4"
	record	SYSEXIT, 4, 4 + F_EDX, early
	pop	%eax
	flags_from_eax
.Lleave_SYSEXIT:
	frame_pop
	op_entry_SYSEXIT
	slow_leave SYSEXIT
	slow_exits SYSEXIT, leave_SYSEXIT, sysexit_push_rest
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

/* The hot ones side by side, then the rest in the order of the table. */
	stub_GetInterruptMask
	stub_HOT SetInterruptMask, EAX
	stub_HOT DisableInterrupts, NONE
	stub_HOT EnableInterrupts, NONE
	stub_HOT SetIOPLMask, EAX
	stub_ENTRY IRET, F_RET + 4
	stub_SYSEXIT
	stub_ENTRY Halt, none
	stub_ENTRY Reboot, F_EAX
	stub_ENTRY Shutdown, none
	stub_CPUID

#define X(name) .set placed_##name, 1;
	X(GetInterruptMask) X(SetInterruptMask) X(DisableInterrupts)
	X(EnableInterrupts) X(SetIOPLMask) X(IRET) X(SYSEXIT) X(Halt)
	X(Reboot) X(Shutdown) X(CPUID) X(Init)
#undef X

.macro stub name, clobbers, arg
.ifndef placed_\name
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

#define X(nr, name, nr3, clobbers, segments, returns, arg, ...) \
	stub name, clobbers, arg;
	VMI_CALLS(X)
#undef X
