/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * measure.c - measures one operation between two readings of the TSC
 */
#include "measure.h"

#include <cpuid.h>
#include <string.h>
#include <x86intrin.h>

/* Not inlined: every operation is measured by the same instructions. */
__attribute__((noinline)) bool measure(const struct operation *operation,
				       unsigned int rounds,
				       const struct rom *rom,
				       struct block *block)
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
				block->calls[nr] =
					operation_waited_ticks
						? 0
						: after[nr] - before[nr];
			block->least = ticks;
			block->hits = 0;
		}
		block->hits += ticks == block->least;
	}
	return true;
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
