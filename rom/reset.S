/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reset.S - Reboot and Shutdown: neither comes back, so all registers are free
 *
 * Shutdown looks for the ACPI power management block of the chipsets that run
 * VMI guests: PIIX4 (82371AB datasheet, function 3) and ICH9 (ICH9 datasheet,
 * 0:31.0).  The debug-exit port is not touched: what lies at 0xf4 on a machine
 * without that device is not ours to guess.
 */
#include <vmi/abi.h>

#define PCI_ADDRESS		0xcf8
#define PCI_DATA		0xcfc
#define PCI_ENABLE		0x80000000
#define PCI_PMBASE		0x40
#define PIIX4_PM		0x71138086
#define ICH9_LPC		0x29188086
#define PM1_CNT			4
#define PM1_SLP_EN		0x2000
#define PM1_S5_PIIX4		(0 << 10)	/* and QEMU's ICH9 */
#define PM1_S5_ICH9		(7 << 10)

#define KBC_STATUS		0x64
#define KBC_INPUT_FULL		0x02
#define KBC_PULSE_RESET		0xfe
#define RESET_CONTROL		0xcf9
#define RESET_SYSTEM		0x02
#define RESET_CPU		0x04
#define POST_PORT		0x80

	.section .text, "ax"

/* Some hundred microseconds on any machine. */
.macro io_wait
	mov	$0x200, %ecx
8:	out	%al, $POST_PORT
	loop	8b
.endm

	.globl reboot
	/* eax = VMI_REBOOT_*; soft asks the keyboard controller first */
reboot:
	cli
	mov	%eax, %ebx
	cmp	$VMI_REBOOT_HARD, %ebx
	je	2f
1:	mov	$0x1000, %ecx
3:	in	$KBC_STATUS, %al
	test	$KBC_INPUT_FULL, %al
	loopnz	3b
	mov	$KBC_PULSE_RESET, %al
	out	%al, $KBC_STATUS
	io_wait
	cmp	$VMI_REBOOT_HARD, %ebx
	je	4f
2:	mov	$RESET_CONTROL, %edx
	mov	$RESET_SYSTEM, %al
	out	%al, %dx
	io_wait
	mov	$RESET_SYSTEM | RESET_CPU, %al
	out	%al, %dx
	io_wait
	cmp	$VMI_REBOOT_HARD, %ebx
	je	1b
	/* Nobody listened: an empty IDT makes the next exception a shutdown. */
4:	push	$0
	push	$0
	lidt	(%esp)
	int3

/* PMBASE of the function at bus 0, edi = PCI address; 0 in eax if none */
.macro read_pmbase
	lea	PCI_PMBASE(%edi), %eax
	mov	$PCI_ADDRESS, %edx
	out	%eax, %dx
	mov	$PCI_DATA, %edx
	in	%dx, %eax
	and	$0xff80, %eax
.endm

	.globl shutdown
shutdown:
	cli
	mov	$PCI_ENABLE, %edi
1:	mov	%edi, %eax
	mov	$PCI_ADDRESS, %edx
	out	%eax, %dx
	mov	$PCI_DATA, %edx
	in	%dx, %eax
	cmp	$PIIX4_PM, %eax
	je	2f
	cmp	$ICH9_LPC, %eax
	je	2f
	add	$0x100, %edi		/* next function */
	cmp	$PCI_ENABLE + 0x10000, %edi
	jb	1b
	jmp	3f
2:	mov	%eax, %ebx
	read_pmbase
	test	%eax, %eax
	jz	3f
	lea	PM1_CNT(%eax), %edx
	mov	$PM1_SLP_EN | PM1_S5_PIIX4, %eax
	out	%ax, %dx
	cmp	$ICH9_LPC, %ebx
	jne	3f
	io_wait
	mov	$PM1_SLP_EN | PM1_S5_ICH9, %eax
	out	%ax, %dx
	/* A machine that cannot be turned off stays quiet. */
3:	cli
	hlt
	jmp	3b
