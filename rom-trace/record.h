/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - the common path that records a call
 */
#ifndef ROM_RECORD_H
#define ROM_RECORD_H

/* clang-format off */
#include "rom/frame.h"

/* The ring in the image, and how much a kernel may better give. */
#define RING_BYTES	(1 << 15)	/* what fits beside the code in 63.5 KiB */
#define SUBBUF_SHIFT	12
#define SUBBUF_BYTES	(1 << SUBBUF_SHIFT)
#define DONATE_BYTES	(1 << 22)

/*
 * checks_early, right behind the first time stamp in edx:eax: ecx = pos, or 1,
 * which no pos is, if the slow path has to look at this call.  That is when a
 * handler has recorded since T0, when no packet is open or the open one is full,
 * and when cycles were stolen.  pos is read first: what comes later changes it.
 */
.macro checks_early name
	mov	ctl_(POS), %ecx
	cmp	%eax, ctl_(LAST)
	ja	.Lmark_\name
	cmp	%edx, ctl_(EPOCH)
	jne	.Lmark_\name
	cmp	%ecx, ctl_(LIMIT)
	je	.Lmark_\name
	mov	host_(STOLEN), %edx
	cmp	%edx, ctl_(STOLEN_SEEN)
	jne	.Lmark_\name
.Lmarked_\name:
	.pushsection .text.slow, "ax"
.Lmark_\name:
	mov	$1, %ecx
	jmp	.Lmarked_\name
	.popsection
.endm

/* The same behind the second one, for operations that need ecx or may fault. */
.macro checks_late name, t0
	mov	ctl_(POS), %ecx
	mov	\t0(%esp), %edx
	cmp	%edx, ctl_(LAST)
	ja	.Lepoch_\name
	cmp	%ecx, ctl_(LIMIT)
	je	.Lepoch_\name
	mov	host_(STOLEN), %edx
	cmp	%edx, ctl_(STOLEN_SEEN)
	jne	.Lepoch_\name
.endm

/*
 * record name, t0, arg, checks, call, ret
 *
 * On entry edx:eax is the TSC after the operation, T0 lies at t0(%esp), and arg
 * is the offset from esp of the argument, or none.  The call is the one of that
 * name, or with call=stack the word on top, number << 1.  ret says where the
 * return address lies if not behind a whole frame.  Falls through when the call is
 * recorded; clobbers eax, ecx, edx and flags.
 *
 * Both time stamps and the open packet have one high half, so 32 bits do for the
 * rest.  pos is exchanged against the value that was read before `last` was
 * compared with T0: if it still matches, no handler recorded since T0, and
 * cycles and time stamp are this call's.  The counter is incremented before the
 * bits are committed: whoever sees all reserved bits committed sees the counters
 * agree.
 */
.macro record name, t0, arg, checks, call=named, ret=0
	cmp	%edx, ctl_(EPOCH)
	jne	slow_\name
.ifc \checks, late
	cmp	%edx, \t0 + 4(%esp)
	jne	slow_\name
	checks_late \name, \t0
.endif
	mov	%eax, %edx
	sub	\t0(%esp), %eax
	cmp	$VMI_REC_CYCLES_LIMIT, %eax
	jae	.Ltime_\name
	mov	%ecx, %eax
	add	$VMI_REC_BYTES, %ecx
	cmpxchg	%ecx, ctl_(POS)
	jne	.Ltime_\name
	mov	%edx, ctl_(LAST)

	/* Not from eax, so as not to wait for the exchange. */
	sub	$VMI_REC_BYTES, %ecx
	mov	%ecx, %eax
	and	ctl_(RING_MASK), %eax
	add	ctl_(RING_DELTA), %eax
	mov	%edx, at(0, %eax)
	sub	\t0(%esp), %edx
	shl	$VMI_REC_CYCLES_SHIFT, %edx
.ifc \call, stack
	add	(%esp), %edx
.else
	add	$VMI_CALL_\name << VMI_REC_CALL_SHIFT, %edx
.endif
	mov	%edx, at(4, %eax)
.if \ret
	mov	\ret(%esp), %edx
.else
	mov	\t0 + F_RET(%esp), %edx
.endif
	mov	%edx, at(8, %eax)
.ifc \arg, none
	movl	$0, at(12, %eax)
.else
	mov	\arg(%esp), %edx
	mov	%edx, at(12, %eax)
.endif
.ifc \call, stack
	mov	(%esp), %edx
	incl	counters(%ebp, %edx, 2)
.else
	incl	counters + 4 * VMI_CALL_\name(%ebp)
.endif
	and	ctl_(SUBBUF_MASK), %ecx
	add	ctl_(RING_DELTA), %ecx
	addl	$VMI_REC_BYTES * 8, at(VMI_PKT_CONTENT_BITS, %ecx)
.endm

/*
 * The ways out of record, to the slow path.  It wants ecx = leave + (call << 17),
 * where leave is the ROM offset of the code that ends the stub, and on the stack
 * flags, argument, T0 and the rest of the frame.  A stub whose stack is not like
 * that yet says by push_rest how to make it so; that may clobber ecx and flags.
 */
.macro slow_ways name
	.pushsection .text.slow, "ax"
.Ltime_\name:
	mov	%edx, %eax
.Lepoch_\name:
	mov	ctl_(EPOCH), %edx
slow_\name:
.endm

.macro slow_exits name, leave, push_rest
	slow_ways \name
	\push_rest
	mov	$\leave + (VMI_CALL_\name << 17), %ecx
	jmp	slow
	.popsection
.endm
/* The same for the stubs that share one copy: the call is the word on top. */
.macro slow_exits_std leave
	slow_ways std
	pop	%ecx
	shl	$16, %ecx
	add	$\leave, %ecx
	pushf
	jmp	slow
	.popsection
.endm

/* Back in a stub of stub_ENTRY, whose operation is still to come. */
.macro slow_leave name
	.pushsection .text.slow, "ax"
leave_\name:
	add	$4, %esp
	jmp	.Lleave_\name
	.popsection
.endm

/* From eax, T0, ecx, edx, ebp to flags, argument, T0, ecx, edx, eax, ebp. */
.macro insert_eax
	pop	%ecx
	xchg	%ecx, 12(%esp)
	xchg	%ecx, 8(%esp)
	xchg	%ecx, 4(%esp)
	xchg	%ecx, 0(%esp)
	push	%ecx
	push	$0
	pushf
.endm

/* clang-format on */

#endif /* ROM_RECORD_H */
