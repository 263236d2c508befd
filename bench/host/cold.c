/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cold.c - empty caches, predictors and TLBs, as far as CPL 3 allows
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cold.h"

#define LINE_BYTES	64
#define PAGE_BYTES	4096u
#define PAGES		2048	/* more than second-level TLBs hold */
/* More than branch target buffers hold, an odd stride so that all sets are met. */
#define BRANCHES	8192u
#define BRANCH_BYTES	32u
#define NEXT		2741u	/* coprime to BRANCHES */

static void (*branches)(void);
static uint8_t *pages;

static void *memory(size_t bytes, int rights)
{
	void *at = mmap(NULL, bytes, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return at;
}

/*
 * One that jumps to the next; where there is none, ret.  The middle branch is taken
 * or not as the next pseudo-random number in eax says, and leads to the same place.
 */
static void make_branch(uint8_t *code, uint32_t nr, uint32_t next)
{
	static const uint8_t draw[] = {
		0x69, 0xc0, 0x0d, 0x66, 0x19, 0x00,	/* imul $1664525, %eax */
		0x05, 0x5f, 0xf3, 0x6e, 0x3c,		/* add $1013904223, %eax */
		0x85, 0xc0,				/* test %eax, %eax */
		0x78, 0x00,				/* js the next one */
		0xe9,					/* jmp */
	};
	uint8_t *at = code + nr * BRANCH_BYTES;
	uint32_t distance = (next - nr) * BRANCH_BYTES - sizeof(draw) - 4;

	memcpy(at, draw, sizeof(draw));
	memcpy(at + sizeof(draw), &distance, sizeof(distance));
	if (!next)
		at[sizeof(draw) - 1] = 0xc3;
}

void cold_prepare(void)
{
	uint8_t *code = memory(BRANCHES * BRANCH_BYTES,
			       PROT_READ | PROT_WRITE | PROT_EXEC);
	uint32_t nr = 0;

	for (uint32_t i = 0; i < BRANCHES; i++) {
		uint32_t next = (nr + NEXT) % BRANCHES;

		make_branch(code, nr, next);
		nr = next;
	}
	branches = (void (*)(void))code;
	pages = memory((size_t)PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE);
}

void cold_forget(void)
{
	static uint32_t seed = 1;

	for (size_t i = 0; i < PAGES; i++)
		pages[i * PAGE_BYTES + i % PAGE_BYTES / LINE_BYTES * LINE_BYTES]++;
	__asm__ volatile("call *%1" : "+a"(seed) : "r"(branches) : "cc", "memory");
}

void cold_flush(const void *begin, size_t bytes)
{
	const uint8_t *line = (const uint8_t *)begin -
			      (uintptr_t)begin % LINE_BYTES;
	const uint8_t *end = (const uint8_t *)begin + bytes;

	for (; line < end; line += LINE_BYTES)
		__asm__ volatile("clflush %0" : : "m"(*line));
	__asm__ volatile("mfence" : : : "memory");
}
