// SPDX-License-Identifier: GPL-2.0-only
/*
 * interrupts.c - cases: the four interrupt calls, Halt and Pause
 *
 * A tick that waits in the interrupt controller shows whether interrupts are
 * open, beside what GetInterruptMask says.
 */
#include "call/call.h"
#include "cases/probe.h"
#include "cases/selftest.h"
#include "kernel/pic.h"
#include "kernel/timer.h"

#define HALTS	25

/* Two ticks: long enough for one to come for sure. */
static void spin_past_a_tick(void)
{
	while (!pic_pending(PIC_IRQ_TIMER))
		vmi_Pause();
}

static bool is_open(void)
{
	return vmi_GetInterruptMask() & VMI_FLAG_IF;
}

static void mask_says(uint32_t call)
{
	(void)call;
	vmi_DisableInterrupts();
	expect(!is_open(), "mask is open after DisableInterrupts");
	vmi_EnableInterrupts();
	expect(is_open(), "mask is closed after EnableInterrupts");
	vmi_DisableInterrupts();
	expect(!is_open(), "mask is open after DisableInterrupts");
}

static void enable_delivers(uint32_t call)
{
	uint32_t ticks;

	(void)call;
	vmi_DisableInterrupts();
	spin_past_a_tick();
	ticks = timer_ticks;
	vmi_EnableInterrupts();
	vmi_Pause();
	vmi_DisableInterrupts();
	expect(timer_ticks > ticks, "the pending tick did not come");
}

static void disable_holds_back(uint32_t call)
{
	uint32_t ticks;

	(void)call;
	vmi_EnableInterrupts();
	vmi_DisableInterrupts();
	ticks = timer_ticks;
	spin_past_a_tick();
	expect_equal("ticks", timer_ticks, ticks);
}

static void mask_is_restored(uint32_t call)
{
	uint32_t open, closed, ticks;

	(void)call;
	vmi_DisableInterrupts();
	closed = vmi_GetInterruptMask();
	vmi_EnableInterrupts();
	open = vmi_GetInterruptMask();
	vmi_SetInterruptMask(closed);
	expect(!is_open(), "open after a closed mask was set");
	spin_past_a_tick();
	ticks = timer_ticks;
	vmi_SetInterruptMask(closed);
	expect_equal("ticks", timer_ticks, ticks);
	vmi_SetInterruptMask(open);
	vmi_Pause();
	expect(is_open(), "closed after an open mask was set");
	expect(timer_ticks > ticks, "the pending tick did not come");
	vmi_DisableInterrupts();
}

/* A loop over registers only, across ten ticks. */
static void handlers_return(uint32_t call)
{
	uint32_t end = timer_ticks + 10, bad = 0;

	(void)call;
	vmi_EnableInterrupts();
	__asm__ volatile("1: movl $0x11111111, %%eax\n\t"
			 "movl $0x22222222, %%ecx\n\t"
			 "movl $0x33333333, %%edx\n\t"
			 "movl $1000, %%esi\n"
			 "2: stc\n\t"
			 "jnc 3f\n\t"
			 "cmpl $0x11111111, %%eax\n\t"
			 "jne 3f\n\t"
			 "cmpl $0x22222222, %%ecx\n\t"
			 "jne 3f\n\t"
			 "cmpl $0x33333333, %%edx\n\t"
			 "jne 3f\n\t"
			 "decl %%esi\n\t"
			 "jnz 2b\n\t"
			 "cmpl %[end], %[ticks]\n\t"
			 "js 1b\n\t"
			 "jmp 4f\n"
			 "3: movl $1, %[bad]\n"
			 "4:"
			 : [bad] "+&r"(bad)
			 : [end] "r"(end), [ticks] "m"(timer_ticks)
			 : "eax", "ecx", "edx", "esi", "cc", "memory");
	vmi_DisableInterrupts();
	expect(!bad, "a register changed across a tick");
}

static void halt_pending(uint32_t call)
{
	uint32_t ticks;

	probe_clear(call);
	spin_past_a_tick();
	ticks = timer_ticks;
	probe_run();
	expect(timer_ticks > ticks, "the pending tick did not come");
	expect(probe.interrupts_after, "interrupts are closed after Halt");
	expect_equal("ebx", probe.out.ebx, probe.in.ebx);
	expect_equal("esi", probe.out.esi, probe.in.esi);
	expect_equal("edi", probe.out.edi, probe.in.edi);
	expect_equal("ebp", probe.out.ebp, probe.in.ebp);
	expect_equal("esp", probe.out.esp, probe.in.esp);
}

/* More ticks than a slow machine can have waiting whenever one is looked for. */
static void halt_waits(uint32_t call)
{
	uint32_t i, ticks, early = 0;

	(void)call;
	for (i = 0; i < HALTS; i++) {
		vmi_DisableInterrupts();
		ticks = timer_ticks;
		vmi_Halt();
		early += timer_ticks == ticks;
		expect(is_open(), "interrupts are closed after Halt");
	}
	vmi_DisableInterrupts();
	expect_equal("times that Halt came back before a tick", early, 0);
	vmi_EnableInterrupts();
	timer_sleep(1);
	expect(is_open(), "the mask of before is lost");
	vmi_DisableInterrupts();
}

static void pause_returns(uint32_t call)
{
	(void)call;
	vmi_Pause();
	expect(!is_open(), "interrupts are open after Pause");
}

static const struct test_case cases[] = {
	{ VMI_CALL_GetInterruptMask, "bit 9 tells", mask_says },
	{ VMI_CALL_EnableInterrupts, "a pending tick comes", enable_delivers },
	{ VMI_CALL_DisableInterrupts, "no tick comes", disable_holds_back },
	{ VMI_CALL_SetInterruptMask, "closes and opens", mask_is_restored },
	{ VMI_CALL_IRET, "ticks leave no trace", handlers_return },
	{ VMI_CALL_Halt, "a pending tick ends it", halt_pending },
	{ VMI_CALL_Halt, "waits for a tick, interrupts stay open", halt_waits },
	{ VMI_CALL_Pause, "changes nothing", pause_returns },
};

TEST_GROUP(interrupt_cases, cases);
