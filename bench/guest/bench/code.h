/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * code.h - the loops that are measured, generated when the guest runs
 *
 * A loop is BENCH_UNROLL times set-up and site, one behind the other, with the
 * loop's end behind them.  Each is written to the same address, the start of a
 * page that holds nothing else: the forms of a call differ in their sites and in
 * nothing else.
 */
#ifndef GUEST_BENCH_CODE_H
#define GUEST_BENCH_CODE_H

#include <stdint.h>

#include "bench/cases.h"

#define BENCH_UNROLL	16

/* What the ROM that the guest was booted with is good for. */
enum bench_rom {
	BENCH_ROM_NONE = 1,
	BENCH_ROM_NATIVE = 2,
	BENCH_ROM_TRACE = 4,
	BENCH_ROM_AGGREGATE = 8,
	BENCH_ROM_STAMP = 16,
};

struct code;

struct bench_form {
	const char *name;
	const char *padding;	/* "-" or its style */
	uint32_t roms;		/* measured with these: enum bench_rom */
	/* Writes the site; returns why there is none, or NULL. */
	const char *(*site)(struct code *code, uint32_t call);
};

#define BENCH_FORMS	10
extern const struct bench_form bench_forms[BENCH_FORMS];

enum bench_rom bench_rom(void);

/*
 * Makes the loop of a form the current one; form NULL: with no sites in it.
 * Returns why this cannot be, or NULL.
 */
const char *bench_build(const struct bench_form *form, uint32_t call,
			const struct bench_setup *setup);

/* Makes a loop of no set-up and no sites: 3 instructions a turn. */
#define BENCH_BARE_LOOP	3
void bench_build_bare_loop(void);

/*
 * Runs the current loop.  Returns the TSC cycles that it took, or 0 if an
 * exception ended it: its vector is in bench_exception, else that is -1.
 * Interrupts are off before and afterwards.
 */
uint64_t bench_run_loop(uint32_t iterations);
extern int bench_exception;

/* What the sites of form "count" add to, by call. */
extern volatile uint32_t bench_counters[VMI_NR_CALLS];

#endif /* GUEST_BENCH_CODE_H */
