// SPDX-License-Identifier: GPL-2.0-only
/*
 * code.c - the loops that are measured, generated when the guest runs
 *
 * Instructions by their encoding: Intel SDM volume 2.
 */
#include <stdbool.h>
#include <stddef.h>

#include "arch/platform.h"
#include "arch/trap.h"
#include "bench/code.h"
#include "call/call.h"
#include "call/find.h"
#include "call/native.h"
#include "kernel/paging.h"
#include "lib/string.h"
#include "vmi/abi.h"

#define EFLAGS_FIXED	0x002
#define PREFIX_DS	0x3e
#define PREFIX_OPERAND	0x66
#define NOP		0x90
#define LONG_NOP_LIMIT	9
#define INLINE_LIMIT	64	/* bytes of a ROM's body */

struct code {
	uint8_t bytes[PAGE_BYTES];
	uint32_t used;
	bool full;
};

/* run.S */
uint64_t bench_run(const void *code, uint32_t iterations);
void bench_stop(void);
void bench_give_up(void);
extern uint32_t bench_stack;

int bench_exception = -1;
volatile uint32_t bench_counters[VMI_NR_CALLS];

/* Written here and copied: each store near code costs an emulator dearly. */
static struct code draft;
static uint8_t page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));

static void put(struct code *code, const void *bytes, uint32_t nr_bytes)
{
	if (nr_bytes > sizeof(code->bytes) - code->used) {
		code->full = true;
		return;
	}
	memcpy(&code->bytes[code->used], bytes, nr_bytes);
	code->used += nr_bytes;
}

static void put_byte(struct code *code, uint8_t byte)
{
	put(code, &byte, sizeof(byte));
}

static void put_long(struct code *code, uint32_t value)
{
	put(code, &value, sizeof(value));
}

/* Behind an opcode: the distance to a target from the next instruction. */
static void put_relative(struct code *code, uint32_t target)
{
	put_long(code, target - ((uint32_t)page + code->used + 4));
}

static void put_push(struct code *code, uint32_t value)
{
	put_byte(code, 0x68);
	put_long(code, value);
}

/* Seed: Zachary Amsden, "i386 Vmi code patching", 2006-03-27: FILL. */
static void put_operand_nop(struct code *code, uint32_t nr_bytes)
{
	while (nr_bytes-- > 1)
		put_byte(code, PREFIX_OPERAND);
	put_byte(code, NOP);
}

/* Intel SDM volume 2, NOP: recommended multi-byte sequences. */
static void put_long_nop(struct code *code, uint32_t nr_bytes)
{
	static const uint8_t nops[LONG_NOP_LIMIT][LONG_NOP_LIMIT] = {
		{ 0x90 },
		{ 0x66, 0x90 },
		{ 0x0f, 0x1f, 0x00 },
		{ 0x0f, 0x1f, 0x40, 0 },
		{ 0x0f, 0x1f, 0x44, 0, 0 },
		{ 0x66, 0x0f, 0x1f, 0x44, 0, 0 },
		{ 0x0f, 0x1f, 0x80, 0, 0, 0, 0 },
		{ 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0 },
		{ 0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0 },
	};

	put(code, nops[nr_bytes - 1], nr_bytes);
}

/* Sites of the forms */

static const char *site_bare(struct code *code, uint32_t call)
{
	const struct native_bare *bare = &native_bare[call - VMI_FIRST_CALL];

	if (!bare->address)
		return "only a ROM can answer it";
	put(code, (const void *)bare->address, bare->bytes);
	return NULL;
}

/* Bytes that the bare form leaves free in a site; 0 if it fills it. */
static uint32_t free_bytes(uint32_t call)
{
	uint32_t bytes = native_bare[call - VMI_FIRST_CALL].bytes;
	uint32_t width = call == VMI_CALL_GetInterruptMask ||
					 call == VMI_CALL_SetInterruptMask ?
				 VMI_SITE_BYTES_FLAGS :
				 VMI_SITE_BYTES;

	return bytes < width ? width - bytes : 0;
}

static const char *site_padded(struct code *code, uint32_t call,
			       void (*fill)(struct code *code, uint32_t bytes))
{
	const char *why = site_bare(code, call);

	if (why)
		return why;
	if (!free_bytes(call))
		return "the bare form leaves no room for padding";
	fill(code, free_bytes(call));
	return NULL;
}

static const char *site_padded_operand(struct code *code, uint32_t call)
{
	return site_padded(code, call, put_operand_nop);
}

static const char *site_padded_long(struct code *code, uint32_t call)
{
	return site_padded(code, call, put_long_nop);
}

/* Prefixes that change nothing where all segments are flat. */
static const char *site_padded_prefix(struct code *code, uint32_t call)
{
	uint32_t i;

	if (!native_bare[call - VMI_FIRST_CALL].bytes)
		return "there is no instruction to stand in front of";
	for (i = 0; i < free_bytes(call); i++)
		put_byte(code, PREFIX_DS);
	return i ? site_bare(code, call) :
		   "the bare form leaves no room for padding";
}

static const char *site_inline(struct code *code, uint32_t call)
{
	const struct vmi_desc_call *body;

	if (!vmi.descriptor || !(vmi.flags & VMI_DESC_INLINE))
		return "the ROM has no bodies to copy";
	body = &vmi.descriptor->call[call];
	if (!body->inline_bytes)
		return "the ROM says that only the call will do";
	if (body->inline_bytes > INLINE_LIMIT ||
	    (uint32_t)body->body_offset + body->inline_bytes > vmi.bytes)
		return "the ROM's body is too long or not inside the ROM";
	put(code, (const uint8_t *)vmi.base + body->body_offset,
	    body->inline_bytes);
	return NULL;
}

/* As kernels get to a slot that does not come back: no call, but its address. */
static const char *site_jump(struct code *code, uint32_t call)
{
	const uint32_t bytes = 10;

	put_push(code, (uint32_t)page + code->used + bytes);
	put_byte(code, 0xe9);
	put_relative(code, vmi.base + call * VMI_SLOT_BYTES);
	return NULL;
}

static const char *site_call(struct code *code, uint32_t call)
{
	if (call == VMI_CALL_IRET)
		return site_jump(code, call);
	put_byte(code, 0xe8);
	put_relative(code, vmi.base + call * VMI_SLOT_BYTES);
	return NULL;
}

/* With a segment override, as where each vCPU has counters of its own. */
static const char *site_count(struct code *code, uint32_t call)
{
	put_byte(code, PREFIX_DS);
	put_byte(code, 0xff);
	put_byte(code, 0x05);
	put_long(code, (uint32_t)&bench_counters[call]);
	return site_bare(code, call);
}

#define ANY_ROM \
	(BENCH_ROM_NONE | BENCH_ROM_NATIVE | BENCH_ROM_TRACE | \
	 BENCH_ROM_STAMP | BENCH_ROM_AGGREGATE)
#define NO_RECORDER	(BENCH_ROM_NONE | BENCH_ROM_NATIVE)

const struct bench_form bench_forms[BENCH_FORMS] = {
	{ "native", "-", ANY_ROM, site_bare },
	{ "padded", "0x66", NO_RECORDER, site_padded_operand },
	{ "padded", "nopl", NO_RECORDER, site_padded_long },
	{ "padded", "prefix", NO_RECORDER, site_padded_prefix },
	{ "inline", "-", BENCH_ROM_NATIVE, site_inline },
	{ "count", "-", BENCH_ROM_NATIVE, site_count },
	{ "stub", "-", BENCH_ROM_NATIVE, site_call },
	{ "trace", "-", BENCH_ROM_TRACE, site_call },
	{ "stamp", "-", BENCH_ROM_STAMP, site_call },
	{ "aggregate", "-", BENCH_ROM_AGGREGATE, site_call },
};

enum bench_rom bench_rom(void)
{
	if (!vmi.base)
		return BENCH_ROM_NONE;
	if (vmi.flags & VMI_DESC_AGGREGATE)
		return BENCH_ROM_AGGREGATE;
	if (vmi.flags & VMI_DESC_STAMP)
		return BENCH_ROM_STAMP;
	return vmi.flags & VMI_DESC_TRACE ? BENCH_ROM_TRACE : BENCH_ROM_NATIVE;
}

/* The loop around them */

static void put_setup(struct code *code, const struct bench_setup *setup)
{
	const uint32_t values[BENCH_REGISTERS] = {
		setup->eax, setup->ecx, setup->edx, 0,
		0,	    0,		setup->esi, setup->edi,
	};
	uint32_t i;

	for (i = setup->stack_words; i > 0; i--)
		put_push(code, setup->stack[i - 1]);
	if (setup->store_at) {
		put_byte(code, 0xc7);
		put_byte(code, 0x05);
		put_long(code, setup->store_at);
		put_long(code, setup->store_value);
	}
	for (i = 0; i < BENCH_REGISTERS; i++) {
		if (!(setup->loads & 1U << i))
			continue;
		put_byte(code, (uint8_t)(0xb8 + i));
		put_long(code, values[i]);
	}
	if (setup->iret_frame) {
		put_push(code, EFLAGS_FIXED);
		put_push(code, platform.kernel_cs);
		put_push(code, 0);	/* set by put_unit() */
	}
}

/* Set-up and site; the address that IRET returns to is the site's end. */
static const char *put_unit(struct code *code, const struct bench_form *form,
			    uint32_t call, const struct bench_setup *setup)
{
	const char *why = NULL;
	uint32_t site, end;

	put_setup(code, setup);
	site = code->used;
	if (form)
		why = form->site(code, call);
	end = (uint32_t)page + code->used;
	if (setup->iret_frame && !code->full)
		memcpy(&code->bytes[site - sizeof(end)], &end, sizeof(end));
	return why;
}

/* What operations left on the stack goes away here, once for all of them. */
static void put_loop_end(struct code *code)
{
	put_byte(code, 0x8b);		/* mov bench_stack, %esp */
	put_byte(code, 0x25);
	put_long(code, (uint32_t)&bench_stack);
	put_byte(code, 0x4d);		/* dec %ebp */
	put_byte(code, 0x0f);		/* jnz */
	put_byte(code, 0x85);
	put_relative(code, (uint32_t)page);
	put_byte(code, 0xe9);		/* jmp */
	put_relative(code, (uint32_t)bench_stop);
}

/* CPUID serialises: nothing of what was there before is run after it. */
static void publish(const struct code *code)
{
	uint32_t eax = 0, ebx, ecx = 0, edx;

	memcpy(page, code->bytes, code->used);
	vmi_CPUID(&eax, &ebx, &ecx, &edx);
}

const char *bench_build(const struct bench_form *form, uint32_t call,
			const struct bench_setup *setup)
{
	const char *why;
	uint32_t i;

	draft.used = 0;
	draft.full = false;
	for (i = 0; i < BENCH_UNROLL; i++) {
		why = put_unit(&draft, form, call, setup);
		if (why)
			return why;
	}
	put_loop_end(&draft);
	if (draft.full)
		return "the loop does not fit a page";
	publish(&draft);
	return NULL;
}

void bench_build_bare_loop(void)
{
	draft.used = 0;
	draft.full = false;
	put_loop_end(&draft);
	publish(&draft);
}

static bool give_up(struct trap_frame *frame)
{
	bench_exception = (int)frame->vector;
	frame->eip = (uint32_t)bench_give_up;
	return true;
}

uint64_t bench_run_loop(uint32_t iterations)
{
	uint64_t cycles;

	bench_exception = -1;
	trap_hook = give_up;
	vmi_DisableInterrupts();
	cycles = bench_run(page, iterations);
	vmi_DisableInterrupts();
	trap_hook = NULL;
	return cycles;
}
