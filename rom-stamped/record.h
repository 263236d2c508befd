/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - the common path that records a call with one time stamp
 *
 * Where T0 would lie, a call that is not measured has NOT_MEASURED, which is no
 * TSC's high half, and the bits that say so in its record.
 */
#ifndef ROM_STAMP_RECORD_H
#define ROM_STAMP_RECORD_H

/* clang-format off */
#include "rom/frame.h"
#include "rom-trace/ring.h"

#define NO_CYCLES_BITS		(VMI_REC_NO_CYCLES << VMI_REC_CYCLES_SHIFT)

/*
 * The first time stamp, or none.  The slow path and the measured call's way lie
 * apart: nearly all calls fall through.
 */
.macro first_stamp name
	decl	ctl_(COUNTDOWN)
	jle	.Lmeasure_\name
	pushl	$NOT_MEASURED
	pushl	$NO_CYCLES_BITS
.Lbegun_\name:
	.pushsection .text.rare, "ax"
.Lmeasure_\name:
	call	restart_countdown
	rdtsc
	push	%edx
	push	%eax
	jmp	.Lbegun_\name
	.popsection
.endm

/* All is looked at behind the operation. */
.macro checks_early name
.endm
.macro unready name, operation
.endm

/*
 * Parameters as in rom-trace/record.h; checks is of no use here.  On entry edx:eax
 * is T1.  Clobbers eax, ecx, edx and flags.
 *
 * The exchange of pos is that of rom-trace.  A handler that recorded before T1
 * does no harm to a call that is not measured; one that did behind it is told by
 * `last`, since pos is read first, or makes the exchange fail.
 */
.macro record name, t0, arg, checks, call=named, ret=0
	cmp	%edx, ctl_(EPOCH)
	jne	slow_\name
	mov	%eax, %edx
	mov	ctl_(POS), %ecx
	cmpl	$NOT_MEASURED, \t0 + 4(%esp)
	jne	.Lmeasured_\name
	cmp	%edx, ctl_(LAST)		/* a handler since T1? */
	ja	.Ltime_\name
.Lchecked_\name:
	test	$SUBBUF_BYTES - 1, %ecx		/* room? */
	jz	.Ltime_\name
	mov	host_(STOLEN), %eax
	cmp	%eax, ctl_(STOLEN_SEEN)
	jne	.Ltime_\name

	reserve_record \name
	write_site \t0, \arg, \ret
	mov	\t0(%esp), %ecx
	cmpl	$NOT_MEASURED, \t0 + 4(%esp)
	jne	.Lcycles_\name
.Lword_\name:

	/* Count, then commit: who sees the record sees it counted. */
.ifc \call, stack
	mov	(%esp), %edx
	add	%edx, %ecx
	incl	counters(%ebp, %edx, 2)
.else
	add	$VMI_CALL_\name << VMI_REC_CALL_SHIFT, %ecx
	incl	counters + 4 * VMI_CALL_\name(%ebp)
.endif
	mov	%ecx, at(4, %eax)

	.pushsection .text.rare, "ax"
.Lmeasured_\name:
	mov	\t0 + 4(%esp), %eax
	cmp	%eax, ctl_(EPOCH)
	jne	.Ltime_\name
	mov	\t0(%esp), %eax
	cmp	%eax, ctl_(LAST)		/* a handler since T0? */
	ja	.Ltime_\name
	sub	%edx, %eax
	neg	%eax				/* cycles */
	cmp	$VMI_REC_CYCLES_LIMIT, %eax
	jb	.Lchecked_\name
	jmp	.Ltime_\name
.Lcycles_\name:
	sub	%ecx, %edx
	mov	%edx, %ecx
	shl	$VMI_REC_CYCLES_SHIFT, %ecx
	jmp	.Lword_\name
	.popsection
.endm

/* clang-format on */

#endif /* ROM_STAMP_RECORD_H */
