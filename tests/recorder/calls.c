/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calls.c - every call: effects, registers kept, stack used, faults, record
 */
#include <stdio.h>
#include <string.h>

#include "recorder.h"

#define STACK_LIMIT_BYTES	32	/* below the return address */
#define STACK_PATTERN		0xc3
#define FLAGS_ARITHMETIC	0x8d5

enum clobbers { STD, STD_MEM, FLAGS, MEM, INS, OUTS, NONE, NORETURN };
enum argument { ARG_NONE, ARG_EAX, ARG_EDX, ARG_ECX, ARG_EIP };

static const struct {
	enum clobbers clobbers;
	enum argument arg;
} rules[VMI_NR_CALLS] = {
#define X(nr, name, nr3, clobbers, segments, returns, arg, ...) \
	[nr] = { clobbers, ARG_##arg },
	VMI_CALLS(X)
#undef X
};

/* Calls whose eax and edx two ROMs need not agree on, or that have no output. */
static bool varies(enum vmi_call nr)
{
	return nr == VMI_CALL_RDTSC || nr == VMI_CALL_GetRelocationInfo ||
	       nr == VMI_CALL_CPUID || nr == VMI_CALL_SetIOPLMask;
}

static bool outputs_eax(enum vmi_call nr)
{
	return nr == VMI_CALL_GetInterruptMask || nr == VMI_CALL_CPUID ||
	       nr == VMI_CALL_IN || nr == VMI_CALL_INB || nr == VMI_CALL_INW;
}

/* Registers that the class of a call keeps, between entry and return. */
static bool keeps(enum vmi_call nr, const struct rom_regs *was,
		  const struct rom_regs *is)
{
	enum clobbers class = rules[nr].clobbers;
	bool cpuid = nr == VMI_CALL_CPUID;
	bool kept = was->ebp == is->ebp;

	kept &= cpuid || was->ebx == is->ebx;
	kept &= class == INS || was->edi == is->edi;
	kept &= class == OUTS || was->esi == is->esi;
	if (class == STD || class == STD_MEM)
		return kept;
	kept &= outputs_eax(nr) || was->eax == is->eax;
	kept &= cpuid || was->edx == is->edx;
	kept &= cpuid || class == INS || class == OUTS || was->ecx == is->ecx;
	/* The frame that IRET returns through has its own. */
	if (class != FLAGS && nr != VMI_CALL_IRET)
		kept &= !((was->eflags ^ is->eflags) & FLAGS_ARITHMETIC);
	return kept;
}

/* Bytes below the return address that a call wrote to. */
static size_t stack_used(void)
{
	size_t i;

	for (i = 0; i < sizeof(test_stack); i++)
		if (test_stack[i] != STACK_PATTERN)
			break;
	return sizeof(test_stack) - ROM_STACK_USED - i;
}

struct outcome {
	struct call_case before, after;
	uint32_t memory[MEMORY_WORDS];
	size_t stack_bytes;
	unsigned int faults, bad_faults;
};

/* Of a ROM that measures every Nth call: how many until then. */
static uint32_t countdown;

static void make(struct outcome *outcome, const struct rom *rom,
		 enum vmi_call nr)
{
	memset(test_stack, STACK_PATTERN, sizeof(test_stack));
	memset(&emulation, 0, sizeof(emulation));
	call_case(&outcome->before, nr, test_stack + sizeof(test_stack));
	outcome->after = outcome->before;
	if (rom->ctl)
		rom->ctl->countdown = countdown;
	call_make(rom, nr, &outcome->after);
	memcpy(outcome->memory, case_memory, sizeof(case_memory));
	outcome->stack_bytes = stack_used();
	outcome->faults = emulation.faults;
	outcome->bad_faults = emulation.bad_faults;
}

/* What both ROMs must do alike. */
static bool same(enum vmi_call nr, const struct outcome *a,
		 const struct outcome *b)
{
	const struct rom_regs *x = &a->after.regs, *y = &b->after.regs;
	bool memory = !memcmp(a->memory, b->memory, sizeof(a->memory));

	if (rules[nr].clobbers == NORETURN || varies(nr))
		return memory;
	if (nr == VMI_CALL_Init)
		return x->eax == 0 && y->eax == 0;
	/* Its result is the mask; arithmetic flags are the call's to lose. */
	if (nr == VMI_CALL_GetInterruptMask)
		return !((x->eax ^ y->eax) & ~FLAGS_ARITHMETIC);
	return memory && x->eax == y->eax && x->edx == y->edx &&
	       x->ebx == y->ebx && x->esi == y->esi && x->edi == y->edi;
}

static uint32_t expected_arg(enum vmi_call nr, const struct call_case *test)
{
	switch (rules[nr].arg) {
	case ARG_EAX:
		return test->regs.eax;
	case ARG_EDX:
		return test->regs.edx;
	case ARG_ECX:
		return test->regs.ecx;
	case ARG_EIP:
		return test->stack[0];
	default:
		return 0;
	}
}

static bool recorded_right(struct reader *reader, enum vmi_call nr,
			   const struct outcome *traced)
{
	const struct event *event;

	if (!reader_take(reader, true) || !reader_adds_up(reader) ||
	    !reader->count)
		return false;
	event = &reader->events[reader->count - 1];
	if (event->call == nr && event->arg == expected_arg(nr, &traced->before) &&
	    event->ret == (uint32_t)rom_invoke_return && !event->interrupted)
		return true;
	diag("call %u, arg 0x%x, ret 0x%x%s", event->call, event->arg,
	     event->ret, event->interrupted ? ", interrupted" : "");
	return false;
}

static void test_call(const struct rom *native, const struct rom *trace,
		      struct reader *reader, enum vmi_call nr)
{
	static struct outcome bare, traced;
	const char *name = call_name(nr);

	make(&bare, native, nr);
	make(&traced, trace, nr);
	ok(same(nr, &bare, &traced), "%s: both ROMs do the same", name);
	ok(keeps(nr, &bare.before.regs, &bare.after.regs),
	   "%s: native keeps the registers of its class", name);
	ok(keeps(nr, &traced.before.regs, &traced.after.regs),
	   "%s: traced keeps the registers of its class", name);
	ok(bare.stack_bytes <= STACK_LIMIT_BYTES || nr == VMI_CALL_Reboot,
	   "%s: native uses %zu bytes of stack", name, bare.stack_bytes);
	ok(traced.stack_bytes <= STACK_LIMIT_BYTES,
	   "%s: traced uses %zu bytes of stack", name, traced.stack_bytes);
	ok(!bare.bad_faults && !traced.bad_faults &&
	   bare.faults == traced.faults,
	   "%s: %u faults are as the descriptors say", name, traced.faults);
	ok(recorded_right(reader, nr, &traced), "%s: recorded", name);
}

/* The slow path keeps to the same rules: it has more to do in the same stack. */
static void test_slow(const struct rom *trace, struct reader *reader,
		      enum vmi_call nr)
{
	static struct outcome outcome;
	const struct event *event;

	trace->host->stolen += 1000;
	make(&outcome, trace, nr);
	ok(keeps(nr, &outcome.before.regs, &outcome.after.regs) &&
	   outcome.stack_bytes <= STACK_LIMIT_BYTES && !outcome.bad_faults,
	   "%s: the slow path keeps registers, uses %zu bytes of stack",
	   call_name(nr), outcome.stack_bytes);
	ok(recorded_right(reader, nr, &outcome), "%s: recorded slowly",
	   call_name(nr));
	event = &reader->events[reader->count - 1];
	ok(event->wide && event->stolen_cycles == 1000,
	   "%s: with what was stolen", call_name(nr));
}

/* A kernel's fixup: the call is dropped, and nothing is left behind. */
static void test_fix_up(const struct rom *rom, struct reader *reader,
			enum vmi_call nr)
{
	struct call_case test;
	struct rom_regs was;
	uint32_t before = counted(rom);

	memset(&emulation, 0, sizeof(emulation));
	emulation.fix_up = true;
	call_case(&test, nr, test_stack + sizeof(test_stack));
	was = test.regs;
	call_make(rom, nr, &test);
	ok(emulation.faults == 1 && was.ebx == test.regs.ebx &&
	   was.esi == test.regs.esi && was.edi == test.regs.edi &&
	   was.ebp == test.regs.ebp && counted(rom) == before &&
	   reader_take(reader, true) && reader_adds_up(reader),
	   "%s: a fault that the kernel fixes up leaves no trace",
	   call_name(nr));
}

void test_calls(const struct rom *native, const struct rom *trace,
		uint32_t start)
{
	struct reader reader;
	uint32_t before = trace->counters[VMI_CALL_Init];

	countdown = start;
	reader_start(&reader, trace);
	for (int nr = VMI_FIRST_CALL; nr < VMI_NR_CALLS; nr++)
		test_call(native, trace, &reader, (enum vmi_call)nr);
	for (int nr = VMI_FIRST_CALL; nr < VMI_NR_CALLS; nr++)
		test_slow(trace, &reader, (enum vmi_call)nr);
	ok(trace->counters[VMI_CALL_Init] == before + 2, "Init is idempotent");
	test_fix_up(trace, &reader, VMI_CALL_RDMSR);
	test_fix_up(trace, &reader, VMI_CALL_WRMSR);
	test_fix_up(trace, &reader, VMI_CALL_INB);
	test_fix_up(trace, &reader, VMI_CALL_OUTSW);
	ok(reader.ordered, "no time stamp steps back");
	reader_free(&reader);
}

uint32_t aggregated(const struct rom *rom, enum vmi_call nr)
{
	const struct vmi_aggregate *entry = &rom->aggregate[nr];
	uint32_t count = entry->interrupted;

	for (int b = 0; b < VMI_AGG_BUCKETS; b++)
		count += entry->bucket[b];
	return count;
}

/* Is there one call more of that number, none other, and a sum that fits? */
static bool added_up(const struct rom *rom, enum vmi_call nr,
		     const struct vmi_aggregate *before)
{
	const struct vmi_aggregate *now = rom->aggregate;
	uint64_t cycles = now[nr].sum_cycles - before[nr].sum_cycles;
	int bucket = cycles ? 64 - __builtin_clzll(cycles) : 0;

	if (bucket >= VMI_AGG_BUCKETS)
		bucket = VMI_AGG_BUCKETS - 1;
	for (int i = 0; i < VMI_NR_SLOTS; i++)
		if (i != (int)nr && memcmp(&now[i], &before[i], sizeof(*now)) != 0)
			return false;
	for (int b = 0; b < VMI_AGG_BUCKETS; b++)
		if (now[nr].bucket[b] - before[nr].bucket[b] !=
		    (uint32_t)(b == bucket))
			return false;
	return now[nr].interrupted == before[nr].interrupted;
}

/* The bucket of a call that takes long, and of one beyond 32 bits. */
static void test_long(const struct rom *rom)
{
	struct vmi_aggregate *entry = &rom->aggregate[VMI_CALL_INB];
	uint32_t before[VMI_AGG_BUCKETS];
	static const uint32_t none[ROM_STACK_WORDS];
	struct rom_regs regs = { .eflags = ROM_FLAGS };
	uint32_t more = 0;

	memcpy(before, entry->bucket, sizeof(before));
	memset(&emulation, 0, sizeof(emulation));
	emulation.rom = rom;
	emulation.at_call = regs;
	emulation.return_address = (uint32_t)rom_invoke_return;
	emulation.sleep_us = 20000;
	rom_invoke(rom_slot(rom, VMI_CALL_INB), &regs, none, NULL);
	/* 20 ms are 2^21 cycles and more at any rate from 105 MHz on. */
	for (int b = 22; b < VMI_AGG_BUCKETS; b++)
		more += entry->bucket[b] - before[b];
	ok(more == 1, "aggregate: a long call is in a high bucket");
}

void test_aggregate_calls(const struct rom *native, const struct rom *rom)
{
	static struct vmi_aggregate before[VMI_NR_SLOTS];
	static struct outcome bare, added;

	for (int i = VMI_FIRST_CALL; i < VMI_NR_CALLS; i++) {
		enum vmi_call nr = (enum vmi_call)i;
		const char *name = call_name(nr);

		make(&bare, native, nr);
		/* The sum's low half wraps in this call: the carry counts. */
		rom->aggregate[nr].sum_cycles = 0xfffffffe;
		memcpy(before, rom->aggregate, sizeof(before));
		make(&added, rom, nr);
		ok(same(nr, &bare, &added) &&
		   keeps(nr, &added.before.regs, &added.after.regs),
		   "aggregate: %s: effects and registers as native", name);
		ok(added.stack_bytes <= STACK_LIMIT_BYTES &&
		   !added.bad_faults && bare.faults == added.faults,
		   "aggregate: %s: %zu bytes of stack, %u faults", name,
		   added.stack_bytes, added.faults);
		ok(added_up(rom, nr, before), "aggregate: %s: added up", name);
	}
	test_long(rom);
}

/* Before Init: the effects, and not a byte of state. */
void test_off(const struct rom *trace)
{
	static uint8_t state[VMI_CTL_BYTES + VMI_HOST_BYTES + 4 * VMI_NR_SLOTS];
	static struct outcome outcome;
	bool kept = true, small = true;

	memcpy(state, trace->ctl, sizeof(state));
	for (int nr = VMI_CALL_CPUID; nr < VMI_NR_CALLS; nr++) {
		make(&outcome, trace, (enum vmi_call)nr);
		kept &= keeps((enum vmi_call)nr, &outcome.before.regs,
			      &outcome.after.regs);
		small &= outcome.stack_bytes <= STACK_LIMIT_BYTES;
	}
	ok(kept, "before Init: calls keep the registers of their class");
	ok(small, "before Init: calls use at most 32 bytes of stack");
	/* Its countdown runs as soon as the memory can be written. */
	((struct vmi_trace_ctl *)state)->countdown = trace->ctl->countdown;
	((struct vmi_trace_ctl *)state)->seed = trace->ctl->seed;
	ok(!memcmp(state, trace->ctl, sizeof(state)),
	   "before Init: calls leave no trace");
}
