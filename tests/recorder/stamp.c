/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stamp.c - the ROM that measures every Nth call
 *
 * Its intervals are pseudo-random, so that these figures are the same in every
 * run.
 */
#include <string.h>

#include "recorder.h"

#define CALLS	12000

static void call(const struct rom *rom, enum vmi_call nr)
{
	static const uint32_t none[ROM_STACK_WORDS];
	struct rom_regs regs = { .eflags = ROM_FLAGS };

	emulation.rom = rom;
	rom_invoke(rom_slot(rom, nr), &regs, none, NULL);
}

/* How many records of a call there are, and how many with cycles. */
struct share {
	unsigned int calls, measured;
};

static struct share share_of(const struct reader *reader, enum vmi_call nr)
{
	struct share share = { 0 };

	for (size_t i = 0; i < reader->count; i++)
		if (reader->events[i].call == nr) {
			share.calls++;
			share.measured += reader->events[i].measured;
		}
	return share;
}

/* A loop of two calls, which an interval of two would stay in step with. */
static void make_calls(const struct rom *rom, uint32_t every,
		       struct reader *reader)
{
	reader_start(reader, rom);
	rom->host->every = every;
	rom->ctl->countdown = 1;
	for (int i = 0; i < CALLS / 2; i++) {
		call(rom, VMI_CALL_GetInterruptMask);
		call(rom, VMI_CALL_Pause);
		if (i % 256 == 0)
			reader_take(reader, false);
	}
}

static bool near(unsigned int found, unsigned int expected)
{
	return found > expected - expected / 5 && found < expected + expected / 5;
}

static void test_every(const struct rom *rom, uint32_t every)
{
	struct reader reader;
	struct share one, other;

	make_calls(rom, every, &reader);
	ok(reader_take(&reader, true) && reader.count == CALLS &&
	   reader_adds_up(&reader) && reader.ordered,
	   "stamp: measuring one of %u: all calls are recorded", every);
	one = share_of(&reader, VMI_CALL_GetInterruptMask);
	other = share_of(&reader, VMI_CALL_Pause);
	ok(one.calls == CALLS / 2 && near(one.measured, CALLS / 2 / every) &&
	   near(other.measured, CALLS / 2 / every),
	   "stamp: of either call of a loop one of %u is measured: %u and %u of %u",
	   every, one.measured, other.measured, one.calls);
	reader_free(&reader);
}

void test_stamp(const struct rom *rom)
{
	struct reader reader;
	struct share share;

	memset(&emulation, 0, sizeof(emulation));
	ok(rom->host->every == VMI_STAMP_EVERY, "stamp: one of %u by default",
	   rom->host->every);
	test_every(rom, 2);
	test_every(rom, 16);
	make_calls(rom, 1, &reader);
	reader_take(&reader, true);
	share = share_of(&reader, VMI_CALL_Pause);
	ok(share.measured == share.calls, "stamp: one of 1 is every call");
	reader_free(&reader);

	/* Never measured but for those that always are. */
	reader_start(&reader, rom);
	rom->ctl->countdown = INT32_MAX;
	call(rom, VMI_CALL_GetInterruptMask);
	call(rom, VMI_CALL_INB);
	call(rom, VMI_CALL_CPUID);
	rom->host->stolen += 500;
	call(rom, VMI_CALL_FlushDeferredCalls);
	reader_take(&reader, true);
	ok(reader.count == 4 && !reader.events[0].measured &&
	   reader.events[1].measured && reader.events[2].measured,
	   "stamp: port I/O and CPUID are measured, whatever the count");
	ok(reader.count == 4 && reader.events[3].wide &&
	   !reader.events[3].measured && reader.events[3].stolen_cycles == 500,
	   "stamp: a wide record need not be measured");
	reader_free(&reader);
	rom->host->every = VMI_STAMP_EVERY;
}
