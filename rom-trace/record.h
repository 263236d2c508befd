/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - the common path that records a call
 */
#ifndef ROM_RECORD_H
#define ROM_RECORD_H

/* clang-format off */
#include "rom/frame.h"
#include "rom-trace/ring.h"

/* Every call has the first time stamp. */
.macro first_stamp name
	rdtsc
	push	%edx
	push	%eax
.endm

/*
 * checks_early: right behind the first time stamp in edx:eax; leaves pos in ecx.
 *
 * Goes to .Lunready_NAME, the slow path's copy of the operation, if that path has
 * to look at this call: a handler has recorded since T0, no packet of this epoch
 * is open, the open one is full, or cycles were stolen.  pos is read first: what
 * comes later changes it, and then the exchange in `record` fails.
 */
.macro checks_early name
	mov	ctl_(POS), %ecx
	cmp	%eax, ctl_(LAST)		/* a handler since T0? */
	ja	.Lunready_\name
	cmp	%edx, ctl_(EPOCH)
	jne	.Lunready_\name
	test	$SUBBUF_BYTES - 1, %ecx		/* room? */
	jz	.Lunready_\name
	mov	host_(STOLEN), %edx
	cmp	%edx, ctl_(STOLEN_SEEN)
	jne	.Lunready_\name
.endm

/*
 * The operation again, up to the second time stamp, for a call that `checks_early`
 * sends to the slow path.
 */
.macro unready name, operation
	.pushsection .text.slow, "ax"
.Lunready_\name:
	\operation
	jmp	slow_\name
	.popsection
.endm

/* The same checks behind T1, for operations that need ecx or may fault. */
.macro checks_late name, t0
	mov	ctl_(POS), %ecx
	mov	\t0(%esp), %edx
	cmp	%edx, ctl_(LAST)
	ja	.Lepoch_\name
	test	$SUBBUF_BYTES - 1, %ecx
	jz	.Lepoch_\name
	mov	host_(STOLEN), %edx
	cmp	%edx, ctl_(STOLEN_SEEN)
	jne	.Lepoch_\name
.endm

/*
 * record name, t0, arg, checks, call, ret: from T1 to the committed record.
 *
 *   name	of the stub, for its labels
 *   t0		where T0 lies, offset from esp
 *   arg	where the argument lies, offset from esp; or none
 *   checks	early: made behind T0, ecx = pos; late: still to be made
 *   call	named: the call is the one of that name; stack: the word on top is
 *		its number << 1
 *   ret	where the return address lies, if not behind a whole frame
 *
 * On entry edx:eax is T1.  Falls through when the call is recorded; clobbers eax,
 * ecx, edx and flags.  The steps are those of docs/recorder.md.
 *
 * Both time stamps and the open packet have one high half, so 32 bits do for the
 * rest.
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
	sub	\t0(%esp), %eax			/* cycles */
	cmp	$VMI_REC_CYCLES_LIMIT, %eax
	jae	.Ltime_\name

	reserve_record \name
	sub	\t0(%esp), %edx
	shl	$VMI_REC_CYCLES_SHIFT, %edx
.ifc \call, stack
	add	(%esp), %edx
.else
	add	$VMI_CALL_\name << VMI_REC_CALL_SHIFT, %edx
.endif
	write_site \t0, \arg, \ret

	/* Count, then commit: who sees the record sees it counted. */
.ifc \call, stack
	mov	(%esp), %ecx
	incl	counters(%ebp, %ecx, 2)
.else
	incl	counters + 4 * VMI_CALL_\name(%ebp)
.endif
	mov	%edx, at(4, %eax)
.endm

/* clang-format on */

#endif /* ROM_RECORD_H */
