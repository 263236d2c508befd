/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * probe_entry.S - loads all registers and flags, calls, and stores them
 *
 * Only SS is trusted, since DS and ES may be limited during the call.  No pushf
 * and popf: LAHF and SAHF know all arithmetic flags but OF, and a LODSB shows
 * DF.
 */
#include "arch/platform.h"
#include "cases/probe.h"

	.text
	.globl	probe_call
	.type	probe_call, @function
probe_call:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, saved_esp
	movl	probe+PROBE_ESP, %esp
	movl	probe+PROBE_SEGMENT, %eax
	testl	%eax, %eax
	jz	1f
	call	platform_load_ds_es

1:	cld
	cmpl	$0, %ss:probe+PROBE_BACKWARD
	je	2f
	std
2:	xorl	%eax, %eax
	cmpl	$0, %ss:probe+PROBE_OVERFLOW
	je	3f
	movb	$0x7f, %al
3:	addb	$1, %al			/* OF if it was 0x7f */
	movb	%ss:probe+PROBE_FLAGS, %ah
	sahf
	movl	%ss:probe+PROBE_EAX, %eax
	movl	%ss:probe+PROBE_EBX, %ebx
	movl	%ss:probe+PROBE_ECX, %ecx
	movl	%ss:probe+PROBE_EDX, %edx
	movl	%ss:probe+PROBE_ESI, %esi
	movl	%ss:probe+PROBE_EDI, %edi
	movl	%ss:probe+PROBE_EBP, %ebp
	call	*%ss:probe+PROBE_ENTRY
	.globl	probe_return
probe_return:
	movl	%eax, %ss:probe+PROBE_OUT+PROBE_EAX
	movl	%ebx, %ss:probe+PROBE_OUT+PROBE_EBX
	movl	%ecx, %ss:probe+PROBE_OUT+PROBE_ECX
	movl	%edx, %ss:probe+PROBE_OUT+PROBE_EDX
	movl	%esi, %ss:probe+PROBE_OUT+PROBE_ESI
	movl	%edi, %ss:probe+PROBE_OUT+PROBE_EDI
	movl	%ebp, %ss:probe+PROBE_OUT+PROBE_EBP
	movl	%esp, %ss:probe+PROBE_OUT+PROBE_ESP
	movl	%ss:saved_esp, %esp
	seto	%ss:probe+PROBE_OUT+PROBE_OVERFLOW
	lahf
	movb	%ah, %ss:probe+PROBE_OUT+PROBE_FLAGS
	movl	$direction, %esi
	lodsb	%ss:(%esi), %al
	cld
	subl	$direction, %esi
	shrl	$31, %esi
	movl	%esi, %ss:probe+PROBE_OUT+PROBE_BACKWARD
	movzwl	%ss:platform+PLATFORM_FLAT_DS, %eax
	call	platform_load_ds_es
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

	.globl	probe_give_up
probe_give_up:
	movl	$1, %ss:probe+PROBE_FAULTED
	jmp	probe_return
	.size	probe_call, . - probe_call

	.section .site_fixups, "a"
	.long	probe_return, probe_give_up

	.bss
	.balign	4
saved_esp:
	.skip	4
direction:
	.skip	4

	.section .note.GNU-stack, "", @progbits
