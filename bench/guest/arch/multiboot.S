/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * multiboot.S - where a boot loader enters: eax = magic, ebx = information
 *
 * Runs at CPL 0 with interrupts off (Multiboot Specification 0.6.96, 3.2), or as
 * a process at CPL 3: nothing here needs a privilege.
 */
#define MULTIBOOT_MAGIC		0x1badb002
#define MULTIBOOT_FLAGS		0

	.section .multiboot, "a"
	.balign 4
	.long	MULTIBOOT_MAGIC
	.long	MULTIBOOT_FLAGS
	.long	-(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.text
	.globl	multiboot_entry
	.type	multiboot_entry, @function
multiboot_entry:
	movl	$boot_stack_top, %esp
	xorl	%ebp, %ebp
	cld
	movl	%ebx, %edx
	call	main
	ud2
	.size	multiboot_entry, . - multiboot_entry

	.bss
	.balign 16
	.skip	16384
	.globl	boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
