/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reentry.c - a handler that calls a traced stub at every instruction of another
 *
 * The call is single-stepped; at step k the trap handler makes a traced call of
 * its own; so for every k there is.  Each time, both calls are recorded or
 * counted as lost, time does not step back, the outer call is marked if and only
 * if the inner one lies in its cycles, and its registers are kept.
 */
#include <stdio.h>
#include <string.h>

#include "recorder.h"

#define TRAP_FLAG	0x100
#define FLAGS_CHECKED	0x8d5
#define STEPS_MAX	2000

/* What the outer call meets. */
enum situation { COMMON, PACKET_FULL, RING_FULL, STOLEN, NEW_EPOCH, SITUATIONS };

static const char *const situation_name[SITUATIONS] = {
	"common", "packet full", "ring full", "stolen", "new epoch",
};

static void fill_packet(const struct rom *rom)
{
	static const uint32_t none[ROM_STACK_WORDS];
	struct rom_regs regs = { .eflags = ROM_FLAGS };

	do
		rom_invoke(rom_slot(rom, VMI_CALL_GetInterruptMask), &regs,
			   none, NULL);
	while (rom->ctl->pos % rom->ctl->subbuf_bytes);
}

static void arrange(const struct rom *rom, enum situation situation)
{
	switch (situation) {
	case PACKET_FULL:
		fill_packet(rom);
		break;
	case RING_FULL:
		rom->host->consumed = rom->ctl->packets -
				      rom->ctl->ring_bytes /
				      rom->ctl->subbuf_bytes + 1;
		fill_packet(rom);
		break;
	case STOLEN:
		rom->host->stolen += 77;
		break;
	case NEW_EPOCH:
		age_packet(rom);
		break;
	default:
		break;
	}
}

struct tally {
	unsigned int runs, bad_sum, bad_order, bad_mark, bad_regs, bad_ring;
	unsigned int marked, lost;
};

/* Marked if and only if the inner call was done between the time stamps. */
static void check_mark(struct tally *tally, const struct reader *reader,
		       enum vmi_call nr)
{
	const struct event *outer = NULL, *inner = NULL;
	bool inside;

	for (size_t i = 0; i < reader->count; i++) {
		if (reader->events[i].call == nr)
			outer = &reader->events[i];
		else
			inner = &reader->events[i];
	}
	if (inner && inner->interrupted)
		tally->bad_mark++;
	if (!outer || !inner)
		return;
	inside = inner->time > outer->time - outer->cycles &&
		 inner->time <= outer->time;
	tally->marked += outer->interrupted;
	if (outer->interrupted != inside)
		tally->bad_mark++;
}

/* What the class of the call keeps, and some more. */
static bool registers_kept(enum vmi_call nr, const struct rom_regs *was,
			   const struct rom_regs *is)
{
	if (nr == VMI_CALL_IN && ((was->eflags ^ is->eflags) & FLAGS_CHECKED))
		return false;
	return (was->ebx == is->ebx || nr == VMI_CALL_CPUID) &&
	       was->esi == is->esi && was->edi == is->edi &&
	       was->ebp == is->ebp && !emulation.bad_faults;
}

/* Returns false when the call has no step k. */
static bool run(struct tally *tally, const struct rom *rom, enum vmi_call nr,
		enum situation situation, unsigned int k)
{
	struct reader reader;
	struct call_case test;
	struct rom_regs was;
	uint32_t consumed;

	rom->host->consumed = rom->ctl->packets;
	memset(&emulation, 0, sizeof(emulation));
	arrange(rom, situation);
	consumed = rom->host->consumed;
	reader_start(&reader, rom);
	rom->host->consumed = consumed;
	emulation.nest_at = k;
	emulation.nest = nr == VMI_CALL_GetInterruptMask ?
				 VMI_CALL_SetInterruptMask :
				 VMI_CALL_GetInterruptMask;
	emulation.nested_regs = (struct rom_regs){ .eax = ROM_FLAGS,
						   .eflags = ROM_FLAGS };
	call_case(&test, nr, test_stack + sizeof(test_stack));
	was = test.regs;
	test.regs.eflags |= TRAP_FLAG;
	if (nr == VMI_CALL_IRET)
		test.stack[2] |= TRAP_FLAG;
	if (nr == VMI_CALL_SetInterruptMask)
		test.regs.eax |= TRAP_FLAG;
	call_make(rom, nr, &test);
	if (!emulation.nested) {
		reader_free(&reader);
		return false;
	}
	tally->runs++;
	tally->bad_regs += !registers_kept(nr, &was, &test.regs);
	if (situation == RING_FULL) {
		/* The packets in between are those of calls before. */
		uint32_t packets = rom->ctl->ring_bytes / rom->ctl->subbuf_bytes;

		if (rom->ctl->lost - reader.lost_before != 2 ||
		    counted(rom) - reader.counted_before != 2 ||
		    rom->ctl->packets - rom->host->consumed != packets)
			tally->bad_sum++;
		tally->lost += 2;
	} else {
		tally->bad_ring += !reader_take(&reader, true);
		tally->bad_sum += !reader_adds_up(&reader) ||
				  counted(rom) - reader.counted_before != 2;
		tally->bad_order += !reader.ordered;
		tally->lost += (unsigned int)(rom->ctl->lost -
					      reader.lost_before);
		check_mark(tally, &reader, nr);
	}
	reader_free(&reader);
	return true;
}

static void test_one(const struct rom *rom, enum vmi_call nr,
		     enum situation situation)
{
	struct tally tally = { .runs = 0 };
	unsigned int k;
	bool good;

	for (k = 1; k < STEPS_MAX; k++)
		if (!run(&tally, rom, nr, situation, k))
			break;
	good = ok(k > 30 && k < STEPS_MAX && !tally.bad_sum &&
		  !tally.bad_order && !tally.bad_mark && !tally.bad_regs &&
		  !tally.bad_ring,
		  "%s, %s: interrupted at each of %u steps, marked at %u, %u lost",
		  call_name(nr), situation_name[situation], tally.runs,
		  tally.marked, tally.lost);
	if (!good)
		diag("steps %u; wrong: sum %u, order %u, mark %u, registers %u, ring %u",
		     k, tally.bad_sum, tally.bad_order, tally.bad_mark,
		     tally.bad_regs, tally.bad_ring);
	if (situation == COMMON)
		ok(tally.marked > 0,
		   "%s: some of them lie between the time stamps",
		   call_name(nr));
}

/*
 * The aggregating ROM: at every step both calls are counted, once each, and the
 * outer one is in a bucket, with a sum, or else interrupted.
 */
static void test_aggregate_one(const struct rom *rom, enum vmi_call nr,
			       bool new_epoch)
{
	enum vmi_call inner = nr == VMI_CALL_GetInterruptMask ?
				      VMI_CALL_SetInterruptMask :
				      VMI_CALL_GetInterruptMask;
	unsigned int k, bad_count = 0, bad_sum = 0, bad_regs = 0, marked = 0;

	for (k = 1; k < STEPS_MAX; k++) {
		const struct vmi_aggregate *entry = &rom->aggregate[nr];
		uint32_t outer_before = aggregated(rom, nr);
		uint32_t inner_before = aggregated(rom, inner);
		uint32_t marks = entry->interrupted;
		uint64_t sum = entry->sum_cycles;
		struct call_case test;
		struct rom_regs was;

		if (new_epoch)
			rom->ctl->epoch--;
		memset(&emulation, 0, sizeof(emulation));
		emulation.nest_at = k;
		emulation.nest = inner;
		emulation.nested_regs = (struct rom_regs){
			.eax = ROM_FLAGS, .eflags = ROM_FLAGS };
		call_case(&test, nr, test_stack + sizeof(test_stack));
		was = test.regs;
		test.regs.eflags |= TRAP_FLAG;
		if (nr == VMI_CALL_IRET)
			test.stack[2] |= TRAP_FLAG;
		if (nr == VMI_CALL_SetInterruptMask)
			test.regs.eax |= TRAP_FLAG;
		call_make(rom, nr, &test);
		if (!emulation.nested)
			break;
		bad_count += aggregated(rom, nr) != outer_before + 1 ||
			     aggregated(rom, inner) != inner_before + 1;
		if (entry->interrupted != marks) {
			marked++;
			bad_sum += entry->sum_cycles != sum;
		} else if (nr != VMI_CALL_IRET) {
			bad_sum += entry->sum_cycles == sum;
		}
		bad_regs += !registers_kept(nr, &was, &test.regs);
	}
	ok(k > 30 && k < STEPS_MAX && marked && !bad_count && !bad_sum &&
	   !bad_regs,
	   "aggregate: %s%s: interrupted at each of %u steps, marked at %u; wrong: count %u, sum %u, registers %u",
	   call_name(nr), new_epoch ? ", new epoch" : "", k - 1, marked,
	   bad_count, bad_sum, bad_regs);
}

void test_aggregate_reentry(const struct rom *rom)
{
	static const enum vmi_call calls[] = {
		VMI_CALL_GetInterruptMask, VMI_CALL_SetInterruptMask,
		VMI_CALL_DisableInterrupts, VMI_CALL_CPUID, VMI_CALL_GetPxE,
		VMI_CALL_IN, VMI_CALL_Init,
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		test_aggregate_one(rom, calls[i], false);
		test_aggregate_one(rom, calls[i], true);
	}
}

void test_reentry(const struct rom *trace)
{
	/* One of each kind of stub; the slow path is common to all. */
	static const struct {
		enum vmi_call nr;
		bool all;
	} calls[] = {
		{ VMI_CALL_GetInterruptMask, true },
		{ VMI_CALL_SetInterruptMask, false },
		{ VMI_CALL_DisableInterrupts, false },
		{ VMI_CALL_CPUID, false },
		{ VMI_CALL_GetPxE, false },
		{ VMI_CALL_IN, true },
		{ VMI_CALL_IRET, false },
		{ VMI_CALL_Init, false },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (int situation = 0; situation < SITUATIONS; situation++)
			if (calls[i].all || situation <= PACKET_FULL)
				test_one(trace, calls[i].nr,
					 (enum situation)situation);
}
