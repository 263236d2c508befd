/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * leave.h - to the slots that do not come back, IRET and SYSEXIT
 *
 * For assembler code.  The slot finds a return address as behind a call, but is
 * jumped to: an address that no return takes would stay on the processor's own
 * stack of them, and the returns of ring 3 be predicted wrongly.
 */
#ifndef GUEST_LEAVE_H
#define GUEST_LEAVE_H

	.macro	leave_by call, segment
	pushl	$9f
	jmp	*\segment\()vmi_entry+4*\call
9:
	.endm

#endif
