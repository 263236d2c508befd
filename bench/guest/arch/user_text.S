/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user_text.S - what runs in ring 3, mapped at USER_TEXT
 *
 * Position-independent: linked at its kernel address, run at another.
 */
#include "arch/trap.h"
#include "arch/user.h"

	.section .user, "ax"

	.macro	program name
	.balign	16
	.globl	\name
	.type	\name, @function
\name:
	.endm

	program	user_exit_now
	int	$TRAP_SYSCALL
	ud2

	/* esi = system call, ebx = argument, edi = times */
	program	user_loop_int80
1:	movl	%esi, %eax
	int	$TRAP_SYSCALL
	decl	%edi
	jnz	1b
	jmp	done

	program	user_loop_sysenter
	call	1f
1:	popl	%ebp
	addl	$3f - 1b, %ebp
2:	movl	%esi, %eax
	movl	%ebp, %edx
	movl	%esp, %ecx
	sysenter
3:	decl	%edi
	jnz	2b
	jmp	done

	/* esi = address, edi = pages */
	program	user_touch
1:	movl	%esi, (%esi)
	addl	$4096, %esi
	decl	%edi
	jnz	1b

done:	xorl	%ebx, %ebx
	movl	$USER_EXIT, %eax
	int	$TRAP_SYSCALL
	ud2

	program	user_wait
1:	cmpl	$0, (%esi)
	jne	done
	decl	%edi
	jnz	1b
	movl	$1, %ebx
	movl	$USER_EXIT, %eax
	int	$TRAP_SYSCALL
	ud2

	program	user_read_port
	inb	$0x80, %al
	movl	$1, %ebx
	movl	$USER_EXIT, %eax
	int	$TRAP_SYSCALL
	ud2

	.section .note.GNU-stack, "", @progbits
