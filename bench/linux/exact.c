/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exact.c - the least number of TSC ticks that an operation takes
 *
 * Under QEMU's "-icount shift=0" the figures are instruction counts, the same
 * in every boot.  What measuring an empty function takes is subtracted.
 *
 * With a trace ROM the ROM's own counters, read through /dev/mem, tell which
 * VMI calls the round with the minimum made.
 */
#include <stdio.h>
#include <sys/utsname.h>

#include "measure.h"
#include "workload.h"

#define MIN_ROUNDS 1000

/*
 * Lines for exact.sh: "least OPERATION TICKS ROUNDS HITS", and with a trace ROM
 * "calls OPERATION CALL COUNT" for each call made.
 */
static void print_result(const char *name, const struct block *block,
			 unsigned int rounds, bool counted)
{
	printf("exact: least %s %llu %u %u\n", name,
	       (unsigned long long)block->least, rounds, block->hits);
	for (unsigned int nr = 0; counted && nr < VMI_NR_SLOTS; nr++) {
		if (block->calls[nr])
			printf("exact: calls %s %s %u\n", name,
			       rom_call_name(nr), block->calls[nr]);
	}
}

static bool run_operation(const struct operation *operation,
			  unsigned int rounds, const struct rom *rom,
			  uint64_t empty_ticks)
{
	struct block block;

	printf("exact: %s: %s\n", operation->name, operation->what);
	if (!measure(operation, rounds, rom, &block)) {
		printf("exact: FAILED: %s\n", operation->name);
		return false;
	}
	block.least -= empty_ticks;
	print_result(operation->name, &block, rounds, rom->counters != NULL);
	return true;
}

bool run_exact(const char *list, unsigned int rounds)
{
	const struct operation *chosen[OPERATIONS_LIMIT];
	struct utsname kernel;
	struct block nothing;
	struct rom rom;
	size_t nr;

	if (rounds < MIN_ROUNDS)
		rounds = MIN_ROUNDS;
	if (!uname(&kernel))
		printf("exact: kernel %s\n", kernel.release);
	nr = operations_choose(list, IN_EXACT, "exact", chosen);
	if (!nr)
		return false;
	rom_find(&rom, "exact");
	if (!operations_prepare() ||
	    !measure(&no_operation, rounds, &rom, &nothing)) {
		printf("exact: FAILED: preparation\n");
		return false;
	}
	for (size_t i = 0; i < nr; i++) {
		if (!run_operation(chosen[i], rounds, &rom, nothing.least))
			return false;
	}
	printf("exact: done\n");
	return true;
}
