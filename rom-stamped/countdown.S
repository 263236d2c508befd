/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * countdown.S - which calls are measured
 */
	.section .text.slow, "ax"

/*
 * How many calls until the next one that is measured: 1 to 2N - 1, each as likely
 * as any, so that the mean is N and no loop of calls stays in step with it.  The
 * high half of a product is fair with a linear congruential generator, whose low
 * bits are not random.  Clobbers eax, edx, flags.
 *
 * A handler in between finds less than 0 and is measured, too: with N = 1 every
 * call is.  The interval that it draws is lost with the store here.
 */
restart_countdown:
	push	%ecx
	mov	host_(EVERY), %ecx
	lea	-1(, %ecx, 2), %ecx
	imul	$1664525, ctl_(SEED), %eax
	add	$1013904223, %eax
	mov	%eax, ctl_(SEED)
	mul	%ecx
	inc	%edx
	mov	%edx, ctl_(COUNTDOWN)
	pop	%ecx
	ret
