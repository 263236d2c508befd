/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cycles.c - GetCycleCounter: AVAILABLE and STOLEN never run backwards
 *
 * The host publishes stolen cycles in steps, at any moment, and a handler may
 * read at any step of a read.
 */
#include <string.h>

#include <vmi/abi.h>

#include "recorder.h"

#define TRAP_FLAG	0x100
#define STEPS_MAX	2000
#define STEP_CYCLES	50000000	/* published at once */
#define NESTED_CYCLES	3000
#define BOGUS_CYCLES	(1ull << 40)

static const uint32_t none[ROM_STACK_WORDS];

static uint64_t read_counter(const struct rom *rom, uint32_t which,
			     uint32_t flags)
{
	struct rom_regs regs = { .eax = which, .eflags = ROM_FLAGS | flags };

	rom_invoke(rom_slot(rom, VMI_CALL_GetCycleCounter), &regs, none, NULL);
	return (uint64_t)regs.edx << 32 | regs.eax;
}

static uint64_t real(const struct rom *rom)
{
	return read_counter(rom, VMI_CYCLES_REAL, 0);
}

static uint64_t available(const struct rom *rom)
{
	return read_counter(rom, VMI_CYCLES_AVAILABLE, 0);
}

static uint64_t stolen(const struct rom *rom)
{
	return read_counter(rom, VMI_CYCLES_STOLEN, 0);
}

/* What was read last, and what was wrong so far. */
struct history {
	uint64_t available, stolen;
	unsigned int backwards, bad_sum, equal;
};

/* Reads all; where STOLEN is the same before and after, the sum is known. */
static void look(struct history *h, const struct rom *rom)
{
	uint64_t s1 = stolen(rom), r1 = real(rom), a = available(rom);
	uint64_t r2 = real(rom), s2 = stolen(rom);

	h->backwards += s1 < h->stolen || s2 < s1 || a < h->available;
	if (s1 == s2) {
		h->equal++;
		h->bad_sum += a + s1 < r1 || a + s1 > r2;
	}
	h->available = a;
	h->stolen = s2;
}

static void test_steps(const struct rom *rom, const char *name)
{
	struct history h = { .available = 0 };
	uint64_t end;

	rom->host->flags = 0;
	rom->host->stolen = BOGUS_CYCLES;
	look(&h, rom);
	ok(!h.stolen && h.equal && !h.bad_sum,
	   "%s: what the host has not marked as valid is not used", name);
	rom->host->stolen = 0;
	rom->host->flags = VMI_HOST_STOLEN_VALID;
	for (int i = 1; i <= 2; i++) {
		rom->host->stolen += STEP_CYCLES;
		end = real(rom) + STEP_CYCLES;
		do
			look(&h, rom);
		while (real(rom) < end);
	}
	h.equal = 0;
	look(&h, rom);
	ok(h.stolen == 2ull * STEP_CYCLES && h.equal,
	   "%s: STOLEN arrives at what the host says", name);
	rom->host->stolen = 1;
	look(&h, rom);
	rom->host->flags = 0;
	look(&h, rom);
	ok(h.stolen == 2ull * STEP_CYCLES,
	   "%s: STOLEN stays when the host takes it back", name);
	ok(!h.backwards && !h.bad_sum,
	   "%s: AVAILABLE and STOLEN never fall, AVAILABLE is REAL less STOLEN",
	   name);
}

/* A handler that comes once, at a step of a read, and reads too. */
static struct {
	const struct rom *rom;
	unsigned int step;
	uint32_t kind;
	uint64_t got;
	bool came;
} handler;

static void at_each_step(void)
{
	if (emulation.steps != handler.step)
		return;
	handler.came = true;
	handler.rom->host->stolen += NESTED_CYCLES;
	handler.got = read_counter(handler.rom, handler.kind, 0);
}

static void see(struct history *h, uint32_t kind, uint64_t value)
{
	uint64_t *last = kind == VMI_CYCLES_STOLEN ? &h->stolen : &h->available;

	if (*last < value)
		*last = value;
}

/* A read of one kind with the handler's at its step; false: there is none. */
static bool run(struct history *h, uint32_t kind)
{
	uint64_t last[VMI_CYCLES_STOLEN + 1] = { 0 }, got;

	look(h, handler.rom);
	last[VMI_CYCLES_AVAILABLE] = h->available;
	last[VMI_CYCLES_STOLEN] = h->stolen;
	handler.came = false;
	memset(&emulation, 0, sizeof(emulation));
	emulation.each_step = at_each_step;
	got = read_counter(handler.rom, kind, TRAP_FLAG);
	emulation.each_step = NULL;
	if (!handler.came)
		return false;
	h->backwards += got < last[kind] || handler.got < last[handler.kind];
	/* What either of them has seen, the next one sees at least. */
	see(h, kind, got);
	see(h, handler.kind, handler.got);
	look(h, handler.rom);
	return true;
}

static void test_handler(const struct rom *rom, uint32_t outer, uint32_t inner)
{
	static const char *const name[] = { "REAL", "AVAILABLE", "STOLEN" };
	struct history h = { .available = 0 };

	handler.rom = rom;
	handler.kind = inner;
	rom->host->stolen = stolen(rom);
	rom->host->flags = VMI_HOST_STOLEN_VALID;
	for (handler.step = 1; handler.step < STEPS_MAX; handler.step++)
		if (!run(&h, outer))
			break;
	ok(handler.step > 30 && handler.step < STEPS_MAX && !h.backwards &&
	   !h.bad_sum,
	   "%s: %s with a handler that reads %s at each of %u steps; backwards %u, wrong sum %u",
	   rom->locator->name, name[outer], name[inner], handler.step - 1,
	   h.backwards, h.bad_sum);
}

void test_cycles(const char *path)
{
	struct rom rom;

	memset(&emulation, 0, sizeof(emulation));
	rom_map(&rom, path, false);
	rom_init(&rom);
	test_steps(&rom, rom.locator->name);
	for (uint32_t i = 0; i < 4; i++)
		test_handler(&rom,
			     i & 2 ? VMI_CYCLES_STOLEN : VMI_CYCLES_AVAILABLE,
			     i & 1 ? VMI_CYCLES_STOLEN : VMI_CYCLES_AVAILABLE);
}
