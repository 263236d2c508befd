/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * raw.c - measure every form of a call in turn, and print the samples
 *
 * Each form is a loop of COPIES times the code, so that the loop weighs little;
 * what the same loop takes without the code, measured in the same round, is
 * subtracted.  The same once more, cold: a loop of one turn and one copy, before
 * which the CPU is made to forget what it has of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cold.h"
#include "cost.h"
#include "lib/tsc_step.h"
#include "lttng.h"
#include "raw.h"
#include "trap.h"

#define COPIES		8
#define TURNS		180	/* their records fit in the ring */
#define TRAP_TURNS	4	/* a trap takes thousands of cycles */
#define WARM_UP_ROUNDS	20
#define CODE_BYTES_MAX	32
#define POINTS_MAX	224
#define COLD_SAMPLES_MAX	101	/* they take a millisecond each, not microseconds */

static uint64_t page_entry[2];

/* A call, its arguments, and the bare instruction of calls.h. */
struct raw_call {
	enum vmi_call nr;
	const char *name;
	bool has_args;
	struct cost_args args;
	uint8_t native_bytes;
	uint8_t native[CODE_BYTES_MAX];
};

#define ENTRY (uint32_t)page_entry
#define BYTES(...) sizeof((uint8_t[]){ __VA_ARGS__ }), { __VA_ARGS__ }
#define CALL(call, ...) \
	{ VMI_CALL_##call, #call, false, { 0 }, BYTES(__VA_ARGS__) }
#define CALL_ARGS(call, eax, edx, ecx, ...) \
	{ VMI_CALL_##call, #call, true, { eax, edx, ecx }, BYTES(__VA_ARGS__) }

/* All that changes nothing but registers and page_entry, at CPL 3. */
static const struct raw_call calls[] = {
	CALL(GetInterruptMask, 0x9c, 0x58),
	CALL_ARGS(SetInterruptMask, ROM_FLAGS, 0, 0, 0x50, 0x9d),
	CALL(RDTSC, 0x0f, 0x31),
	CALL(Pause, 0xf3, 0x90),
	CALL_ARGS(SetPxE, ENTRY, 0, 0, 0x89, 0x10),
	CALL_ARGS(GetPxE, ENTRY, 0, 0, 0x8b, 0x00),
	CALL_ARGS(SwapPxE, ENTRY, 1, 0, 0x87, 0x10, 0x89, 0xd0),
	CALL_ARGS(GetPxELong, ENTRY, 0, 0, 0x8b, 0x50, 0x04, 0x8b, 0x00),
	CALL_ARGS(TestAndSetPxEBit, ENTRY, 5, 0,
		  0xf0, 0x0f, 0xab, 0x10, 0x19, 0xc0),
	CALL_ARGS(TestAndClearPxEBit, ENTRY, 5, 0,
		  0xf0, 0x0f, 0xb3, 0x10, 0x19, 0xc0),
	CALL_ARGS(FlushDeferredCalls, 0, 0, 0, 0x90),
};

static const struct raw_call trapped[] = {
	CALL(DisableInterrupts, 0xfa),
	CALL(EnableInterrupts, 0xfb),
};

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* One case line, or an empty loop when call is NULL. */
struct point {
	const char *call, *form;
	struct cost_loop loop;
	const struct point *empty;	/* to subtract; NULL = nothing */
	unsigned int turns;
	bool cold;
	const struct rom *rom;	/* that is called; NULL = none */
	const void *data;	/* a line of it that the code touches, or NULL */
	double *samples;
};

struct raw {
	const struct raw_roms *roms;
	unsigned int nr_samples;
	struct point points[POINTS_MAX];
	size_t nr_points;
	struct lttng lttng;
};

static struct point *add(struct raw *raw, const char *call, const char *form,
			 struct cost_loop loop, const struct point *empty)
{
	struct point *point = &raw->points[raw->nr_points++];

	if (raw->nr_points > POINTS_MAX)
		abort();
	*point = (struct point){
		.call = call,
		.form = form,
		.loop = loop,
		.empty = empty,
		.turns = empty && empty->cold ? 1 : TURNS,
		.cold = empty && empty->cold,
	};
	point->samples = calloc(raw->nr_samples, sizeof(*point->samples));
	if (!point->samples) {
		perror("calloc");
		exit(1);
	}
	return point;
}

static void skip(const char *call, const char *form, const char *why)
{
	printf("skip call=%s form=%s why=%s\n", call, form, why);
}

/*
 * incl %gs:counter, then the instruction.  gs is where a 32-bit process has its
 * own data, as the kernel has its per-CPU data behind fs: the same 7 bytes.
 */
static __thread uint32_t counter[VMI_NR_SLOTS];

static struct cost_loop count_loop(const struct raw_call *call,
				   const struct cost_args *args,
				   unsigned int copies)
{
	uint8_t code[3 + 4 + CODE_BYTES_MAX] = { 0x65, 0xff, 0x05 };
	uint32_t base, offset;

	/* The first word of the segment is its own linear address. */
	__asm__("mov %%gs:0, %0" : "=r"(base));
	offset = (uint32_t)&counter[call->nr] - base;
	memcpy(code + 3, &offset, sizeof(offset));
	memcpy(code + 7, call->native, call->native_bytes);
	return cost_loop_bytes(args, code, 7u + call->native_bytes, copies);
}

/* The slot of a ROM, if that was given. */
static void add_slot(struct raw *raw, const struct raw_call *call,
		     const char *form, const struct rom *rom,
		     const struct point *empty)
{
	const struct cost_args *args = call->has_args ? &call->args : NULL;
	struct point *point;

	if (!rom)
		return;
	point = add(raw, call->name, form,
		    cost_loop_call(args, rom_slot(rom, call->nr),
				   empty->cold ? 1 : COPIES), empty);
	point->rom = rom;
}

/* All forms; cold if the empty loop is. */
static void add_call(struct raw *raw, const struct raw_call *call,
		     const struct point *empty)
{
	const struct raw_roms *roms = raw->roms;
	const struct cost_args *args = call->has_args ? &call->args : NULL;
	const struct vmi_desc_call *body = &roms->native->desc->call[call->nr];
	const unsigned int copies = empty->cold ? 1 : COPIES;
	struct point *count;

	add(raw, call->name, "native",
	    cost_loop_bytes(args, call->native, call->native_bytes, copies),
	    empty);
	if (body->inline_bytes)
		add(raw, call->name, "inline",
		    cost_loop_bytes(args, roms->native->base +
				    body->body_offset, body->inline_bytes,
				    copies), empty);
	add_slot(raw, call, "stub", roms->native, empty);
	add_slot(raw, call, "trace", roms->trace, empty);
	add_slot(raw, call, "aggregate", roms->aggregate, empty);
	add_slot(raw, call, "stamp", roms->stamp, empty);
	count = add(raw, call->name, "count", count_loop(call, args, copies),
		    empty);
	count->data = &counter[call->nr];
}

static void skip_forms(const struct raw *raw, const struct raw_call *call)
{
	if (!raw->roms->native->desc->call[call->nr].inline_bytes)
		skip(call->name, "inline", "the ROM gives no body to copy");
	if (!raw->roms->aggregate)
		skip(call->name, "aggregate", "no aggregating ROM was given");
	if (!raw->roms->stamp)
		skip(call->name, "stamp", "no ROM with one time stamp was given");
}

static void add_trapped(struct raw *raw, const struct raw_call *call,
			const struct point *empty)
{
	static const char *const privileged[] = {
		"native", "inline", "stub", "trace", "aggregate", "stamp",
		"count",
	};

	for (size_t i = 0; i < NR(privileged); i++)
		skip(call->name, privileged[i], "faults at CPL 3");
	add(raw, call->name, "trap",
	    cost_loop_bytes(NULL, call->native, call->native_bytes, COPIES),
	    empty)->turns = TRAP_TURNS;
}

/* LTTng is measured by a program of its own, on the same CPU, in turn. */
static void add_lttng(struct raw *raw, int cpu, const char *program)
{
	if (lttng_start(&raw->lttng, program, cpu))
		add(raw, "lttng-ust", "reference", (struct cost_loop){ NULL },
		    NULL);
	else
		skip("lttng-ust", "reference", raw->lttng.why);
}

/* The first call after the CPU has forgotten all of it. */
static void add_cold(struct raw *raw)
{
	static const struct cost_args any_args;
	struct point *empty[2];

	cold_prepare();
	for (int args = 0; args < 2; args++) {
		empty[args] = add(raw, NULL, NULL,
				  cost_loop_bytes(args ? &any_args : NULL, NULL,
						  0, 1), NULL);
		empty[args]->turns = 1;
		empty[args]->cold = true;
	}
	for (size_t i = 0; i < NR(calls); i++)
		add_call(raw, &calls[i], empty[calls[i].has_args]);
}

static void prepare(struct raw *raw, int cpu, const char *program)
{
	static const uint8_t two_rdtsc[] = { 0x0f, 0x31, 0x0f, 0x31 };
	static const struct cost_args any_args;
	const struct point *empty, *empty_args;

	empty = add(raw, NULL, NULL, cost_loop_bytes(NULL, NULL, 0, COPIES),
		    NULL);
	empty_args = add(raw, NULL, NULL,
			 cost_loop_bytes(&any_args, NULL, 0, COPIES), NULL);
	add(raw, "two-rdtsc", "reference",
	    cost_loop_bytes(NULL, two_rdtsc, sizeof(two_rdtsc), COPIES), empty);
	for (size_t i = 0; i < NR(calls); i++) {
		add_call(raw, &calls[i], calls[i].has_args ? empty_args : empty);
		skip_forms(raw, &calls[i]);
	}
	for (size_t i = 0; i < NR(trapped); i++)
		add_trapped(raw, &trapped[i], empty);
	add_lttng(raw, cpu, program);
	add_cold(raw);
}

static void empty_ring(const struct rom *rom)
{
	rom->host->consumed = rom->ctl->packets;
}

/* A ROM that lost calls took another path than the one to be measured. */
static void check_ring(const struct rom *rom)
{
	if (!rom || !rom->ctl->lost)
		return;
	fprintf(stderr, "%llu calls were not recorded: the ring is too small "
		"for a round\n", (unsigned long long)rom->ctl->lost);
	exit(1);
}

/* Branches and pages come first, as they use caches themselves. */
static void make_cold(const struct point *point)
{
	cold_forget();
	if (point->rom)
		cold_flush(point->rom->base, point->rom->bytes);
	if (point->data)
		cold_flush(point->data, sizeof(uint32_t));
	cold_flush(page_entry, sizeof(page_entry));
	cold_flush(point->loop.code, COST_LOOP_BYTES);
}

static double measure(struct raw *raw, const struct point *point)
{
	if (!point->loop.run)
		return lttng_measure(&raw->lttng);
	/* Empty the ring, as a host that keeps up does. */
	empty_ring(raw->roms->trace);
	if (raw->roms->stamp)
		empty_ring(raw->roms->stamp);
	if (point->cold)
		make_cold(point);
	return cost_measure(&point->loop, point->turns) /
	       (point->cold ? 1 : COPIES);
}

static void measure_round(struct raw *raw, bool cold, unsigned int round)
{
	/* The empty loops come first. */
	for (size_t p = 0; p < raw->nr_points; p++) {
		struct point *point = &raw->points[p];

		if (point->cold != cold)
			continue;
		point->samples[round] = measure(raw, point);
		if (point->empty)
			point->samples[round] -= point->empty->samples[round];
	}
}

static unsigned int nr_samples_of(const struct raw *raw, bool cold)
{
	return cold && raw->nr_samples > COLD_SAMPLES_MAX ? COLD_SAMPLES_MAX
							  : raw->nr_samples;
}

/* What is cold comes last: it would cool what should be warm. */
static void run(struct raw *raw)
{
	for (unsigned int i = 0; i < WARM_UP_ROUNDS; i++)
		measure_round(raw, false, 0);
	for (unsigned int i = 0; i < raw->nr_samples; i++)
		measure_round(raw, false, i);
	for (unsigned int i = 0; i < nr_samples_of(raw, true); i++)
		measure_round(raw, true, i);
}

static void print_point(const struct raw *raw, const struct point *point)
{
	const unsigned int nr = nr_samples_of(raw, point->cold);

	if (!point->call)
		return;
	printf("case call=%s form=%s padding=- unit=cycles group=%s samples=",
	       point->call, point->form, point->cold ? "cold" : "host");
	for (unsigned int i = 0; i < nr; i++)
		printf("%s%.4f", i ? "," : "", point->samples[i]);
	putchar('\n');
}

void raw_run(const struct raw_roms *roms, unsigned int samples, int cpu,
	     const char *program)
{
	struct raw raw = { .roms = roms, .nr_samples = samples };
	const unsigned long long step = tsc_step();

	printf("clock group=host step=%llu operations=%d\n", step,
	       TURNS * COPIES);
	printf("clock group=cold step=%llu operations=1\n", step);
	trap_start();
	prepare(&raw, cpu, program);
	run(&raw);
	if (!lttng_end(&raw.lttng)) {
		fprintf(stderr, "LTTng: %s\n", raw.lttng.why);
		exit(1);
	}
	check_ring(roms->trace);
	check_ring(roms->stamp);
	for (size_t p = 0; p < raw.nr_points; p++) {
		print_point(&raw, &raw.points[p]);
		free(raw.points[p].samples);
	}
	puts("bench: done");
}
