/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * donate.S - the entry through which a kernel gives a larger ring
 */
	.section .text.slow, "ax"

/*
 * struct vmi_descriptor, donate_offset: eax = linear, edx = physical, ecx =
 * bytes.  Packets number over, from the first byte of the new ring.
 */
donate:
	push	%ebp
	push	%ebx
	push	%esi
	push	%edi
	load_base
	pushf
	cmpl	$VMI_STATE_ON, ctl_(STATE)
	jne	donate_fail
	cmpl	$0, ctl_(RING_PHYS)		/* one donation is all */
	jne	donate_fail
	test	%edx, %edx
	jz	donate_fail
	mov	%eax, %ebx
	or	%edx, %ebx
	test	$0xfff, %ebx
	jnz	donate_fail
	/* The largest power of two, for a mask. */
	bsr	%ecx, %ecx
	jz	donate_fail
	cmp	$SUBBUF_SHIFT + 1, %ecx
	jb	donate_fail
	mov	$1, %ebx
	shl	%cl, %ebx
	mask_interrupts
	btsl	$0, ctl_(BUSY)
	jc	donate_fail
	mov	%eax, what(%ebp)
	mov	%edx, word(%ebp)
	mov	%ebx, cycles(%ebp)

	cmpl	$0, ctl_(OPEN)
	je	2f
1:	mov	ctl_(POS), %ebx
	move_to_end
	jne	1b				/* an NMI recorded */
	rdtsc
	mov	%eax, %esi
	mov	%edx, %edi
	close_packet
2:	mov	ctl_(PACKETS), %eax
	mov	%eax, ctl_(FIRST_PACKET)
	mov	what(%ebp), %eax
	sub	%ebp, %eax
	mov	%eax, ctl_(RING_DELTA)
	mov	cycles(%ebp), %eax
	mov	%eax, ctl_(RING_BYTES)
	dec	%eax
	mov	%eax, ctl_(RING_MASK)
	mov	word(%ebp), %edx
	mov	%edx, ctl_(RING_PHYS)
	/* pos modulo the ring is 0 for the first packet in it. */
	mov	ctl_(POS), %ebx
	add	%eax, %ebx
	not	%eax
	and	%eax, %ebx
	mov	%ebx, ctl_(POS)
	movl	$0, ctl_(BUSY)
	xor	%eax, %eax
	jmp	3f
donate_fail:
	mov	$-1, %eax
3:	popf
	pop	%edi
	pop	%esi
	pop	%ebx
	pop	%ebp
	ret
