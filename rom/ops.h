/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ops.h - what each call does, once for both ROMs
 *
 * One macro per call, named after it, in the order of calls.h.  On entry all
 * argument registers are the caller's; an operation of clobber class STD may use
 * eax, edx, ecx and flags, the others only what their class allows.  What is
 * around it, the ROMs define before they include this file:
 *
 *   FRAME		bytes between esp and the call's return address
 *   op_save, op_restore	keep ebx and esi across an operation
 *   op_rom_base reg	linear address of the ROM's first byte
 *   op_stolen		stolen cycles of this vCPU -> edx:eax, or 0
 *   op_cycles_available	edx:eax = REAL - STOLEN; both never fall
 *
 * Native code as in the table of calls.h; where more than one sequence would do,
 * the comment says why this one.
 */
#ifndef ROM_OPS_H
#define ROM_OPS_H

/* clang-format off */

/* First and second stack argument, above the return address. */
#define ST1	FRAME + 4(%esp)
#define ST2	FRAME + 8(%esp)

#define CR4_PGE			0x80
#define FLAGS_IOPL		0x3000
#define FLAGS_ID		0x200000
#define PXE_PRESENT		0x01
#define DESCRIPTOR_PRESENT	0x80		/* in byte 5 */

/* CPUID leaf 1, edx. */
#define CPUID_TSC		0x10
#define CPUID_CX8		0x100

/*
 * For Init: ZF = 1 if the processor has all of these features.  One without CPUID
 * has none.  Clobbers eax, ebx, ecx, edx; takes two words of stack.
 */
.macro processor_has features
	pushf
	pop	%ecx
	mov	%ecx, %eax
	xor	$FLAGS_ID, %eax
	push	%eax
	popf
	pushf
	pop	%eax
	push	%ecx
	popf
	xor	%eax, %ecx
	xor	%edx, %edx
	test	$FLAGS_ID, %ecx
	jz	.Lno_cpuid\@
	mov	$1, %eax
	cpuid
.Lno_cpuid\@:
	not	%edx
	test	$\features, %edx
.endm

/* Processor registers */

.macro op_CPUID
	cpuid
.endm

.macro op_WRMSR
	may_fault WRMSR, FRAME
	wrmsr
.endm

.macro op_RDMSR
	may_fault RDMSR, FRAME
	rdmsr
.endm

.macro op_SetGDT
	lgdt	(%eax)
.endm

.macro op_SetLDT
	may_fault SetLDT, FRAME
	lldt	%ax
.endm

.macro op_SetIDT
	lidt	(%eax)
.endm

.macro op_SetTR
	may_fault SetTR, FRAME
	ltr	%ax
.endm

.macro op_GetGDT
	sgdt	(%eax)
.endm

.macro op_GetLDT
	sldt	%eax
.endm

.macro op_GetIDT
	sidt	(%eax)
.endm

.macro op_GetTR
	str	%eax
.endm

/* 64 bits at (%ecx) = edx:eax, old value to edx:eax; for classes STD, STD_MEM */
.macro op_swap_long
	op_save
	mov	%ecx, %esi
	mov	%eax, %ebx
	mov	%edx, %ecx
	mov	(%esi), %eax
	mov	4(%esi), %edx
1:	lock cmpxchg8b (%esi)
	jne	1b
	op_restore
.endm

/*
 * In effect before the call returns.  The high word holds the present bit and is
 * stored last, so that one which was not present never shows a half.  One that was
 * present would, to an interrupt, an NMI or another processor that comes between
 * the stores, and may not be gone for a moment either: it is replaced in one piece.
 */
.macro op_write_descriptor
	testb	$DESCRIPTOR_PRESENT, 5(%eax, %edx, 8)
	jnz	.Lpresent\@
	mov	%ecx, (%eax, %edx, 8)
	mov	ST1, %ecx
	mov	%ecx, 4(%eax, %edx, 8)
.Ldone\@:
	.pushsection .text.slow, "ax"
.Lpresent\@:
	lea	(%eax, %edx, 8), %eax
	mov	ST1, %edx
	xchg	%eax, %ecx
	op_swap_long
	jmp	.Ldone\@
	.popsection
.endm

.macro op_WriteGDTEntry
	op_write_descriptor
.endm

.macro op_WriteLDTEntry
	op_write_descriptor
.endm

.macro op_WriteIDTEntry
	op_write_descriptor
.endm

/* The guest has stored esp0 in its TSS already. */
.macro op_UpdateKernelStack
	nop
.endm

.macro op_SetCR0
	may_fault SetCR0, FRAME
	mov	%eax, %cr0
.endm

.macro op_SetCR2
	mov	%eax, %cr2
.endm

.macro op_SetCR3
	may_fault SetCR3, FRAME
	mov	%eax, %cr3
.endm

.macro op_SetCR4
	may_fault SetCR4, FRAME
	mov	%eax, %cr4
.endm

.macro op_GetCR0
	mov	%cr0, %eax
.endm

.macro op_GetCR2
	mov	%cr2, %eax
.endm

.macro op_GetCR3
	mov	%cr3, %eax
.endm

/* Faults on a processor without CR4. */
.macro op_GetCR4
	may_fault GetCR4, FRAME
	mov	%cr4, %eax
.endm

/*
 * What the caches have not written back yet may be anybody's, a recorder's or a
 * hypervisor's: nobody may throw it away.
 */
.macro op_INVD
	wbinvd
.endm

.macro op_WBINVD
	wbinvd
.endm

/*
 * The number of a debug register is part of the instruction.  4 and 5 are
 * synonyms of 6 and 7 until CR4.DE makes them invalid, which the caller is told
 * as by the bare instruction; a number that no instruction can name does
 * nothing, and reads as 0.
 */
.macro op_SetDR
.irp	nr, 0, 1, 2, 3, 4, 5, 6, 7
	cmp	$\nr, %eax
	jne	1f
	may_fault SetDR, FRAME
	mov	%edx, %db\nr
1:
.endr
.endm

.macro op_GetDR
	mov	%eax, %ecx
	xor	%eax, %eax
.irp	nr, 0, 1, 2, 3, 4, 5, 6, 7
	cmp	$\nr, %ecx
	jne	1f
	may_fault GetDR, FRAME
	mov	%db\nr, %eax
1:
.endr
.endm

.macro op_RDPMC
	may_fault RDPMC, FRAME
	rdpmc
.endm

.macro op_RDTSC
	rdtsc
.endm

.macro op_CLTS
	clts
.endm

/* Interrupts and return to user */

.macro op_EnableInterrupts
	sti
.endm

.macro op_DisableInterrupts
	cli
#ifdef ROM_OTHER_CLI
	nop
	nop
#endif
.endm

.macro op_GetInterruptMask
	pushf
	pop	%eax
.endm

.macro op_SetInterruptMask
	push	%eax
	popf
.endm

/* Reached with the return address dropped: the frame lies at (%esp). */
.macro op_IRET
	may_fault IRET, 0
	iret
.endm

/* Interrupts open with the return, not before it. */
.macro op_SYSEXIT
	sti
	may_fault SYSEXIT, 0
	sysexit
.endm

/* Idle and reset */

.macro op_Pause
	pause
.endm

.macro op_Halt
	sti
	hlt
.endm

/* Page tables */

.macro op_SetPxE
	mov	%edx, (%eax)
.endm

.macro op_GetPxE
	mov	(%eax), %eax
.endm

.macro op_SwapPxE
	xchg	%edx, (%eax)
	mov	%edx, %eax
.endm

/*
 * High word, then low word: the low one holds the present bit, so an entry that
 * was not present never shows a half.  One that was present would: it is
 * replaced in one piece.
 */
.macro op_SetPxELong
	testb	$PXE_PRESENT, (%ecx)
	jnz	2f
	mov	%edx, 4(%ecx)
	mov	%eax, (%ecx)
	jmp	3f
2:
	op_swap_long
3:
.endm

.macro op_GetPxELong
	mov	4(%eax), %edx
	mov	(%eax), %eax
.endm

.macro op_SwapPxELongAtomic
	op_swap_long
.endm

.macro op_TestAndSetPxEBit
	lock bts %edx, (%eax)
	sbb	%eax, %eax
.endm

.macro op_TestAndClearPxEBit
	lock btr %edx, (%eax)
	sbb	%eax, %eax
.endm

/* Nothing shadows page tables here. */
.macro op_AllocatePage
	nop
.endm

.macro op_ReleasePage
	nop
.endm

.macro op_InvalPage
	invlpg	(%eax)
.endm

/*
 * Toggling PGE drops all entries, global ones too; without PGE there are none of
 * those.  What a handler writes to CR3 or CR4 is not to be undone, so none comes
 * in between.
 */
.macro op_FlushTLB
	pushf
	cli
	test	$VMI_FLUSH_GLOBAL, %al
	jz	1f
	mov	%cr4, %ecx
	test	$CR4_PGE, %cl
	jz	1f
	mov	%ecx, %edx
	and	$~CR4_PGE, %edx
	mov	%edx, %cr4
	mov	%ecx, %cr4
	jmp	2f
1:	mov	%cr3, %ecx
	mov	%ecx, %cr3
2:	popf
.endm

.macro op_FlushDeferredCalls
	nop
.endm

.macro op_SetLinearMapping
	nop
.endm

/* Port I/O; may fault where IOPL is below CPL, or on the memory operand */

.macro op_IN
	may_fault IN, FRAME
	in	%dx, %eax
.endm

.macro op_INB
	may_fault INB, FRAME
	in	%dx, %al
.endm

.macro op_INW
	may_fault INW, FRAME
	in	%dx, %ax
.endm

.macro op_INS
	may_fault INS, FRAME
	rep insl
.endm

.macro op_INSB
	may_fault INSB, FRAME
	rep insb
.endm

.macro op_INSW
	may_fault INSW, FRAME
	rep insw
.endm

.macro op_OUT
	may_fault OUT, FRAME
	out	%eax, %dx
.endm

.macro op_OUTB
	may_fault OUTB, FRAME
	out	%al, %dx
.endm

.macro op_OUTW
	may_fault OUTW, FRAME
	out	%ax, %dx
.endm

.macro op_OUTS
	may_fault OUTS, FRAME
	rep outsl
.endm

.macro op_OUTSB
	may_fault OUTSB, FRAME
	rep outsb
.endm

.macro op_OUTSW
	may_fault OUTSW, FRAME
	rep outsw
.endm

/* Privilege and PAE page tables */

.macro op_SetIOPLMask
	and	$FLAGS_IOPL, %eax
	pushf
	andl	$~FLAGS_IOPL, (%esp)
	or	%eax, (%esp)
	popf
.endm

/* In one piece: what a handler stores is returned whole, or stays whole. */
.macro op_DeactivatePxELongAtomic
	mov	%eax, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	op_swap_long
.endm

.macro op_TestAndSetPxELongBit
	lock bts %edx, (%eax)
	sbb	%eax, %eax
.endm

.macro op_TestAndClearPxELongBit
	lock btr %edx, (%eax)
	sbb	%eax, %eax
.endm

/* Other processors and local APIC */

/* An application processor starts by INIT and SIPI, as without a ROM. */
.macro op_SetInitialAPState
	nop
.endm

.macro op_APICWrite
	mov	%edx, (%eax)
.endm

.macro op_APICRead
	mov	(%eax), %eax
.endm

.macro op_IODelay
	out	%al, $0x80
.endm

/* Time.  Frequency 0: there is no VMI timer, and a client asks no further. */

.macro op_GetCycleFrequency
	xor	%eax, %eax
	xor	%edx, %edx
.endm

.macro op_GetCycleCounter
	cmp	$VMI_CYCLES_AVAILABLE, %eax
	je	2f
	jb	1f
	cmp	$VMI_CYCLES_STOLEN, %eax
	je	3f
	xor	%eax, %eax
	xor	%edx, %edx
	jmp	4f
1:	rdtsc
	jmp	4f
2:	op_cycles_available
	jmp	4f
3:	op_stolen
4:
.endm

.macro op_SetAlarm
	nop
.endm

.macro op_CancelAlarm
	xor	%eax, %eax
.endm

.macro op_GetWallclockTime
	xor	%eax, %eax
	xor	%edx, %edx
.endm

.macro op_WallclockUpdated
	xor	%eax, %eax
.endm

/* Added by 13.3 */

/* Every call is to be called, at the alias through which this one was. */
.macro op_GetRelocationInfo
	mov	%eax, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	sub	$VMI_FIRST_CALL, %ecx
	cmp	$VMI_NR_CALLS - VMI_FIRST_CALL, %ecx
	jae	1f
	op_rom_base %eax
	shl	$5, %ecx
	lea	VMI_HDR_BYTES(%eax, %ecx), %eax
	mov	$VMI_RELOC_CALL_REL, %edx
1:
.endm

.macro op_SetPxEFlags
	mov	%eax, (%edx)
.endm

.macro op_SetPxELongFlags
	op_SetPxELong
.endm
/* clang-format on */

#endif /* ROM_OPS_H */
