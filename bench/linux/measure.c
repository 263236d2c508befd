/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * measure.c - measures one operation between two readings of the TSC
 */
#include "measure.h"

#include <cpuid.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

/* A tick array that no round waits for: touched before. */
static uint64_t *make_ticks(unsigned int rounds)
{
	uint64_t *ticks = malloc(rounds * sizeof(*ticks));

	if (ticks)
		memset(ticks, 0xff, rounds * sizeof(*ticks));
	return ticks;
}

static int compare_ticks(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Not inlined: every operation is measured by the same instructions. */
__attribute__((noinline)) static bool
take_ticks(const struct operation *operation, unsigned int rounds,
	   const struct rom *rom, struct block *block, uint64_t *all_ticks)
{
	static uint32_t before[VMI_NR_SLOTS], after[VMI_NR_SLOTS];
	bool (*const measured)(void) = operation->measured;

	block->least = UINT64_MAX;
	block->hits = 0;
	while (rounds--) {
		uint64_t start, ticks;
		bool good;

		if (!operation->prepare())
			return false;
		operation_waited_ticks = 0;
		rom_count(rom, before);
		start = __rdtsc();
		good = measured();
		ticks = __rdtsc() - start;
		if (!good)
			return false;
		ticks -= operation_waited_ticks;
		if (ticks < block->least) {
			rom_count(rom, after);
			for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
				block->calls[nr] = after[nr] - before[nr];
			block->least = ticks;
			block->hits = 0;
		}
		block->hits += ticks == block->least;
		all_ticks[rounds] = ticks;
	}
	return true;
}

bool measure(const struct operation *operation, unsigned int rounds,
	     const struct rom *rom, struct block *block)
{
	uint64_t *ticks = make_ticks(rounds);
	bool good;

	good = ticks && take_ticks(operation, rounds, rom, block, ticks);
	if (good) {
		qsort(ticks, rounds, sizeof(*ticks), compare_ticks);
		block->median = ticks[rounds / 2];
	}
	free(ticks);
	return good;
}

#define LOOP_INSTRUCTIONS 2

static uint64_t time_loop(uint32_t turns)
{
	uint64_t start = __rdtsc();

	__asm__ volatile("1: dec %0; jnz 1b" : "+r"(turns) : : "cc");
	return __rdtsc() - start;
}

/* Loops of different length differ by just as many ticks as instructions. */
static bool counts_instructions(void)
{
	for (uint32_t turns = 1000; turns <= 3000; turns += 1000) {
		if (time_loop(1 + turns) - time_loop(1) !=
		    (uint64_t)turns * LOOP_INSTRUCTIONS)
			return false;
	}
	return true;
}

#define CPUID_HYPERVISOR_LEAF 0x40000000
#define CPUID_HYPERVISOR_BIT  (1u << 31) /* leaf 1, ecx */

static bool is_emulated(void)
{
	unsigned int eax, ebx, ecx, edx;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) ||
	    !(ecx & CPUID_HYPERVISOR_BIT))
		return false;
	__cpuid(CPUID_HYPERVISOR_LEAF, eax, ebx, ecx, edx);
	return !memcmp(&ebx, "TCGT", sizeof(ebx));
}

const char *measure_unit(void)
{
	/* An interrupt may hit one try, not three. */
	for (int tries = 0; tries < 3; tries++) {
		if (counts_instructions())
			return "instructions";
	}
	return is_emulated() ? "tcg-cycles" : "cycles";
}
