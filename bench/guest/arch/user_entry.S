/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user_entry.S - to ring 3 through IRET and SYSEXIT, and the SYSENTER entry
 */
#include "arch/leave.h"
#include "arch/platform.h"
#include "arch/user.h"

#define ENABLE_CALL	35
#define DISABLE_CALL	36
#define IRET_CALL	39
#define SYSEXIT_CALL	40

	/* The registers of the struct user_start at ebx; keeps the flags. */
	.macro	load_start
	movl	%ss:USER_START_EAX(%ebx), %eax
	movl	%ss:USER_START_ECX(%ebx), %ecx
	movl	%ss:USER_START_EDX(%ebx), %edx
	movl	%ss:USER_START_ESI(%ebx), %esi
	movl	%ss:USER_START_EDI(%ebx), %edi
	movl	%ss:USER_START_EBP(%ebx), %ebp
	movl	%ss:USER_START_EBX(%ebx), %ebx
	.endm

	.text
	/* int32_t user_enter(start, saved_esp): returns through user_return() */
	.globl	user_enter
	.type	user_enter, @function
user_enter:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%eax, %ebx
	movl	%esp, (%edx)
	movl	%esp, %eax
	call	task_set_kernel_stack

	/* From here on only SS is trusted. */
	movl	USER_START_DATA_SEGMENT(%ebx), %eax
	testl	%eax, %eax
	jz	1f
	call	platform_load_ds_es
1:	cmpl	$0, %ss:USER_START_SYSEXIT(%ebx)
	jne	2f
	pushl	%ss:USER_START_SS(%ebx)
	pushl	%ss:USER_START_ESP(%ebx)
	pushl	%ss:USER_START_EFLAGS(%ebx)
	pushl	%ss:USER_START_CS(%ebx)
	pushl	%ss:USER_START_EIP(%ebx)
	load_start
	leave_by IRET_CALL, %ss:

	/* SYSEXIT hands over the flags as they are. */
2:	movl	%ss:USER_START_EFLAGS(%ebx), %ecx
	movb	%cl, %ah
	shrl	$11, %ecx
	andb	$1, %cl
	addb	$0x7f, %cl		/* OF if it was 1 */
	sahf
	load_start
	leave_by SYSEXIT_CALL, %ss:
	.size	user_enter, . - user_enter

	/* void user_return(result, saved_esp) */
	.globl	user_return
	.type	user_return, @function
user_return:
	movl	%edx, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
	.size	user_return, . - user_return

	.globl	user_bad_iret
	.type	user_bad_iret, @function
user_bad_iret:
	call	user_kill_bad_iret
	.size	user_bad_iret, . - user_bad_iret

	/*
	 * eax = number, ebx = argument, edx = eip and ecx = esp to return to.
	 * esp points at the TSS's esp0 (SYSENTER_ESP), so that a task switch
	 * needs no WRMSR.  Until DS is known to be flat only SS is used.
	 */
	.globl	user_sysenter
	.type	user_sysenter, @function
user_sysenter:
	movl	(%esp), %esp
	cld
	pushl	%ecx
	pushl	%edx
	movl	%eax, %edx
	movl	%ds, %ecx
	cmpw	%ss:platform+PLATFORM_FLAT_DS, %cx
	je	1f
	movzwl	%ss:platform+PLATFORM_FLAT_DS, %eax
	call	platform_load_ds_es
1:	call	*vmi_entry+4*ENABLE_CALL
	movl	%edx, %eax
	movl	%ebx, %edx
	call	user_sysenter_call
	call	*vmi_entry+4*DISABLE_CALL
	popl	%edx
	popl	%ecx
	leave_by SYSEXIT_CALL
	.size	user_sysenter, . - user_sysenter

	.section .note.GNU-stack, "", @progbits
