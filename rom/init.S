/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * init.S - Init: makes the state writable and turns the recorder on
 *
 * After POST the region is read-only: the host bridge's PAM registers send
 * reads of it to RAM and drop the writes.  440FX datasheet (82441FX), 59-5Fh;
 * Q35: 3-series MCH datasheet, 90-96h.  Four bits for each 16 KiB, of which bit 0
 * is read enable and bit 1 write enable.
 */
#define BRIDGE_440FX		0x12378086
#define BRIDGE_Q35		0x29c08086
#define PAM_440FX		0x5a		/* C0000; 59 is F0000 */
#define PAM_Q35			0x91
#define PAM_REGISTERS		4		/* C0000-DFFFF */
#define PAM_SEGMENTS		8

	slot_begin Init
	push	%ebp
	push	%ebx
	push	%esi
	push	%edi
	load_base
	slot_end Init
	jmp	init

	.section .text.slow, "ax"

/*
 * ZF = 1 if all of the state takes a write; clobbers eax, edx.  Steps of less
 * than a page meet every page whatever the alignment.
 */
probe_state:
	mov	$state_start, %eax
1:	mov	at(0, %eax), %dl
	notb	at(0, %eax)
	xor	at(0, %eax), %dl
	inc	%dl				/* all bits differ: 0 */
	jnz	3f
	notb	at(0, %eax)
	cmp	$state_end - 1, %eax
	je	3f
	add	$0x800, %eax
	cmp	$state_end - 1, %eax
	jb	1b
	mov	$state_end - 1, %eax
	jmp	1b
3:	ret

/* edx = data port of configuration register esi of device 0; clobbers eax */
pci_select:
	mov	%esi, %eax
	and	$0xfc, %eax
	or	$0x80000000, %eax
	mov	$0xcf8, %edx
	out	%eax, %dx
	mov	%esi, %edx
	and	$3, %edx
	or	$0xcfc, %edx
	ret

/*
 * Seven words of stack lie below the return address here, and calls take one
 * more.  ecx, edx and eax are scratch by the calling rules.  Stubs need RDTSC, and
 * CMPXCHG8B: a processor without them is told before it meets one.
 */
init:
	pushf
	mov	%cs, %eax
	test	$3, %al
	jnz	1f
	cli
1:	processor_has CPUID_TSC | CPUID_CX8
	jnz	init_refuse
	rdtsc
	push	%edx
	push	%eax
	cmpl	$VMI_STATE_ON, ctl_(STATE)
	je	init_record
	call	probe_state
	jz	init_on
	mov	%cs, %eax
	test	$3, %al
	jnz	init_fail

	/* Which bridge?  edi keeps the address that others had selected. */
	mov	$0xcf8, %edx
	in	%dx, %eax
	mov	%eax, %edi
	xor	%esi, %esi
	call	pci_select
	in	%dx, %eax
	mov	$PAM_440FX, %esi
	cmp	$BRIDGE_440FX, %eax
	je	2f
	mov	$PAM_Q35, %esi
	cmp	$BRIDGE_Q35, %eax
	jne	init_restore

	/* Open all that reads from RAM; ebx keeps what was there. */
2:	mov	$PAM_REGISTERS, %ecx
3:	call	pci_select
	in	%dx, %al
	mov	%al, %bl
	ror	$8, %ebx
	mov	%al, %ah
	and	$0x11, %ah
	shl	$1, %ah
	or	%ah, %al
	out	%al, %dx
	inc	%esi
	dec	%ecx
	jnz	3b
	sub	$PAM_REGISTERS, %esi

	/*
	 * Close each segment again that is not ours, all of them if that did
	 * not help: what stays open is what the state needs.
	 */
	call	probe_state
	setz	%ch				/* 1: worth trying */
	mov	$2, %cl				/* write enable, low nibble */
4:	test	%cl, %bl
	jnz	5f				/* was open before */
	call	pci_select
	in	%dx, %al
	not	%cl
	and	%cl, %al
	not	%cl
	out	%al, %dx
	test	%ch, %ch
	jz	5f
	call	probe_state
	jz	5f
	call	pci_select
	in	%dx, %al
	or	%cl, %al
	out	%al, %dx
5:	shl	$4, %cl
	cmp	$2 << 4, %cl
	je	4b
	mov	$2, %cl
	ror	$8, %ebx
	inc	%esi
	/* Neither bridge has the other's end among its four. */
	cmp	$PAM_440FX + PAM_REGISTERS, %esi
	je	6f
	cmp	$PAM_Q35 + PAM_REGISTERS, %esi
	jne	4b
6:	call	probe_state
init_restore:
	/* mov and lea keep the verdict in ZF. */
	mov	%edi, %eax
	mov	$0xcf8, %edx
	out	%eax, %dx
	jnz	init_fail

init_on:
	/* What was stolen before belongs to no record. */
7:	mov	4 + host_(STOLEN), %edx
	mov	host_(STOLEN), %eax
	cmp	4 + host_(STOLEN), %edx
	jne	7b
	mov	%eax, ctl_(STOLEN_SEEN)
	mov	%edx, ctl_(STOLEN_SEEN_HI)
	movl	$VMI_STATE_ON, ctl_(STATE)

/* From Init's own frame to that of frame.h: eax = 0, and no argument. */
init_record:
	pop	%ecx
	pop	%edx
	popf
	pop	%edi
	pop	%esi
	pop	%ebx
	push	$0
	push	$0
	push	$0
	push	%edx
	push	%ecx
	rdtsc
	record	Init, 0, none, late
	frame_pop
	ret
	slow_exits Init, leave_slow, "push $0; pushf"

init_fail:
	add	$8, %esp
init_refuse:
	mov	$-1, %eax
	popf
	pop	%edi
	pop	%esi
	pop	%ebx
	pop	%ebp
	ret
