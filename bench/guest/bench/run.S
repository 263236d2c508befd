/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run.S - into a generated loop and back, with the time that it took
 *
 * The loop counts ebp down, keeps no other register, sets esp from bench_stack
 * at each turn and ends with a jump to bench_stop.
 */
	.text
	/* uint64_t bench_run(code, iterations) */
	.globl	bench_run
	.type	bench_run, @function
bench_run:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, bench_stack
	movl	%edx, %ebp
	movl	%eax, code
	rdtsc
	movl	%eax, start
	movl	%edx, start+4
	jmp	*code
	.globl	bench_stop
bench_stop:
	rdtsc
	subl	start, %eax
	sbbl	start+4, %edx
1:	cld
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

	/* Where a handler goes on that gives a loop up, at any stack depth. */
	.globl	bench_give_up
bench_give_up:
	movl	bench_stack, %esp
	xorl	%eax, %eax
	xorl	%edx, %edx
	jmp	1b
	.size	bench_run, . - bench_run

	.bss
	.balign	8
start:
	.skip	8
	.globl	bench_stack
bench_stack:
	.skip	4
code:
	.skip	4

	.section .note.GNU-stack, "", @progbits
