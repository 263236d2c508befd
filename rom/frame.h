/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frame.h - a stub's frame
 *
 * A stub pushes six words, some stubs a seventh, and a slow path finds eight:
 * the 32 bytes that a ROM may use below the return address.  The frame is
 * reached through esp and all state through ebp, so that both use SS; nothing
 * else may be assumed in the interrupt calls.  ebp holds the ROM's base.
 */
#ifndef ROM_FRAME_H
#define ROM_FRAME_H

/* clang-format off */
#include <vmi/trace.h>

/* Frame: offsets from T0, the first time stamp. */
.set F_T0, 0
.set F_ECX, 8
.set F_EDX, 12
.set F_EAX, 16
.set F_EBP, 20
.set F_RET, 24
.set F_BYTES, 24

#define ctl_(field)	ctl + VMI_CTL_##field(%ebp)
#define host_(field)	host + VMI_HOST_##field(%ebp)
/* ROM-relative memory */
#define at(offset, reg)	(offset)(%ebp, reg)

/* ebp = the ROM's base, wherever it is called at; keeps the flags */
.macro load_base
	call	.Lpc\@
.Lpc\@:	pop	%ebp
	lea	rom - .Lpc\@(%ebp), %ebp
.endm

/* Drop `above` bytes and T0, restore the rest, keep the flags. */
.macro frame_pop above=0
	lea	\above + F_ECX(%esp), %esp
	pop	%ecx
	pop	%edx
	pop	%eax
	pop	%ebp
.endm
/* clang-format on */

#endif /* ROM_FRAME_H */
