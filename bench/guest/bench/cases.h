/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cases.h - which calls are measured, and with which inputs
 */
#ifndef GUEST_BENCH_CASES_H
#define GUEST_BENCH_CASES_H

#include <stdbool.h>
#include <stdint.h>

#include "vmi/calls.h"

/* Registers by their number in an instruction. */
#define LOAD_EAX	(1 << 0)
#define LOAD_ECX	(1 << 1)
#define LOAD_EDX	(1 << 2)
#define LOAD_ESI	(1 << 6)
#define LOAD_EDI	(1 << 7)
#define BENCH_REGISTERS	8

/*
 * What is done anew in front of each operation, in all forms and in the empty
 * loop.
 */
struct bench_setup {
	uint32_t loads;			/* LOAD_* */
	uint32_t eax, ecx, edx, esi, edi;
	uint32_t stack_words;		/* arguments on the stack */
	uint32_t stack[2];
	bool iret_frame;		/* one that leads behind the operation */
	uint32_t store_at;		/* nonzero: address of a 32-bit store */
	uint32_t store_value;
};

struct bench_case {
	uint8_t call;
	const char *skip;		/* why it is not measured, or NULL */
	/*
	 * What is only known when the guest runs; returns why the call cannot
	 * be measured on this machine, or NULL.  May be NULL itself.
	 */
	const char *(*prepare)(struct bench_setup *setup);
	struct bench_setup setup;
};

/* One for each call, in the order of the call table. */
extern const struct bench_case bench_cases[VMI_NR_CALLS - VMI_FIRST_CALL];

#endif /* GUEST_BENCH_CASES_H */
