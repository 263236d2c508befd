/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - a stub's frame, and the common path that records it
 *
 * A stub pushes seven words, and its slow path an eighth: the 32 bytes that a
 * ROM may use below the return address.  The frame is reached through esp and
 * all state through ebp, so that both use SS; nothing else may be assumed in the
 * interrupt calls.
 */
#ifndef ROM_RECORD_H
#define ROM_RECORD_H

/* clang-format off */
#include <vmi/trace.h>

/* Ring in the image, and what a kernel may give instead. */
#define RING_BYTES	(1 << 15)	/* what fits beside the code in 63.5 KiB */
#define SUBBUF_SHIFT	12
#define SUBBUF_BYTES	(1 << SUBBUF_SHIFT)
#define DONATE_BYTES	(1 << 22)


#define F_T0		0	/* TSC before the operation, 64 bits */
#define F_POS		8	/* ctl.pos before that */
#define F_ECX		12	/* of the caller, or the argument to record */
#define F_EDX		16
#define F_EAX		20
#define F_EBP		24
#define F_RET		28
#define F_BYTES		28

/* Behind every stub: drop T0 and pos, restore the rest, keep the flags. */
.macro frame_pop
	lea	F_ECX(%esp), %esp
	pop	%ecx
	pop	%edx
	pop	%eax
	pop	%ebp
.endm

/*
 * record id, arg, extra
 *
 * On entry edx:eax is the TSC after the operation, ebp the ROM's base, the frame
 * lies at extra(%esp), and ecx is the call << 1.  Clobbers eax, ecx, edx, flags.
 * Falls through when the call is recorded; slow_\id, which the user of the macro
 * places, is where everything else continues, with the same registers.
 *
 * The order matters.  pos was read before T0 and is exchanged against that very
 * value, so if it still matches, no handler recorded in between, and cycles and
 * time stamp are this call's.  All that the record depends on (epoch, limit,
 * stolen) is compared before the exchange, for the same reason.  The counter is
 * incremented before the bits are committed: whoever sees all reserved bits
 * committed sees the counters agree.
 */
.macro record id, arg, extra=0
	cmp	%edx, ctl + VMI_CTL_EPOCH(%ebp)
	jne	slow_\id
	mov	host + VMI_HOST_STOLEN(%ebp), %edx
	cmp	%edx, ctl + VMI_CTL_STOLEN_SEEN(%ebp)
	jne	.Lepoch_\id
	mov	%eax, %edx
	sub	\extra + F_T0(%esp), %eax
	cmp	$VMI_REC_CYCLES_LIMIT, %eax
	jae	.Ltime_\id
	shl	$VMI_REC_CYCLES_SHIFT, %eax
	or	%eax, %ecx
	mov	\extra + F_POS(%esp), %eax
	cmp	%eax, ctl + VMI_CTL_LIMIT(%ebp)
	je	.Ltime_\id
	mov	%ecx, \extra + F_POS(%esp)	/* park the record's word */
	lea	VMI_REC_BYTES(%eax), %ecx
	cmpxchg	%ecx, ctl + VMI_CTL_POS(%ebp)
	jne	.Linterrupted_\id

	mov	%eax, %ecx
	and	ctl + VMI_CTL_RING_MASK(%ebp), %eax
	add	ctl + VMI_CTL_RING_DELTA(%ebp), %eax
	mov	%edx, 0(%ebp, %eax)
	mov	\extra + F_POS(%esp), %edx
	mov	%edx, 4(%ebp, %eax)
	movzbl	%dl, %edx
	incl	counters(%ebp, %edx, 2)
	mov	\extra + F_RET(%esp), %edx
	mov	%edx, 8(%ebp, %eax)
.ifc \arg, none
	movl	$0, 12(%ebp, %eax)
.else
	mov	\arg(%esp), %edx
	mov	%edx, 12(%ebp, %eax)
.endif
	and	ctl + VMI_CTL_SUBBUF_MASK(%ebp), %ecx
	add	ctl + VMI_CTL_RING_DELTA(%ebp), %ecx
	addl	$VMI_REC_BYTES * 8, VMI_PKT_CONTENT_BITS(%ebp, %ecx)
.endm

/*
 * slow_exits id, arg, leave, extra
 *
 * The ways out of record: undo what it did to the registers and enter the slow
 * path with ecx = leave | call << 17 | arg << 24: the ROM offset of the code that
 * ends the stub, the call, and where on the stack its argument lies (counted
 * with the flags pushed, 0 = none).
 */
.macro slow_exits id, arg, leave, extra=0
.Linterrupted_\id:
	/* No pos ends in 1: this one is known not to match. */
	mov	\extra + F_POS(%esp), %ecx
	movl	$1, \extra + F_POS(%esp)
	jmp	slow_\id
.Ltime_\id:
	mov	%edx, %eax
.Lepoch_\id:
	mov	ctl + VMI_CTL_EPOCH(%ebp), %edx
slow_\id:
.if \extra == 0
	pushf
.endif
.ifc \arg, none
	movzbl	%cl, %ecx
.else
	mov	$\arg - \extra + 4, %ch
.endif
	rol	$16, %ecx
	movw	$\leave, %cx
	jmp	slow
.endm
/* clang-format on */

#endif /* ROM_RECORD_H */
