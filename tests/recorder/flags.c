/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flags.c - the flags that every call leaves, for each combination on entry
 *
 * A call leaves flags as the bare instruction does.  Calls that may lose flags
 * may lose the arithmetic ones only.
 */
#include <string.h>

#include "recorder.h"

#define FLAGS_ARITHMETIC	0x8d5	/* OF SF ZF AF PF CF */
#define FLAGS_OTHER		0x200400	/* ID DF */
#define COMBINATIONS		64
#define CALLS_TO_FILL_RING	4096	/* of the image */

enum clobbers { STD, STD_MEM, FLAGS, MEM, INS, OUTS, NONE, NORETURN };

static const enum clobbers classes[VMI_NR_CALLS] = {
#define X(nr, name, nr3, clobbers, ...) [nr] = clobbers,
	VMI_CALLS(X)
#undef X
};

/* Bit i of the number is arithmetic flag i; DF and ID take turns with the rest. */
static uint32_t combination(unsigned int number)
{
	static const uint32_t flags[] = { 0x001, 0x004, 0x010,
					  0x040, 0x080, 0x800 };
	uint32_t all = ROM_FLAGS;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (number & 1u << i)
			all |= flags[i];
	return number % 3 ? all : all | FLAGS_OTHER;
}

/* The flags that are to be found after the call, where `checked` has a bit. */
static uint32_t expected(enum vmi_call nr, const struct call_case *test,
			 uint32_t *checked)
{
	*checked = FLAGS_ARITHMETIC | FLAGS_OTHER;
	if (nr == VMI_CALL_IRET)
		return test->stack[2];
	if (classes[nr] >= MEM)
		return test->regs.eflags;
	*checked = FLAGS_OTHER;
	return nr == VMI_CALL_SetInterruptMask ? test->regs.eax :
						 test->regs.eflags;
}

/* One call; returns whether its flags are right. */
static bool leaves(const struct rom *rom, enum vmi_call nr, unsigned int number)
{
	void *top = test_stack + sizeof(test_stack);
	uint32_t checked, flags, wrong;
	struct call_case test;

	memset(&emulation, 0, sizeof(emulation));
	call_case(&test, nr, top);
	test.regs.eflags = combination(number);
	/* What these two load is not what they find. */
	if (nr == VMI_CALL_IRET)
		test.stack[2] = combination(COMBINATIONS - 1 - number);
	if (nr == VMI_CALL_SetInterruptMask)
		test.regs.eax = combination(COMBINATIONS - 1 - number);
	flags = expected(nr, &test, &checked);
	call_make(rom, nr, &test);
	wrong = (flags ^ test.regs.eflags) & checked;
	if (wrong)
		diag("%s: flags 0x%x, expected 0x%x", call_name(nr),
		     test.regs.eflags & checked, flags & checked);
	return !wrong;
}

/* All of them where they are to be kept, else some. */
static unsigned int step(enum vmi_call nr)
{
	return classes[nr] >= MEM ? 1 : 21;
}

static bool returns(enum vmi_call nr)
{
	return nr != VMI_CALL_Reboot && nr != VMI_CALL_Shutdown;
}

/* Every call; each by the slow path if cycles are stolen before. */
static void test_each(const struct rom *rom, const char *how,
		      uint64_t stolen_cycles)
{
	for (int i = VMI_CALL_CPUID; i < VMI_NR_CALLS; i++) {
		enum vmi_call nr = (enum vmi_call)i;
		unsigned int number;
		bool good = true;

		if (!returns(nr))
			continue;
		for (number = 0; number < COMBINATIONS && good;
		     number += step(nr)) {
			if (stolen_cycles) {
				rom->host->stolen += stolen_cycles;
				rom->host->consumed = rom->ctl->packets;
			}
			good = leaves(rom, nr, number);
		}
		ok(good, "%s%s: %s leaves flags as the instruction does",
		   rom->locator->name, how, call_name(nr));
	}
}

/* A full ring: every call is lost, by the slow path. */
static void fill_ring(const struct rom *rom)
{
	static const uint32_t none[ROM_STACK_WORDS];
	struct rom_regs regs = { .eflags = ROM_FLAGS };

	rom->host->consumed = rom->ctl->packets;
	for (int i = 0; i < CALLS_TO_FILL_RING; i++)
		rom_invoke(rom_slot(rom, VMI_CALL_GetInterruptMask), &regs,
			   none, NULL);
}

static void test_recorder(const struct rom *rom)
{
	uint32_t packets;
	uint64_t lost;

	rom->host->flags = VMI_HOST_OVERWRITE;
	test_each(rom, "", 0);
	rom->host->flags = VMI_HOST_STOLEN_VALID;
	test_each(rom, ", stolen", 1000);
	fill_ring(rom);
	packets = rom->ctl->packets;
	lost = rom->ctl->lost;
	test_each(rom, ", full", 0);
	ok(rom->ctl->lost > lost + COMBINATIONS && rom->ctl->packets == packets,
	   "%s, full: the calls were lost", rom->locator->name);
}

void test_flags(const char *path)
{
	struct rom rom;

	rom_map(&rom, path, false);
	test_each(&rom, " before Init", 0);
	rom_init(&rom);
	if (rom.counters)
		test_recorder(&rom);
	else
		test_each(&rom, "", 0);
}
