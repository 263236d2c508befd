/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * native.S - the calls with no ROM: the bare instruction of each
 *
 * Written from the call table and not from the ROM's sources, so that the
 * self-test, which passes on both, compares two readings of the ABI.
 */
#include "vmi/abi.h"
#include "vmi/calls.h"

#define KEYBOARD_COMMAND	0x64
#define KEYBOARD_RESET		0xfe
#define RESET_CONTROL		0xcf9
#define RESET_HARD		0x06
#define RESET_SOFT		0x04
#define ACPI_PM1A_CONTROL	0x604	/* as SeaBIOS sets it on pc and q35 */
#define ACPI_SLEEP_S5		0x2000
#define DELAY_PORT		0x80
#define CR4_PGE			0x80
#define IOPL_MASK		0x3000

	.macro	entry name
	.balign	16
	.type	native_\name, @function
native_\name:
	.endm

	/*
	 * What was written since the entry is the call's bare form: what stands
	 * in a kernel without a VMI.
	 */
	.macro	bare_end name
	.set	bare_at_\name, native_\name
	.set	bare_bytes_\name, . - native_\name
	.endm

	/* A call that is one instruction. */
	.macro	simple name, instruction:vararg
	entry	\name
	\instruction
	bare_end \name
	ret
	.endm

	/*
	 * A bare form of its own, for a call that has to ask what the source of
	 * a kernel knows, or that has an argument on the stack: at (%esp) here.
	 */
	.macro	bare name
	.pushsection .text.bare, "ax"
	.set	bare_at_\name, .
	.endm

	.macro	bare_done name
	.set	bare_bytes_\name, . - bare_at_\name
	.popsection
	.endm

	.macro	bare_same name, as
	.set	bare_at_\name, bare_at_\as
	.set	bare_bytes_\name, bare_bytes_\as
	.endm

	/* One that may fault; nothing was pushed when it does. */
	.macro	faulting name, instruction:vararg
	entry	\name
8:	\instruction
	bare_end \name
	ret
	.pushsection .rodata.native_faults, "a"
	.long	8b
	.byte	VMI_CALL_\name, 0, 0, 0
	.popsection
	.endm

#define X(nr, name, ...) .set VMI_CALL_##name, nr;
VMI_CALLS(X)
#undef X

	.section .rodata.native_faults, "a"
	.balign 4
	.globl	native_faults
native_faults:

	.text
	simple	Init, xorl %eax, %eax

	/* Processor registers */
	simple	CPUID, cpuid
	faulting WRMSR, wrmsr
	faulting RDMSR, rdmsr
	faulting SetGDT, lgdt (%eax)
	faulting SetLDT, lldt %ax
	faulting SetIDT, lidt (%eax)
	faulting SetTR, ltr %ax
	simple	GetGDT, sgdt (%eax)
	simple	GetLDT, sldt %eax
	simple	GetIDT, sidt (%eax)
	simple	GetTR, str %eax

	entry	WriteGDTEntry
	leal	(%eax,%edx,8), %eax
	movl	4(%esp), %edx
	movl	%ecx, (%eax)
	movl	%edx, 4(%eax)
	ret
	.set	native_WriteLDTEntry, native_WriteGDTEntry
	.set	native_WriteIDTEntry, native_WriteGDTEntry
	bare	WriteGDTEntry
	movl	%ecx, (%eax,%edx,8)
	movl	(%esp), %ecx
	movl	%ecx, 4(%eax,%edx,8)
	bare_done WriteGDTEntry
	bare_same WriteLDTEntry, WriteGDTEntry
	bare_same WriteIDTEntry, WriteGDTEntry

	simple	UpdateKernelStack
	faulting SetCR0, movl %eax, %cr0
	simple	SetCR2, movl %eax, %cr2
	faulting SetCR3, movl %eax, %cr3
	faulting SetCR4, movl %eax, %cr4
	simple	GetCR0, movl %cr0, %eax
	simple	GetCR2, movl %cr2, %eax
	simple	GetCR3, movl %cr3, %eax
	simple	GetCR4, movl %cr4, %eax
	simple	INVD, wbinvd		/* no kernel wants to lose data */
	simple	WBINVD, wbinvd

	/* Each move to or from a debug register is 4 bytes, with its return. */
	entry	SetDR
	andl	$7, %eax
	leal	1f(,%eax,4), %eax
	jmp	*%eax
	.balign	4
1:	.irp	n, 0, 1, 2, 3, 6, 7, 6, 7
	movl	%edx, %db\n
	ret
	.endr
	bare	SetDR
	movl	%edx, %db0
	bare_done SetDR

	entry	GetDR
	andl	$7, %eax
	leal	1f(,%eax,4), %eax
	jmp	*%eax
	.balign	4
1:	.irp	n, 0, 1, 2, 3, 6, 7, 6, 7
	movl	%db\n, %eax
	ret
	.endr
	bare	GetDR
	movl	%db0, %eax
	bare_done GetDR

	faulting RDPMC, rdpmc
	simple	RDTSC, rdtsc
	simple	CLTS, clts

	/* Interrupts and return to user */
	simple	EnableInterrupts, sti
	simple	DisableInterrupts, cli
	entry	GetInterruptMask
	pushfl
	popl	%eax
	bare_end GetInterruptMask
	ret
	entry	SetInterruptMask
	pushl	%eax
	popfl
	bare_end SetInterruptMask
	ret
	entry	IRET
	addl	$4, %esp
8:	iret
	.set	bare_at_IRET, 8b
	.set	bare_bytes_IRET, . - 8b
	.pushsection .rodata.native_faults, "a"
	.long	8b
	.byte	VMI_CALL_IRET, 0, 0, 0
	.popsection
	entry	SYSEXIT
	sti
	sysexit

	/* Idle and reset */
	simple	Pause, pause
	entry	Halt
	sti
	hlt
	ret
	entry	Reboot
	cmpl	$VMI_REBOOT_HARD, %eax
	movb	$RESET_HARD, %al
	je	1f
	movb	$RESET_SOFT, %al
1:	movl	$RESET_CONTROL, %edx
	outb	%al, %dx
	movb	$KEYBOARD_RESET, %al
	outb	%al, $KEYBOARD_COMMAND
	jmp	halted
	entry	Shutdown
	movl	$ACPI_PM1A_CONTROL, %edx
	movl	$ACPI_SLEEP_S5, %eax
	outw	%ax, %dx
halted:	cli
	hlt
	jmp	halted

	/* Page tables */
	simple	SetPxE, movl %edx, (%eax)
	simple	GetPxE, movl (%eax), %eax
	entry	SwapPxE
	xchgl	%edx, (%eax)
	movl	%edx, %eax
	bare_end SwapPxE
	ret

	/* Not present while its halves belong to two values. */
	entry	SetPxELong
	movl	$0, (%ecx)
	movl	%edx, 4(%ecx)
	movl	%eax, (%ecx)
	bare_end SetPxELong
	ret
	entry	GetPxELong
	movl	4(%eax), %edx
	movl	(%eax), %eax
	bare_end GetPxELong
	ret
	entry	SwapPxELongAtomic
	pushl	%ebx
	pushl	%esi
	movl	%ecx, %esi
	movl	%eax, %ebx
	movl	%edx, %ecx
	movl	(%esi), %eax
	movl	4(%esi), %edx
1:	lock cmpxchg8b (%esi)
	jne	1b
	popl	%esi
	popl	%ebx
	bare_end SwapPxELongAtomic
	ret
	entry	TestAndSetPxEBit
	lock btsl %edx, (%eax)
	sbbl	%eax, %eax
	bare_end TestAndSetPxEBit
	ret
	entry	TestAndClearPxEBit
	lock btrl %edx, (%eax)
	sbbl	%eax, %eax
	bare_end TestAndClearPxEBit
	ret
	.set	native_TestAndSetPxELongBit, native_TestAndSetPxEBit
	.set	native_TestAndClearPxELongBit, native_TestAndClearPxEBit
	bare_same TestAndSetPxELongBit, TestAndSetPxEBit
	bare_same TestAndClearPxELongBit, TestAndClearPxEBit
	entry	DeactivatePxELongAtomic
	movl	%eax, %ecx
	xorl	%eax, %eax
	xchgl	%eax, (%ecx)
	movl	4(%ecx), %edx
	movl	$0, 4(%ecx)
	bare_end DeactivatePxELongAtomic
	ret

	simple	AllocatePage
	simple	ReleasePage
	simple	InvalPage, invlpg (%eax)
	entry	FlushTLB
	testb	$VMI_FLUSH_GLOBAL, %al
	jz	1f
	movl	%cr4, %eax
	testb	$CR4_PGE, %al
	jz	1f
	movl	%eax, %edx
	andb	$~CR4_PGE & 0xff, %dl
	movl	%edx, %cr4
	movl	%eax, %cr4
	ret
1:	movl	%cr3, %eax
	movl	%eax, %cr3
	ret
	bare	FlushTLB
	movl	%cr3, %eax
	movl	%eax, %cr3
	bare_done FlushTLB
	simple	FlushDeferredCalls
	simple	SetLinearMapping

	/* Port I/O */
	simple	IN, inl %dx, %eax
	simple	INB, inb %dx, %al
	simple	INW, inw %dx, %ax
	faulting INS, rep insl
	faulting INSB, rep insb
	faulting INSW, rep insw
	simple	OUT, outl %eax, %dx
	simple	OUTB, outb %al, %dx
	simple	OUTW, outw %ax, %dx
	faulting OUTS, rep outsl
	faulting OUTSB, rep outsb
	faulting OUTSW, rep outsw

	entry	SetIOPLMask
	andl	$IOPL_MASK, %eax
	pushfl
	andl	$~IOPL_MASK, (%esp)
	orl	%eax, (%esp)
	popfl
	bare_end SetIOPLMask
	ret

	/* Other processors and local APIC */
	simple	SetInitialAPState
	simple	APICWrite, movl %edx, (%eax)
	simple	APICRead, movl (%eax), %eax
	simple	IODelay, outb %al, $DELAY_PORT

	/* Time: no VMI timer, nothing stolen */
	entry	GetCycleFrequency
	xorl	%eax, %eax
	xorl	%edx, %edx
	bare_end GetCycleFrequency
	ret
	.set	native_GetWallclockTime, native_GetCycleFrequency
	bare_same GetWallclockTime, GetCycleFrequency
	entry	GetCycleCounter
	cmpl	$VMI_CYCLES_AVAILABLE, %eax
	ja	native_GetCycleFrequency
	rdtsc
	ret
	bare	GetCycleCounter
	rdtsc
	bare_done GetCycleCounter
	simple	SetAlarm
	simple	CancelAlarm, xorl %eax, %eax
	simple	WallclockUpdated, xorl %eax, %eax

	/* Added by 13.3 */
	entry	GetRelocationInfo
	subl	$VMI_FIRST_CALL, %eax
	cmpl	$VMI_NR_CALLS - VMI_FIRST_CALL, %eax
	jae	native_GetCycleFrequency
	movl	native_entry(,%eax,4), %eax
	movl	$VMI_RELOC_CALL_REL, %edx
	ret
	entry	SetPxEFlags
	movl	%eax, (%edx)
	bare_end SetPxEFlags
	ret
	.set	native_SetPxELongFlags, native_SetPxELong
	bare_same SetPxELongFlags, SetPxELong

	.section .rodata
	.balign 4
	.globl	native_entry
native_entry:
#define X(nr, name, ...) .long native_##name;
	VMI_CALLS(X)
#undef X

	/*
	 * The same, each counted first.  Through SS: calls of the interrupt
	 * class may assume no other segment.  INC leaves the carry flag alone.
	 */
	.text
	.macro	counted name
counted_\name:
	incl	%ss:native_counters + 4 * VMI_CALL_\name
	jmp	native_\name
	.endm
#define X(nr, name, ...) counted name;
	VMI_CALLS(X)
#undef X

	.section .rodata
	.balign 4
	.globl	native_counted_entry
native_counted_entry:
#define X(nr, name, ...) .long counted_##name;
	VMI_CALLS(X)
#undef X

	/* struct native_bare */
	.macro	bare_row name
	.ifdef	bare_bytes_\name
	.long	bare_at_\name, bare_bytes_\name
	.else
	.long	0, 0
	.endif
	.endm

	.balign 4
	.globl	native_bare
native_bare:
#define X(nr, name, ...) bare_row name;
	VMI_CALLS(X)
#undef X

	.section .rodata.native_faults, "a"
	.globl	native_faults_end
native_faults_end:

	.section .note.GNU-stack, "", @progbits
