// SPDX-License-Identifier: GPL-2.0-only
/*
 * user.c - cases: to ring 3 and back
 */
#include <stddef.h>

#include "arch/platform.h"
#include "arch/user.h"
#include "call/call.h"
#include "cases/probe.h"
#include "cases/selftest.h"
#include "kernel/cpu.h"
#include "kernel/timer.h"

#define EFLAGS_ARITHMETIC	0x8d5	/* OF SF ZF AF PF CF */
#define EFLAGS_IOPL		0x3000
#define EFLAGS_AC		0x40000
#define EFLAGS_ID		0x200000
#define EFLAGS_FIXED		0x002
#define BAD_SELECTOR		0x0fff
#define SERVICE_COUNT		7
#define TIMES			50
#define CALLS_OF_EXCURSION	12	/* or less */
#define FLAG_COMBINATIONS	64
#define WAIT_LOOPS		0x40000000	/* many ticks, on any machine */

static uint32_t served;

static bool has_sysenter(void)
{
	if (cpu_features() & CPU_FEATURE_SEP)
		return true;
	skip("this processor has no SYSENTER");
	return false;
}

/* Registers as ring 3 found them, seen by its first instruction's trap. */
static void expect_frame(const struct user_start *start)
{
	const struct trap_frame *frame = &user_last_frame;

	expect_equal("cs", frame->cs & 0xffff, SEL_USER_CS);
	expect_equal("ss", frame->ss & 0xffff, SEL_USER_DS);
	expect_equal("eip", frame->eip, start->eip + 2);
	expect_equal("esp", frame->esp, start->esp);
	expect_equal("eax", frame->eax, start->eax);
	expect_equal("ebx", frame->ebx, start->ebx);
	expect_equal("esi", frame->esi, start->esi);
	expect_equal("edi", frame->edi, start->edi);
	expect_equal("ebp", frame->ebp, start->ebp);
	expect(frame->eflags & VMI_FLAG_IF, "interrupts are closed in ring 3");
}

static struct user_start marked_start(void)
{
	struct user_start start = user_program(user_exit_now);

	start.eax = USER_EXIT;
	start.ebx = 0x1b1b1b1b;
	start.ecx = 0x2c2c2c2c;
	start.edx = 0x3d3d3d3d;
	start.esi = 0x4e4e4e4e;
	start.edi = 0x5f5f5f5f;
	start.ebp = 0x6a6a6a6a;
	return start;
}

static void enter(struct user_start *start)
{
	int32_t result = user_run(start);

	expect_equal("result", (uint32_t)result, start->ebx);
	expect_frame(start);
}

static void iret_registers(uint32_t call)
{
	struct user_start start = marked_start();

	(void)call;
	enter(&start);
	expect_equal("ecx", user_last_frame.ecx, start.ecx);
	expect_equal("edx", user_last_frame.edx, start.edx);
	start.eflags |= EFLAGS_ARITHMETIC;
	enter(&start);
	expect_equal("flags", user_last_frame.eflags & EFLAGS_ARITHMETIC,
		     EFLAGS_ARITHMETIC);
}

static void sysexit_registers(uint32_t call)
{
	struct user_start start = marked_start();

	(void)call;
	if (!has_sysenter())
		return;
	start.sysexit = 1;
	start.ecx = start.esp;
	start.edx = start.eip;
	enter(&start);
}

/* Each of the excursion's calls is once the first one of a trace packet. */
static void enter_at_packet_ends(struct user_start *start)
{
	uint32_t left;

	for (left = 0; left < CALLS_OF_EXCURSION; left++) {
		probe_fill_packet(left);
		enter(start);
	}
}

/* The number's bits, one for each arithmetic flag. */
static uint32_t arithmetic_flags(uint32_t number)
{
	uint32_t flags = 0, bit;

	for (bit = 1; bit <= EFLAGS_ARITHMETIC; bit <<= 1) {
		if (!(bit & EFLAGS_ARITHMETIC))
			continue;
		if (number & 1)
			flags |= bit;
		number >>= 1;
	}
	return flags;
}

static void expect_flags(const struct user_start *start, uint32_t others)
{
	const uint32_t checked = EFLAGS_ARITHMETIC | EFLAGS_AC | EFLAGS_ID;

	expect_equal("flags", user_last_frame.eflags & checked,
		     (start->eflags & EFLAGS_ARITHMETIC) | others);
}

/*
 * To ring 3 with every combination of flags, whether the call's record fits into
 * the open packet or is the first of one.
 */
static void flags_arrive(uint32_t call)
{
	struct user_start start = marked_start();
	uint32_t number, left;

	if (call == VMI_CALL_SYSEXIT) {
		if (!has_sysenter())
			return;
		start.sysexit = 1;
		start.ecx = start.esp;
		start.edx = start.eip;
	}
	for (number = 0; number < FLAG_COMBINATIONS; number++) {
		start.eflags = EFLAGS_FIXED | VMI_FLAG_IF |
			       arithmetic_flags(number);
		enter(&start);
		expect_flags(&start, 0);
	}
	for (left = 0; left < CALLS_OF_EXCURSION; left++) {
		start.eflags = EFLAGS_FIXED | VMI_FLAG_IF |
			       arithmetic_flags(left * 5);
		probe_fill_packet(left);
		enter(&start);
		expect_flags(&start, 0);
	}
}

/* Flags that no call has to touch stay as they are. */
static void other_flags_arrive(uint32_t call)
{
	struct user_start start = marked_start();
	uint32_t left;

	(void)call;
	if (!has_sysenter())
		return;
	start.sysexit = 1;
	start.ecx = start.esp;
	start.edx = start.eip;
	for (left = 0; left < CALLS_OF_EXCURSION; left++) {
		vmi_SetInterruptMask(EFLAGS_FIXED | EFLAGS_AC | EFLAGS_ID);
		probe_fill_packet(left);
		enter(&start);
		vmi_SetInterruptMask(EFLAGS_FIXED);
		expect_flags(&start, EFLAGS_AC | EFLAGS_ID);
	}
}

/* As at a SYSENTER entry: the user's segments are still loaded. */
static void limited_segments(uint32_t call)
{
	struct user_start start = marked_start();

	if (!platform.limited_ds) {
		skip("this platform has no limited segment");
		return;
	}
	if (call == VMI_CALL_SYSEXIT) {
		if (!has_sysenter())
			return;
		start.sysexit = 1;
		start.ecx = start.esp;
		start.edx = start.eip;
	}
	start.data_segment = platform.limited_ds;
	enter_at_packet_ends(&start);
}

static uint32_t count_service(uint32_t number, uint32_t argument)
{
	expect_equal("system call", number, SERVICE_COUNT);
	served += argument;
	return served;
}

static void run_loop(void (*program)(void))
{
	struct user_start start = user_program(program);

	start.esi = SERVICE_COUNT;
	start.ebx = 3;
	start.edi = TIMES;
	served = 0;
	user_service = count_service;
	expect_equal("result", (uint32_t)user_run(&start), 0);
	user_service = NULL;
	expect_equal("served", served, 3 * TIMES);
}

static void int80_returns(uint32_t call)
{
	(void)call;
	run_loop(user_loop_int80);
}

static void sysenter_returns(uint32_t call)
{
	(void)call;
	if (has_sysenter())
		run_loop(user_loop_sysenter);
}

/* A word on the user's stack. */
static volatile uint32_t *const tick_word =
	(volatile uint32_t *)(USER_STACK_TOP - 64);

static void mark_tick(void)
{
	*tick_word = 1;
}

/* Interrupts are open in ring 3 alone: it spins until a tick has set the word. */
static void ticks_in_user(uint32_t call)
{
	struct user_start start = user_program(user_wait);

	start.esi = (uint32_t)tick_word;
	start.edi = WAIT_LOOPS;
	if (call == VMI_CALL_SYSEXIT) {
		if (!has_sysenter())
			return;
		start.sysexit = 1;
		start.ecx = start.esp;
		start.edx = start.eip;
	}
	*tick_word = 0;
	timer_on_tick = mark_tick;
	expect_equal("result", (uint32_t)user_run(&start), 0);
	timer_on_tick = NULL;
	expect(!(vmi_GetInterruptMask() & VMI_FLAG_IF),
	       "interrupts are open after call %u", call);
}

/* A user can provoke it: the selector comes from a signal frame. */
static void bad_frame(uint32_t call)
{
	struct user_start start = marked_start();

	(void)call;
	start.cs = BAD_SELECTOR;
	expect_equal("result", (uint32_t)user_run(&start),
		     (uint32_t)-TRAP_GP);
}

/* SYSEXIT keeps the flags, so ring 3 has the IOPL that the call has set. */
static int32_t port_in_user(void)
{
	struct user_start start = user_program(user_read_port);

	start.sysexit = 1;
	start.ecx = start.esp;
	start.edx = start.eip;
	return user_run(&start);
}

static void iopl_opens_ports(uint32_t call)
{
	(void)call;
	if (!has_sysenter())
		return;
	vmi_SetIOPLMask(EFLAGS_IOPL);
	expect_equal("IN with IOPL 3", (uint32_t)port_in_user(), 1);
	vmi_SetIOPLMask(0);
	expect_equal("IN with IOPL 0", (uint32_t)port_in_user(),
		     (uint32_t)-TRAP_GP);
	vmi_EnableInterrupts();
	vmi_SetIOPLMask(EFLAGS_IOPL);
	expect(vmi_GetInterruptMask() & VMI_FLAG_IF,
	       "it closed the interrupts");
	vmi_DisableInterrupts();
	vmi_SetIOPLMask(0);
	expect(!(vmi_GetInterruptMask() & VMI_FLAG_IF),
	       "it opened the interrupts");
}

static const struct test_case cases[] = {
	{ VMI_CALL_IRET, "to ring 3 with all registers", iret_registers },
	{ VMI_CALL_SYSEXIT, "to ring 3 with all registers", sysexit_registers },
	{ VMI_CALL_IRET, "to ring 3 with all flags", flags_arrive },
	{ VMI_CALL_SYSEXIT, "to ring 3 with all flags", flags_arrive },
	{ VMI_CALL_SYSEXIT, "other flags stay", other_flags_arrive },
	{ VMI_CALL_IRET, "to ring 3 with limited segments", limited_segments },
	{ VMI_CALL_SYSEXIT, "to ring 3 with limited segments",
	  limited_segments },
	{ VMI_CALL_IRET, "back and forth with int 0x80", int80_returns },
	{ VMI_CALL_SYSEXIT, "back and forth with SYSENTER", sysenter_returns },
	{ VMI_CALL_IRET, "ticks come in ring 3", ticks_in_user },
	{ VMI_CALL_SYSEXIT, "ticks come in ring 3", ticks_in_user },
	{ VMI_CALL_IRET, "a bad frame can be fixed up", bad_frame },
	{ VMI_CALL_SetIOPLMask, "opens and closes the ports", iopl_opens_ports },
};

TEST_GROUP(user_cases, cases);
