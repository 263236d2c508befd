/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux_gate.h - does the Linux guest still inline: judged within one run
 *
 * No baseline is stored, since the kernel's source package moves.  The input is
 * what "bench/linux/exact.sh -i" wrote: the same kernel with its call sites
 * native, inline, stubs and traced, and inline but for one call, per call.
 */
#ifndef LINUX_GATE_H
#define LINUX_GATE_H

#include "verdict.h"

#define LINUX_GATE_FORMAT	"vmiprof-exact"
#define LINUX_GATE_VERSION	1

/*
 * Judge the run in the file at path:
 *
 * - each call of which the ROM has code to copy is inlined at one site at least,
 *   as the kernel says itself;
 * - each such call that an operation made saves what a call and a return take,
 *   against the same boot with that call as a stub;
 * - each operation takes that much less inline than with stubs.
 *
 * rom_path is the ROM whose bodies count; NULL: the one that the file names.
 * What is wrong with the file is a judgement as well.
 */
void linux_gate(const char *path, const char *rom_path,
		struct judgements *all);

#endif /* LINUX_GATE_H */
