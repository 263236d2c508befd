/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slow.S - records that are not the common case
 *
 * Entered by stubs when the sub-buffer is full or none is open, the TSC's high
 * half or the stolen cycles have changed, the call took 2^23 cycles or more, or
 * a handler recorded meanwhile.  On entry: edx:eax = TSC after the operation, or 0
 * if the exchange of pos failed since a handler recorded;
 * ebp = the ROM's base, ecx and the stack as slow_exits of record.h says, which
 * uses up all 32 bytes.
 *
 * Interrupts stay off here where CPL allows.  What cannot be kept off (an NMI; at
 * CPL 3 a signal) may record in the common way as long as there is room in the
 * open packet; beyond that it finds ctl.busy set and is counted as lost.  So all
 * state but pos and last is this code's alone, and the save area too; and pos is
 * moved here as in the common path, by an exchange that fails if somebody else
 * moved it, after which all is looked at again.
 */
	.section .text.slow, "ax"

/* Stack on entry */
#define S_ARG		4
#define S_T0		8
#define S_RET		(8 + F_RET)

/* The flags on the stack say whether interrupts come back on. */
.macro mask_interrupts
	movw	%cs, code_segment(%ebp)
	testb	$3, code_segment(%ebp)
	jnz	.Lring3\@
	cli
.Lring3\@:
.endm

.macro save_registers
	mov	%ebx, save_ebx(%ebp)
	mov	%esi, save_esi(%ebp)
	mov	%edi, save_edi(%ebp)
.endm

.macro restore_registers
	mov	save_ebx(%ebp), %ebx
	mov	save_esi(%ebp), %esi
	mov	save_edi(%ebp), %edi
.endm

/* reg = ROM-relative address of the header of the sub-buffer that holds pos */
.macro header_of pos, reg
	mov	\pos, \reg
	and	$~(SUBBUF_BYTES - 1), \reg
	and	ctl_(RING_MASK), \reg
	add	ctl_(RING_DELTA), \reg
.endm

/* reg = a call << 1 */
.macro count_call reg
	incl	counters(%ebp, \reg, 2)
.endm

.macro count_lost
	addl	$1, ctl_(LOST)
	adcl	$0, 4 + ctl_(LOST)
.endm

/*
 * From ebx = pos to the end of its sub-buffer, after which nobody records in the
 * packet that is open there: ZF = 0 if pos was moved meanwhile.  Clobbers eax,
 * edx.
 */
.macro move_to_end
	mov	%ebx, %eax
	lea	SUBBUF_BYTES - 1(%ebx), %edx
	and	$~(SUBBUF_BYTES - 1), %edx
	cmpxchg	%edx, ctl_(POS)
.endm

/*
 * Close the open packet, which ends at ebx; edi:esi is the time now.  All time
 * stamps of a packet share their high half, so one that ended with an epoch ends
 * at that epoch's last cycle.  Clobbers eax, edx.
 */
.macro close_packet
	lea	-1(%ebx), %edx
	header_of %edx, %eax
	and	$SUBBUF_BYTES - 1, %edx
	lea	8(, %edx, 8), %edx
	mov	%edx, at(VMI_PKT_PACKET_BITS, %eax)
	mov	%esi, at(VMI_PKT_TIME_END, %eax)
	mov	ctl_(EPOCH), %edx
	mov	%edx, at(VMI_PKT_TIME_END + 4, %eax)
	cmp	%edx, %edi
	je	.Lclose\@
	movl	$-1, at(VMI_PKT_TIME_END, %eax)
.Lclose\@:
	mov	ctl_(LOST), %edx
	mov	%edx, at(VMI_PKT_LOST, %eax)
	mov	4 + ctl_(LOST), %edx
	mov	%edx, at(VMI_PKT_LOST + 4, %eax)
	movl	$0, ctl_(OPEN)
	incl	ctl_(PACKETS)
.endm

/* Inside another slow path: counted and lost.  State off: no record. */
slow_nested:
	mov	%ecx, %eax
	shr	$16, %eax
	count_lost
	count_call %eax
slow_off:
	movzwl	%cx, %ecx
	add	%ebp, %ecx
	popf
	jmp	*%ecx

slow:
	cmpl	$VMI_STATE_ON, ctl_(STATE)
	jne	slow_off
	mask_interrupts
	btsl	$0, ctl_(BUSY)
	jc	slow_nested
	save_registers
	mov	%eax, %esi
	mov	%edx, %edi
	mov	%ecx, what(%ebp)

/*
 * edi:esi = TSC after the operation.  If anything was recorded or lost since T0,
 * a handler ran: the call ends now, and the handler's time is in its cycles.  As
 * in the common path, pos is read first.
 */
	movl	$0, word(%ebp)
	or	%edx, %eax
	jnz	slow_look
slow_raced:
	movl	$VMI_REC_INTERRUPTED, word(%ebp)
slow_look:
	mov	ctl_(POS), %ebx
#ifdef ROM_STAMP
	cmpl	$NOT_MEASURED, 4 + S_T0(%esp)
	je	slow_not_measured
#endif
	cmpl	$0, word(%ebp)
	jne	2f
	mov	S_T0(%esp), %eax
	mov	S_T0 + 4(%esp), %edx
	cmp	ctl_(LAST), %eax
	sbb	ctl_(EPOCH), %edx
	jae	1f
	movl	$VMI_REC_INTERRUPTED, word(%ebp)
2:	rdtsc
	mov	%eax, %esi
	mov	%edx, %edi
1:	mov	%esi, %eax
	mov	%edi, %edx
	sub	S_T0(%esp), %eax
	sbb	S_T0 + 4(%esp), %edx
	mov	%eax, cycles(%ebp)
	mov	%edx, 4 + cycles(%ebp)

	mov	$VMI_REC_BYTES, %ecx
	test	%edx, %edx
	jnz	2f
	cmp	$VMI_REC_CYCLES_LIMIT, %eax
	jb	slow_stolen
2:	mov	$VMI_REC_WIDE_BYTES, %ecx

slow_stolen:
	/* Stolen since the last record; two equal high halves enclose a value. */
	mov	4 + host_(STOLEN), %edx
	mov	host_(STOLEN), %eax
	cmp	4 + host_(STOLEN), %edx
	jne	slow_stolen
	sub	ctl_(STOLEN_SEEN), %eax
	sbb	ctl_(STOLEN_SEEN_HI), %edx
	mov	%eax, stolen(%ebp)
	mov	%edx, 4 + stolen(%ebp)
	or	%edx, %eax
	jz	4f
	mov	$VMI_REC_WIDE_BYTES, %ecx
4:	xor	%eax, %eax
	mov	%eax, wait(%ebp)
	mov	%eax, 4 + wait(%ebp)
	mov	%eax, wait_start(%ebp)
	mov	%eax, 4 + wait_start(%ebp)

	/* Room in the open packet: same epoch, and ecx bytes left. */
	cmpl	$0, ctl_(OPEN)
	je	slow_find_room
	cmp	%edi, ctl_(EPOCH)
	jne	5f
	mov	%ebx, %eax
	neg	%eax
	and	$SUBBUF_BYTES - 1, %eax
	cmp	%ecx, %eax
	jae	slow_reserve
5:	move_to_end
	jne	slow_raced
	close_packet
	add	$SUBBUF_BYTES - 1, %ebx
	and	$~(SUBBUF_BYTES - 1), %ebx

/* No packet is open, ebx = pos is a multiple: is there a sub-buffer for one? */
slow_find_room:
	mov	host_(CONSUMED), %eax
	mov	%eax, %edx
	sub	ctl_(FIRST_PACKET), %edx
	jns	1f
	mov	ctl_(FIRST_PACKET), %eax
1:	mov	ctl_(PACKETS), %edx
	sub	%eax, %edx			/* sub-buffers in use */
	mov	ctl_(RING_MASK), %eax
	shr	$SUBBUF_SHIFT, %eax		/* one less than there are */
	cmp	%eax, %edx
	jbe	slow_open
	mov	host_(FLAGS), %eax
	test	$VMI_HOST_OVERWRITE, %al
	jnz	slow_open
	and	$VMI_HOST_ATTACHED | VMI_HOST_LOSSLESS, %eax
	cmp	$VMI_HOST_ATTACHED | VMI_HOST_LOSSLESS, %eax
	jne	slow_lost
	/*
	 * Where the next packet goes lies the oldest one.  If a record in it is
	 * still being written, by a stub that this call interrupted, the host
	 * cannot take it before this call returns.
	 */
	header_of %ebx, %eax
	mov	at(VMI_PKT_PACKET_BITS, %eax), %edx
	shr	$3, %edx
	add	%eax, %edx			/* its end */
	add	$VMI_PKT_HEADER_BYTES, %eax
2:	cmp	%edx, %eax
	jae	4f
	mov	at(4, %eax), %ecx
	jecxz	slow_lost
	add	$VMI_REC_BYTES, %eax
	test	$VMI_REC_WIDE, %cl
	jz	2b
	add	$VMI_REC_WIDE_BYTES - VMI_REC_BYTES, %eax
	jmp	2b
4:
	mov	$VMI_REC_WIDE_BYTES, %ecx
	rdtsc
	cmpl	$0, wait_start(%ebp)
	jne	5f
	or	$1, %eax			/* 0 means no wait */
	mov	%eax, wait_start(%ebp)
	mov	%edx, 4 + wait_start(%ebp)
5:	sub	wait_start(%ebp), %eax
	sbb	4 + wait_start(%ebp), %edx
	mov	%eax, wait(%ebp)
	mov	%edx, 4 + wait(%ebp)
	pause
	jmp	slow_find_room

#ifdef ROM_STAMP
/* No T0: it is done now, behind whatever a handler recorded. */
slow_not_measured:
	movl	$0, word(%ebp)
	rdtsc
	mov	%eax, %esi
	mov	%edx, %edi
	movl	$-1, cycles(%ebp)		/* VMI_REC_NO_CYCLES in either form */
	movl	$-1, 4 + cycles(%ebp)
	mov	$VMI_REC_BYTES, %ecx
	jmp	slow_stolen
#endif

slow_lost:
	count_lost
	movzbl	2 + what(%ebp), %eax
	count_call %eax
	mov	%esi, ctl_(LAST)
	mov	%edi, ctl_(EPOCH)
	jmp	slow_leave

/* ebx = pos, where the packet starts; ecx = bytes of the first record in it */
slow_open:
	header_of %ebx, %eax
	mov	$SUBBUF_BYTES / VMI_PKT_HEADER_BYTES - 1, %edx
1:	add	$VMI_PKT_HEADER_BYTES, %eax	/* no record is there yet */
.irp offset, 4, 20, 36, 52
	movl	$0, at(\offset, %eax)
.endr
	dec	%edx
	jnz	1b
	sub	$SUBBUF_BYTES - VMI_PKT_HEADER_BYTES, %eax
	mov	%edx, at(VMI_PKT_PACKET_BITS, %eax)
	mov	%edx, at(VMI_PKT_VCPU, %eax)
	mov	%esi, at(VMI_PKT_TIME_BEGIN, %eax)
	mov	%edi, at(VMI_PKT_TIME_BEGIN + 4, %eax)
	mov	%esi, at(VMI_PKT_TIME_END, %eax)
	mov	%edi, at(VMI_PKT_TIME_END + 4, %eax)
	mov	ctl_(LOST), %edx
	mov	%edx, at(VMI_PKT_LOST, %eax)
	mov	4 + ctl_(LOST), %edx
	mov	%edx, at(VMI_PKT_LOST + 4, %eax)
	mov	ctl_(PACKETS), %edx
	mov	%edx, at(VMI_PKT_SEQ, %eax)
	mov	%esi, ctl_(LAST)
	mov	%edi, ctl_(EPOCH)
	/* The record is reserved with the header: nobody comes before it. */
	lea	VMI_PKT_HEADER_BYTES(%ebx, %ecx), %edx
	mov	%edx, ctl_(POS)
	movl	$1, ctl_(OPEN)
	add	$VMI_PKT_HEADER_BYTES, %ebx
	jmp	slow_write

slow_reserve:
	mov	%ebx, %eax
	lea	(%ebx, %ecx), %edx
	cmpxchg	%edx, ctl_(POS)
	jne	slow_raced
	mov	%esi, ctl_(LAST)

/* ebx = where the record goes, ecx = its bytes, edi:esi = its time */
slow_write:
	and	ctl_(RING_MASK), %ebx
	add	ctl_(RING_DELTA), %ebx
	mov	%esi, at(0, %ebx)
	mov	S_RET(%esp), %eax
	mov	%eax, at(8, %ebx)
	mov	S_ARG(%esp), %eax
	mov	%eax, at(12, %ebx)
	movzbl	2 + what(%ebp), %eax
	count_call %eax
	or	word(%ebp), %eax
	cmp	$VMI_REC_WIDE_BYTES, %ecx
	je	1f
	mov	cycles(%ebp), %esi
	shl	$VMI_REC_CYCLES_SHIFT, %esi
	or	%esi, %eax
	jmp	2f
1:	or	$VMI_REC_WIDE, %eax
.irp field, cycles, stolen, wait
	mov	\field(%ebp), %edx
	mov	%edx, at(16 + \field - cycles, %ebx)
	mov	4 + \field(%ebp), %edx
	mov	%edx, at(20 + \field - cycles, %ebx)
.endr
	xor	%edx, %edx
	mov	%edx, at(40, %ebx)
	mov	%edx, at(44, %ebx)
	mov	stolen(%ebp), %esi
	mov	4 + stolen(%ebp), %edx
	add	%esi, ctl_(STOLEN_SEEN)
	adc	%edx, ctl_(STOLEN_SEEN_HI)
2:	mov	%eax, at(4, %ebx)		/* the commit */

slow_leave:
	mov	wait(%ebp), %eax
	mov	4 + wait(%ebp), %edx
	add	%eax, ctl_(WAIT)
	adc	%edx, 4 + ctl_(WAIT)
	restore_registers
	movzwl	what(%ebp), %eax
	add	%ebp, %eax
	movl	$0, ctl_(BUSY)
	popf
	jmp	*%eax
