/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * replace.c - entries of 64 bits are replaced in one piece, and caches kept
 *
 * At each step of a call the entry in memory is looked at, as a processor may that
 * needs it right then, or is stored to, as a handler may.
 */
#include <string.h>

#include "recorder.h"

#define TRAP_FLAG	0x100
#define STEPS_MAX	2000
#define DESCRIPTOR_P	(1ull << 47)
#define PAGE_P		1ull
#define OLD_ENTRY	(0x1111111022222220ull & ~DESCRIPTOR_P)
#define NEW_ENTRY	(0x4444444055555550ull & ~DESCRIPTOR_P)
#define HANDLER_ENTRY	(0x6666666877777770ull | PAGE_P)
#define INDEX		1

static const struct {
	enum vmi_call nr;
	uint64_t present;	/* the bit */
	bool clears;		/* there is no new value */
} calls[] = {
	{ VMI_CALL_WriteGDTEntry, DESCRIPTOR_P, false },
	{ VMI_CALL_WriteLDTEntry, DESCRIPTOR_P, false },
	{ VMI_CALL_WriteIDTEntry, DESCRIPTOR_P, false },
	{ VMI_CALL_SetPxELong, PAGE_P, false },
	{ VMI_CALL_SetPxELongFlags, PAGE_P, false },
	{ VMI_CALL_SwapPxELongAtomic, PAGE_P, false },
	{ VMI_CALL_DeactivatePxELongAtomic, PAGE_P, true },
};

static uint64_t table[INDEX + 1] __attribute__((aligned(8)));

/* What is being looked for. */
static struct {
	uint64_t old, new, present;
	unsigned int halves, gone;
	unsigned int store_at;	/* step of the handler that stores, or 0 */
} watch;

static void look(void)
{
	uint64_t now = table[INDEX];

	if (watch.store_at == emulation.steps)
		table[INDEX] = HANDLER_ENTRY;
	if (watch.store_at || now == watch.old || now == watch.new)
		return;
	if (now & watch.present)
		watch.halves++;
	else
		watch.gone++;
}

/* Single-steps the call; returns edx:eax. */
static uint64_t replace(const struct rom *rom, enum vmi_call nr)
{
	uint32_t low = (uint32_t)watch.new, high = (uint32_t)(watch.new >> 32);
	uint32_t entry = (uint32_t)&table[INDEX];
	struct rom_regs regs = { .eax = low, .edx = high, .ecx = entry,
				 .eflags = ROM_FLAGS | TRAP_FLAG };
	uint32_t stack[ROM_STACK_WORDS] = { high };

	if (watch.present == DESCRIPTOR_P) {
		regs.eax = (uint32_t)table;
		regs.edx = INDEX;
		regs.ecx = low;
	} else if (nr == VMI_CALL_DeactivatePxELongAtomic) {
		regs.eax = entry;
	}
	table[INDEX] = watch.old;
	memset(&emulation, 0, sizeof(emulation));
	emulation.each_step = look;
	rom_invoke(rom_slot(rom, nr), &regs, stack, NULL);
	emulation.each_step = NULL;
	return (uint64_t)regs.edx << 32 | regs.eax;
}

/* Each combination of an old and a new one that are present or not. */
static void test_whole(const struct rom *rom, const char *name, size_t i)
{
	unsigned int halves = 0, gone = 0, bad_end = 0;

	for (unsigned int bits = 0; bits < 4; bits++) {
		memset(&watch, 0, sizeof(watch));
		watch.present = calls[i].present;
		watch.old = OLD_ENTRY | (bits & 1 ? watch.present : 0);
		watch.new = NEW_ENTRY | (bits & 2 ? watch.present : 0);
		if (calls[i].clears)
			watch.new = 0;
		replace(rom, calls[i].nr);
		halves += watch.halves;
		if ((bits & 1) && (bits & 2))
			gone += watch.gone;
		bad_end += table[INDEX] != watch.new;
	}
	ok(!halves && !gone && !bad_end,
	   "%s: %s: no step shows a half of an entry, or none; halves %u, none %u, wrong at the end %u",
	   name, call_name(calls[i].nr), halves, gone, bad_end);
}

/* What the handler stores is returned whole, or stays. */
static void test_handler(const struct rom *rom, const char *name,
			 enum vmi_call nr)
{
	unsigned int k, wrong = 0;
	uint64_t old;

	for (k = 1; k < STEPS_MAX; k++) {
		memset(&watch, 0, sizeof(watch));
		watch.present = PAGE_P;
		watch.old = OLD_ENTRY | PAGE_P;
		watch.new = nr == VMI_CALL_DeactivatePxELongAtomic ? 0 :
								     NEW_ENTRY;
		watch.store_at = k;
		old = replace(rom, nr);
		if (emulation.steps < k)
			break;
		if (!(old == watch.old && table[INDEX] == HANDLER_ENTRY) &&
		    !(old == HANDLER_ENTRY && table[INDEX] == watch.new))
			wrong++;
	}
	ok(k > 5 && k < STEPS_MAX && !wrong,
	   "%s: %s: what a handler stores at any of %u steps is not lost; wrong %u",
	   name, call_name(nr), k - 1, wrong);
}

/* Nothing that was written is thrown away. */
static void test_caches(const struct rom *rom, const char *name)
{
	static const enum vmi_call both[] = { VMI_CALL_INVD, VMI_CALL_WBINVD };

	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		struct rom_regs regs = { .eflags = ROM_FLAGS };
		static const uint32_t none[ROM_STACK_WORDS];

		memset(&emulation, 0, sizeof(emulation));
		rom_invoke(rom_slot(rom, both[i]), &regs, none, NULL);
		ok(!emulation.invd && emulation.wbinvd == 1,
		   "%s: %s: the caches are written back", name,
		   call_name(both[i]));
	}
}

void test_replace(const char *path)
{
	const char *name;
	struct rom rom;

	rom_map(&rom, path, false);
	name = rom.locator->name;
	memset(&emulation, 0, sizeof(emulation));
	rom_init(&rom);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		test_whole(&rom, name, i);
	test_handler(&rom, name, VMI_CALL_SwapPxELongAtomic);
	test_handler(&rom, name, VMI_CALL_DeactivatePxELongAtomic);
	test_caches(&rom, name);
}
