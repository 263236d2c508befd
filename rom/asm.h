/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * asm.h - names and macros that every assembly file of the ROMs shares
 */
#ifndef ROM_ASM_H
#define ROM_ASM_H

/* clang-format off */
#include <vmi/calls.h>

#define ROM_VERSION_MAJOR	1
#define ROM_VERSION_MINOR	0

/* VMI_CALL_* for the assembler. */
#define X(nr, name, ...) .set VMI_CALL_##name, nr;
	VMI_CALLS(X)
#undef X

/* Where slots start and the code behind them goes. */
#define ROM_TEXT		(VMI_NR_SLOTS * VMI_SLOT_BYTES)

/*
 * An instruction that may fault on the guest's behalf (struct vmi_desc_fault):
 * write it right behind this.
 */
.macro may_fault name, stack_bytes
	.pushsection .faults, "a"
	.word	.Lfault\@
	.byte	VMI_CALL_\name, \stack_bytes
	.popsection
.Lfault\@:
.endm
/* clang-format on */

#endif /* ROM_ASM_H */
