/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trap.h - cli and sti trapped and emulated, as a hypervisor without VMI does
 *
 * At CPL 3 both fault; the handler of SIGSEGV keeps the interrupt flag that they
 * would have changed, and goes on behind the instruction.
 */
#ifndef BENCH_HOST_TRAP_H
#define BENCH_HOST_TRAP_H

#include <stdbool.h>

/* From here on cli and sti do not end the process. */
void trap_start(void);

/* The flag that they set and clear. */
bool trap_interrupts_enabled(void);

#endif /* BENCH_HOST_TRAP_H */
