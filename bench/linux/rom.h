/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom.h - the VMI ROM of this machine, as a program sees it through /dev/mem
 */
#ifndef BENCH_LINUX_ROM_H
#define BENCH_LINUX_ROM_H

#include <stdint.h>

#include "vmi/calls.h"

struct rom {
	uint32_t flags;			   /* VMI_DESC_*; 0 without a ROM */
	const volatile uint32_t *counters; /* [VMI_NR_SLOTS], or NULL */
};

/*
 * Finds the ROM.  Maps the ROM area whether there is one or not, so that all
 * measurements have the same address space, and keeps it out of forked
 * children. When /dev/mem cannot be mapped, `user` says so and it is as without
 * a ROM.
 */
void rom_find(struct rom *rom, const char *user);

/* Copies the counters; leaves the copy as it is when there are none. */
void rom_count(const struct rom *rom, uint32_t copy[VMI_NR_SLOTS]);

/* Name of a call, "?" for a slot without one. */
const char *rom_call_name(unsigned int nr);

#endif /* BENCH_LINUX_ROM_H */
