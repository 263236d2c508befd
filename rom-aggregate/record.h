/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - how a stub adds its call up
 *
 * A handler may run at any instruction here and add up calls of its own.  Each
 * field is changed by one instruction, or by an add and an adc, between which a
 * handler keeps the carry as it keeps all flags.  ctl.epoch:last is the time of
 * the last call that was added up; if that is after this one's T0, a handler
 * ran: the call is counted as interrupted, and its cycles, which may be the
 * handler's, are left out.
 *
 * epoch and last cannot be stored at once.  Whoever comes between two stores
 * takes last for 0, or finds it too old, which is not taken for a handler;
 * only where the epoch changes right there, one call may be marked in error.
 */
#ifndef ROM_AGGREGATE_RECORD_H
#define ROM_AGGREGATE_RECORD_H

/* clang-format off */
#include "rom/frame.h"

#define BUCKET_LAST	(VMI_AGG_BUCKETS - 1)

.macro first_stamp name
	rdtsc
	push	%edx
	push	%eax
.endm

/* Nothing to look at before the operation. */
.macro checks_early name
.endm
.macro unready name, operation
.endm

/*
 * aggregate_op op, name, call, field: an instruction on a field of the call's
 * entry, which is that of the name, or with call=stack lies ecx into the table
 */
.macro aggregate_op op, name, call, field
.ifc \call, stack
	\op	at(aggregate + \field, %ecx)
.else
	\op	aggregate + VMI_CALL_\name * VMI_AGG_BYTES + \field(%ebp)
.endif
.endm

/* ecx = offset of the entry of the call whose number << 1 is on top */
.macro find_entry call
.ifc \call, stack
	imul	$VMI_AGG_BYTES / 2, (%esp), %ecx
.endif
.endm

/*
 * Parameters as in rom-trace/record.h; arg, checks and ret are of no use here.
 * On entry edx:eax is the TSC after the operation.  Clobbers eax, ecx, edx and
 * flags.
 */
.macro record name, t0, arg, checks, call=named, ret=0
	cmpl	$VMI_STATE_ON, ctl_(STATE)
	jne	.Ldone_\name
	mov	%eax, %ecx
	mov	\t0(%esp), %eax
	cmp	ctl_(LAST), %eax
	mov	\t0 + 4(%esp), %eax
	sbb	ctl_(EPOCH), %eax
	jb	.Linterrupted_\name
	cmp	%edx, ctl_(EPOCH)
	jne	.Lepoch_\name
.Lsame_\name:
	mov	%ecx, ctl_(LAST)
	mov	%ecx, %eax
	sub	\t0(%esp), %eax
	sbb	\t0 + 4(%esp), %edx
	find_entry \call
	aggregate_op "add %eax,", \name, \call, VMI_AGG_SUM
	aggregate_op "adc %edx,", \name, \call, VMI_AGG_SUM + 4
	test	%edx, %edx
	jnz	.Lhuge_\name
	cmp	$1 << (BUCKET_LAST - 1), %eax
	jae	.Lhuge_\name
	/* The significant bits of eax, 0 of 0. */
	lea	1(, %eax, 2), %eax
	bsr	%eax, %eax
.Lbucket_\name:
.ifc \call, stack
	lea	(%ecx, %eax, 4), %eax
	incl	at(aggregate + VMI_AGG_BUCKET, %eax)
.else
	incl	aggregate + VMI_CALL_\name * VMI_AGG_BYTES + VMI_AGG_BUCKET(%ebp, %eax, 4)
.endif
.Ldone_\name:
.endm

/* The rare ways through record, which all come back to it. */
.macro rare_ways name, call
	.pushsection .text.slow, "ax"
.Lhuge_\name:
	mov	$BUCKET_LAST, %eax
	jmp	.Lbucket_\name
.Lepoch_\name:
	movl	$0, ctl_(LAST)
	mov	%edx, ctl_(EPOCH)
	jmp	.Lsame_\name
.Linterrupted_\name:
	cmp	%edx, ctl_(EPOCH)
	je	.Llast_\name
	movl	$0, ctl_(LAST)
	mov	%edx, ctl_(EPOCH)
.Llast_\name:
	mov	%ecx, ctl_(LAST)
	find_entry \call
	aggregate_op incl, \name, \call, VMI_AGG_INTERRUPTED
	jmp	.Ldone_\name
	.popsection
.endm

.macro slow_exits name, leave, push_rest
	rare_ways \name, named
.endm

.macro slow_exits_std leave
	rare_ways std, stack
.endm

/* No way leaves a stub. */
.macro slow_leave name
.endm
/* clang-format on */

#endif /* ROM_AGGREGATE_RECORD_H */
