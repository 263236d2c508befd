/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * platform_entry.S - the segment loads of platform.h
 */
#include "arch/platform.h"

	.text
	.globl	platform_load_gdt
	.type	platform_load_gdt, @function
platform_load_gdt:
	lgdt	(%eax)
	ljmp	$SEL_KERNEL_CS, $1f
1:	movl	$SEL_KERNEL_SS, %eax
	movl	%eax, %ss
	movl	$SEL_USER_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	ret
	.size	platform_load_gdt, . - platform_load_gdt

	.globl	platform_load_ds_es
	.type	platform_load_ds_es, @function
platform_load_ds_es:
	movl	%eax, %ds
	movl	%eax, %es
	ret
	.size	platform_load_ds_es, . - platform_load_ds_es

	.globl	platform_read_cs
	.type	platform_read_cs, @function
platform_read_cs:
	xorl	%eax, %eax
	movl	%cs, %eax
	ret
	.size	platform_read_cs, . - platform_read_cs

	.section .note.GNU-stack, "", @progbits
