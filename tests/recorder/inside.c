/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inside.c - what changes while a call is on its way, at every step of it
 *
 * A call is stopped in front of one of its instructions.  There time passes,
 * cycles are stolen, the ring fills up, or the host takes packets, and a handler
 * makes a traced call; so for every instruction, every such change, every state of
 * the ring that the call may meet, and every call.  Some calls later the whole
 * ring is read: no packet may be overwritten that nobody has taken, each call is in
 * it or counted as lost, time never steps back, and the call is marked if and only
 * if the handler's lies in its cycles.
 *
 * The TSC is this file's own (rdtsc faults and emulate.c answers), so that an epoch
 * can end between any two instructions, and does not elsewhere.
 */
#include <stdio.h>
#include <string.h>

#include "recorder.h"

#define TRAP_FLAG	0x100
#define FLAGS_CHECKED	0x8d5
#define CALLS_AFTER	2
#define LONG_CYCLES	((uint64_t)1 << 23)
#define EPOCH_CYCLES	((uint64_t)1 << 32)
#define FIRST_TSC	(5 * EPOCH_CYCLES + 0x10000000)
#define STOLEN_CYCLES	77

/* What the call meets. */
enum state {
	ROOMY,		/* a packet is open */
	LAST_ROOM,	/* for one compact record more */
	FILLED,		/* open and full */
	CLOSED,		/* no packet is open, the ring is empty */
	RING_LAST_ROOM,	/* the same, and no sub-buffer is free */
	RING_FULL,	/* nor is a packet open */
	STATES
};

static const char *const state_name[STATES] = {
	"roomy", "last room", "packet full", "no packet open",
	"last room of the ring", "ring full",
};

/* What comes in between; most bring a handler's call with them. */
#define WITH_CALL	0x01
#define TIME_LONG	0x02
#define TIME_EPOCH	0x04
#define STOLEN		0x08
#define RING_FILLS	0x10	/* no sub-buffer is free from now on */
#define HOST_TAKES	0x20	/* all closed packets */

static const struct {
	const char *name;
	unsigned int what;
} changes[] = {
	{ "a call", WITH_CALL },
	{ "2^23 cycles", TIME_LONG },
	{ "2^23 cycles and a call", TIME_LONG | WITH_CALL },
	{ "the end of an epoch", TIME_EPOCH },
	{ "the end of an epoch and a call", TIME_EPOCH | WITH_CALL },
	{ "stolen cycles", STOLEN },
	{ "stolen cycles and a call", STOLEN | WITH_CALL },
	{ "a ring that fills up, and a call", RING_FILLS | WITH_CALL },
	{ "a ring that fills up, stolen cycles and a call",
	  RING_FILLS | STOLEN | WITH_CALL },
	{ "a ring that fills up, the end of an epoch and a call",
	  RING_FILLS | TIME_EPOCH | WITH_CALL },
	{ "a host that takes packets, and a call", HOST_TAKES | WITH_CALL },
};

#define NR_CHANGES	(sizeof(changes) / sizeof(changes[0]))

struct wrong {
	unsigned int ring, sum, order, mark, regs;
};

static uint32_t countdown;	/* of the ROM that has one */

static uint32_t nr_subbufs(const struct rom *rom)
{
	return rom->ctl->ring_bytes / rom->ctl->subbuf_bytes;
}

/* Records of a packet of so many bytes, as a ROM would have written them. */
static void fabricate(const struct rom *rom, uint32_t nr, uint32_t bytes,
		      bool closed)
{
	struct vmi_packet *packet = rom_packet(rom, nr);
	struct vmi_record *record = (struct vmi_record *)(packet + 1);
	uint32_t units = rom->ctl->subbuf_bytes / VMI_REC_BYTES - 4;
	uint32_t used = (bytes - VMI_PKT_HEADER_BYTES) / VMI_REC_BYTES;

	*packet = (struct vmi_packet){
		.time_begin = emulation.tsc,
		.time_end = emulation.tsc,
		.lost = rom->ctl->lost,
		.packet_bits = closed ? bytes * 8 : 0,
		.seq = nr,
	};
	for (uint32_t i = 0; i < units; i++)
		record[i] = (struct vmi_record){
			.time = (uint32_t)emulation.tsc,
			.word = i < used ? VMI_CALL_CPUID << VMI_REC_CALL_SHIFT
					 : 0,
			.ret = FABRICATED,
		};
}

/*
 * The ring in that state; returns the first packet that the host has not taken.
 */
static uint32_t arrange(const struct rom *rom, enum state state)
{
	struct vmi_trace_ctl *ctl = rom->ctl;
	const uint32_t size = ctl->subbuf_bytes, nr = ctl->packets + 1;
	uint32_t first = nr, packet = nr;
	uint32_t used = size - VMI_REC_BYTES;

	if (state == ROOMY)
		used = VMI_PKT_HEADER_BYTES + 5 * VMI_REC_BYTES;
	if (state == FILLED)
		used = size;
	if (state == CLOSED)
		used = 0;
	if (state == RING_LAST_ROOM || state == RING_FULL)
		packet = first + nr_subbufs(rom) - 1;
	if (state == RING_FULL) {
		packet++;
		used = 0;
	}
	for (uint32_t n = first; n != packet; n++)
		fabricate(rom, n, size, true);
	if (used)
		fabricate(rom, packet, used, false);
	ctl->packets = packet;
	ctl->pos = packet * size + used;
	ctl->open = used != 0;
	ctl->epoch = (uint32_t)(emulation.tsc >> 32);
	ctl->last = (uint32_t)emulation.tsc;
	ctl->stolen_seen = (uint32_t)rom->host->stolen;
	ctl->stolen_seen_hi = (uint32_t)(rom->host->stolen >> 32);
	ctl->countdown = countdown;
	rom->host->consumed = first;
	return first;
}

/* Of the run under way. */
static unsigned int change_what;
static struct reader reader;

static void change(void)
{
	const struct rom *rom = emulation.rom;

	if (change_what & TIME_LONG)
		emulation.tsc += LONG_CYCLES;
	if (change_what & TIME_EPOCH)
		emulation.tsc += EPOCH_CYCLES;
	if (change_what & STOLEN)
		rom->host->stolen += STOLEN_CYCLES;
	if (change_what & RING_FILLS)
		rom->host->consumed = rom->ctl->packets + rom->ctl->open -
				      nr_subbufs(rom);
	if (change_what & HOST_TAKES)
		reader_poll(&reader);
}

static enum vmi_call handler_call(enum vmi_call nr)
{
	return nr == VMI_CALL_GetInterruptMask ? VMI_CALL_SetInterruptMask
					       : VMI_CALL_GetInterruptMask;
}

static void begin(const struct rom *rom)
{
	uint64_t tsc = emulation.tsc;

	memset(&emulation, 0, sizeof(emulation));
	emulation.tsc = tsc;
	emulation.rom = rom;
}

/* What the class of the call keeps, and some more. */
static bool registers_kept(enum vmi_call nr, const struct rom_regs *was,
			   const struct rom_regs *is)
{
	const bool ins = nr == VMI_CALL_INS || nr == VMI_CALL_INSB ||
			 nr == VMI_CALL_INSW;
	const bool outs = nr == VMI_CALL_OUTS || nr == VMI_CALL_OUTSB ||
			  nr == VMI_CALL_OUTSW;

	if (nr == VMI_CALL_Reboot || nr == VMI_CALL_Shutdown)
		return true;
	if (nr == VMI_CALL_IN && ((was->eflags ^ is->eflags) & FLAGS_CHECKED))
		return false;
	return (was->ebx == is->ebx || nr == VMI_CALL_CPUID) &&
	       (was->esi == is->esi || outs) && (was->edi == is->edi || ins) &&
	       was->ebp == is->ebp && !emulation.bad_faults;
}

/* Where the call goes when nothing comes in between. */
static void find_path(const struct rom *rom, enum vmi_call nr)
{
	struct call_case test;

	begin(rom);
	call_case(&test, nr, test_stack + sizeof(test_stack));
	test.regs.eflags |= TRAP_FLAG;
	if (nr == VMI_CALL_IRET)
		test.stack[2] |= TRAP_FLAG;
	if (nr == VMI_CALL_SetInterruptMask)
		test.regs.eax |= TRAP_FLAG;
	call_make(rom, nr, &test);
}

/* The call, with the change in front of the instruction at `address`. */
static bool call_stopped(const struct rom *rom, enum vmi_call nr,
			 const uint8_t *address)
{
	struct call_case test;
	struct rom_regs was;

	begin(rom);
	emulation.change = change;
	emulation.nest = change_what & WITH_CALL ? handler_call(nr) : 0;
	emulation.nested_regs = (struct rom_regs){ .eax = ROM_FLAGS,
						   .eflags = ROM_FLAGS };
	call_case(&test, nr, test_stack + sizeof(test_stack));
	was = test.regs;
	stop_at(address);
	call_make(rom, nr, &test);
	return stop_passed() && registers_kept(nr, &was, &test.regs);
}

static void calls_after(const struct rom *rom)
{
	static const uint32_t none[ROM_STACK_WORDS];

	for (int i = 0; i < CALLS_AFTER; i++) {
		struct rom_regs regs = { .eflags = ROM_FLAGS };

		rom_invoke(rom_slot(rom, VMI_CALL_Pause), &regs, none, NULL);
	}
}

static void run(const struct rom *rom, enum vmi_call nr, enum state state,
		const uint8_t *address, struct wrong *wrong)
{
	size_t fabricated;
	uint32_t first = arrange(rom, state);

	reader_start(&reader, rom);
	reader.next = first;
	reader.open_done = 0;
	rom->host->consumed = first;
	/* What is there already is read, too, but was counted by nobody. */
	fabricated = reader_unread(&reader);
	wrong->regs += !call_stopped(rom, nr, address);
	calls_after(rom);
	if (!reader_take(&reader, true)) {
		wrong->ring++;
	} else {
		const uint64_t lost = rom->ctl->lost - reader.lost_before;
		const uint32_t calls = counted(rom) - reader.counted_before;

		wrong->sum += calls + fabricated != reader.count + lost ||
			      calls != 1u + CALLS_AFTER +
					       !!(change_what & WITH_CALL);
		wrong->order += !reader.ordered;
		wrong->mark += !reader_marked_right(&reader, nr,
						    handler_call(nr));
	}
	reader_free(&reader);
}

/* Returns the steps that the call has, 0 if something was wrong at one. */
static unsigned int test_call(const struct rom *rom, enum vmi_call nr,
			      enum state state, unsigned int nr_change)
{
	static const uint8_t *path[PATH_MAX_STEPS];
	struct wrong wrong = { 0 };
	unsigned int steps;

	clock_virtual(FIRST_TSC);
	arrange(rom, state);
	find_path(rom, nr);
	steps = emulation.path_length;
	memcpy(path, emulation.path, sizeof(path));
	change_what = changes[nr_change].what;
	for (unsigned int i = 0; i < steps; i++)
		run(rom, nr, state, path[i], &wrong);
	clock_real();
	if (steps > 20 && !wrong.ring && !wrong.sum && !wrong.order &&
	    !wrong.mark && !wrong.regs)
		return steps;
	diag("%s, %s, %s: %u steps; wrong: ring %u, sum %u, order %u, mark %u, registers %u",
	     call_name(nr), state_name[state], changes[nr_change].name, steps,
	     wrong.ring, wrong.sum, wrong.order, wrong.mark, wrong.regs);
	return 0;
}

/* One of each kind of stub meets all states, the others the first. */
static bool meets(enum vmi_call nr, enum state state)
{
	switch (nr) {
	case VMI_CALL_GetInterruptMask:
	case VMI_CALL_SetInterruptMask:
	case VMI_CALL_CPUID:
	case VMI_CALL_GetPxE:
	case VMI_CALL_IN:
	case VMI_CALL_IRET:
	case VMI_CALL_SYSEXIT:
	case VMI_CALL_Init:
		return true;
	default:
		return state == ROOMY;
	}
}

void test_inside(const struct rom *rom, uint32_t start)
{
	const char *name = rom->locator->name;

	countdown = start;
	for (int state = 0; state < STATES; state++)
		for (unsigned int i = 0; i < NR_CHANGES; i++) {
			unsigned int calls = 0, good = 0, steps = 0;

			for (int nr = VMI_FIRST_CALL; nr < VMI_NR_CALLS; nr++) {
				unsigned int stepped;

				if (!meets((enum vmi_call)nr, (enum state)state))
					continue;
				stepped = test_call(rom, (enum vmi_call)nr,
						    (enum state)state, i);
				calls++;
				good += stepped != 0;
				steps += stepped;
			}
			ok(good == calls,
			   "%s, countdown %u: %s, in between %s: %u calls, %u steps",
			   name, countdown, state_name[state], changes[i].name,
			   calls, steps);
		}
}

/*
 * The aggregating ROM: both calls are counted, once each, and the outer one is in
 * a bucket, with a sum, or else interrupted.
 */
static bool aggregate_once(const struct rom *rom, enum vmi_call nr,
			   const uint8_t *address)
{
	const struct vmi_aggregate *entry = &rom->aggregate[nr];
	const enum vmi_call inner = handler_call(nr);
	const uint32_t outer_before = aggregated(rom, nr);
	const uint32_t inner_before = aggregated(rom, inner);
	const uint32_t marks = entry->interrupted;
	const uint64_t sum = entry->sum_cycles;
	bool good = call_stopped(rom, nr, address);

	good &= aggregated(rom, nr) == outer_before + 1 &&
		aggregated(rom, inner) ==
			inner_before + !!(change_what & WITH_CALL);
	if (entry->interrupted != marks)
		return good && change_what & WITH_CALL &&
		       entry->sum_cycles == sum;
	return good && entry->sum_cycles - sum < 3 * EPOCH_CYCLES;
}

static void test_aggregate_change(const struct rom *rom, unsigned int nr_change)
{
	static const uint8_t *path[PATH_MAX_STEPS];
	unsigned int bad = 0, steps = 0;

	for (int i = VMI_FIRST_CALL; i < VMI_NR_CALLS; i++) {
		const enum vmi_call nr = (enum vmi_call)i;
		unsigned int length;

		clock_virtual(FIRST_TSC);
		/* No call was later than that. */
		rom->ctl->epoch = (uint32_t)(FIRST_TSC >> 32);
		rom->ctl->last = 0;
		find_path(rom, nr);
		length = emulation.path_length;
		memcpy(path, emulation.path, sizeof(path));
		change_what = changes[nr_change].what;
		steps += length;
		for (unsigned int k = 0; k < length; k++) {
			if (aggregate_once(rom, nr, path[k]))
				continue;
			if (!bad++)
				diag("aggregate: %s: wrong at step %u",
				     call_name(nr), k);
		}
		clock_real();
	}
	ok(!bad && steps > 20 * VMI_NR_CALLS / 2,
	   "aggregate, in between %s: %u steps", changes[nr_change].name, steps);
}

void test_aggregate_inside(const struct rom *rom)
{
	for (unsigned int i = 0; i < NR_CHANGES; i++)
		if (!(changes[i].what & ~(WITH_CALL | TIME_LONG | TIME_EPOCH)))
			test_aggregate_change(rom, i);
}
