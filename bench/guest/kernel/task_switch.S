/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task_switch.S - from one kernel stack to another
 */
	.text
	/* void task_switch_stack(&save_esp, load_esp) */
	.globl	task_switch_stack
	.type	task_switch_stack, @function
task_switch_stack:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, (%eax)
	movl	%edx, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
	.size	task_switch_stack, . - task_switch_stack

	/* A new task's first stop: esi = body, edi = its argument. */
	.globl	task_begin
	.type	task_begin, @function
task_begin:
	movl	%esi, %eax
	movl	%edi, %edx
	call	task_run
	.size	task_begin, . - task_begin

	.section .note.GNU-stack, "", @progbits
