/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trap_entry.S - into trap_handle() and back through the IRET call
 */
#include "arch/leave.h"
#include "arch/platform.h"
#include "arch/trap.h"
#include "vmi/calls.h"

#define IRET_CALL	39

	.text

	/* Vectors whose exception pushes no error code get a 0. */
	.macro	handler n
	.balign	16
trap_handler_\n:
	.if	!(\n == 8 || (\n >= 10 && \n <= 14) || \n == 17)
	pushl	$0
	.endif
	pushl	$\n
	jmp	trap_common
	.endm

	.altmacro
	.macro	handler_of n
	handler	\n
	.endm
	.macro	address_of n
	.long	trap_handler_\n
	.endm

	.set	vector, 0
	.rept	TRAP_VECTORS
	handler_of %vector
	.set	vector, vector + 1
	.endr

	.balign	16
	.globl	trap_syscall
trap_syscall:
	pushl	$0
	pushl	$TRAP_SYSCALL

	.type	trap_common, @function
trap_common:
	pushal
	cld
	/* Ring 3, or a test, may have come with segments that are not flat. */
	movl	%ds, %eax
	cmpw	%ss:platform+PLATFORM_FLAT_DS, %ax
	je	1f
	movzwl	%ss:platform+PLATFORM_FLAT_DS, %eax
	call	platform_load_ds_es
1:	movl	%esp, %eax
	call	trap_handle
	movl	%eax, %esp
	popal
	addl	$8, %esp
	leave_by IRET_CALL
	.size	trap_common, . - trap_common

	.section .rodata
	.balign	4
	.globl	trap_handlers
trap_handlers:
	.set	vector, 0
	.rept	TRAP_VECTORS
	address_of %vector
	.set	vector, vector + 1
	.endr

	.section .note.GNU-stack, "", @progbits
