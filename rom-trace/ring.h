/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.h - the ring's size, and the ways out of the common path, of all ROMs that
 * have the slow path of slow.S
 */
#ifndef ROM_RING_H
#define ROM_RING_H

/* clang-format off */
/* The ring in the image, and how much a kernel may better give. */
#define RING_BYTES	(1 << 15)	/* what fits beside the code in 63.5 KiB */
#define SUBBUF_SHIFT	12
#define SUBBUF_BYTES	(1 << SUBBUF_SHIFT)
#define DONATE_BYTES	(1 << 22)

/* Where a call has no first time stamp: its high half. */
#define NOT_MEASURED		(-1)

/*
 * Reserve 16 bytes at pos, which is in ecx and was looked at, for a call that was
 * done at edx; eax = where they lie, and the time is there.  Clobbers ecx.
 *
 * `last` is stored before the exchange: once the exchange is done, a handler may
 * open a packet of a new epoch, of which this time would be a later one.
 */
.macro reserve_record name
	mov	%edx, ctl_(LAST)
	mov	%ecx, %eax
	add	$VMI_REC_BYTES, %ecx
	cmpxchg	%ecx, ctl_(POS)
	jne	.Lraced_\name
	/* Not from eax, so as not to wait for the exchange. */
	sub	$VMI_REC_BYTES, %ecx
	mov	%ecx, %eax
	and	ctl_(RING_MASK), %eax
	add	ctl_(RING_DELTA), %eax
	mov	%edx, at(0, %eax)
.endm

/* The return address and the argument of a call; parameters as for `record`. */
.macro write_site t0, arg, ret
.if \ret
	mov	\ret(%esp), %ecx
.else
	mov	\t0 + F_RET(%esp), %ecx
.endif
	mov	%ecx, at(8, %eax)
.ifc \arg, none
	movl	$0, at(12, %eax)
.else
	mov	\arg(%esp), %ecx
	mov	%ecx, at(12, %eax)
.endif
.endm

/*
 * The ways out of record, to the slow path.  It wants ecx = leave + (call << 17),
 * where leave is the ROM offset of the code that ends the stub, and on the stack
 * flags, argument, T0 and the rest of the frame.  A stub whose stack is not like
 * that yet says by push_rest how to make it so; that may clobber ecx and flags.
 */
.macro slow_ways name
	.pushsection .text.slow, "ax"
.Lraced_\name:					/* no T1: take it anew */
	xor	%eax, %eax
	cltd
	jmp	slow_\name
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

/* Back in a stub whose operation is still to come, which may need the flags. */
.macro slow_leave name
	.pushsection .text.slow, "ax"
leave_\name:
	lea	4(%esp), %esp
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

#endif /* ROM_RING_H */
