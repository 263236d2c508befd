// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults.c - cases: a fault inside a call can be fixed up
 *
 * What struct vmi_desc_fault promises of the moment of a fault is looked at for
 * each instruction in the table: with a fault of its own where one can be had,
 * and with an instruction breakpoint, which faults in front of the instruction,
 * for all of them.
 */
#include <stddef.h>

#include "arch/trap.h"
#include "call/call.h"
#include "call/find.h"
#include "cases/clobbers.h"
#include "cases/probe.h"
#include "cases/selftest.h"
#include "kernel/cpu.h"
#include "kernel/paging.h"

#define DELAY_PORT		0x80
#define MSR_IA32_PKRS		0x6e1
#define MISSING_COUNTER		0x3fffffff
#define DR7_FIXED		0x400
#define DR7_EXECUTE_0		0x003	/* an instruction at DR0 */

static uint32_t faults;
static uint32_t fault_vector;

static bool look_at_fault(struct trap_frame *frame)
{
	const uint32_t *stack = &frame->esp;
	uint32_t call, stack_bytes;

	faults++;
	fault_vector = frame->vector;
	if (frame->vector == TRAP_DB)
		vmi_SetDR(7, DR7_FIXED);
	if (!vmi_fault_at(frame->eip, &call, &stack_bytes)) {
		expect(false, "eip 0x%x is not in the table of faults",
		       frame->eip);
		return false;
	}
	expect_equal("ebx at the fault", frame->ebx, probe.in.ebx);
	expect_equal("ebp at the fault", frame->ebp, probe.in.ebp);
	expect_equal("esi at the fault", frame->esi, probe.in.esi);
	expect_equal("edi at the fault", frame->edi, probe.in.edi);
	if (call == VMI_CALL_IRET) {
		expect_equal("esp at the fault", (uint32_t)stack, probe.in.esp);
		return true;	/* the frame is good: goes on */
	}
	expect_equal("esp at the fault", (uint32_t)stack,
		     probe.in.esp - 4 - stack_bytes);
	expect_equal("return address", stack[stack_bytes / 4],
		     (uint32_t)probe_return);
	return false;
}

static void run_and_look(void)
{
	faults = 0;
	trap_hook = look_at_fault;
	probe_run();
	trap_hook = NULL;
	if (!faults)
		return;
	expect_equal("faults", faults, 1);
	expect_equal("ebx", probe.out.ebx, probe.in.ebx);
	expect_equal("ebp", probe.out.ebp, probe.in.ebp);
}

static void expect_fixed_up(uint32_t vector)
{
	expect_equal("faults", faults, 1);
	expect_equal("vector", fault_vector, vector);
	expect_equal("fixed up", probe.faulted, 1);
	expect_equal("esp", probe.out.esp, probe.in.esp);
}

/* Reserved bits fault under TCG too, which lets any missing register pass. */
static void bad_msr(uint32_t call)
{
	probe_clear(call);
	probe.in.ecx = MSR_IA32_PKRS;
	probe.in.eax = 0;
	probe.in.edx = 1;
	run_and_look();
	expect_fixed_up(TRAP_GP);
}

static void missing_counter(uint32_t call)
{
	probe_clear(call);
	probe.in.ecx = MISSING_COUNTER;
	run_and_look();
	expect_fixed_up(fault_vector == TRAP_UD ? TRAP_UD : TRAP_GP);
}

static void missing_page(uint32_t call)
{
	probe_clear(call);
	probe.in.esi = PAGING_WINDOW;
	probe.in.edi = PAGING_WINDOW;
	probe.in.ecx = 2;
	probe.in.edx = DELAY_PORT;
	run_and_look();
	expect_fixed_up(TRAP_PF);
	expect_equal("ecx at the fault", probe.out.ecx, 2);
	expect_equal("address", vmi_GetCR2(), PAGING_WINDOW);
}

static void break_at(uint32_t call, uint32_t address, bool at_packet_end)
{
	probe_clear(call);
	clobbers_prepare(call);
	vmi_SetDR(0, address);
	vmi_SetDR(7, DR7_FIXED);
	probe.at_packet_end = at_packet_end;
	/*
	 * With the breakpoint on, nothing but the probe may make the call: the
	 * case for SetDR has shown that this one does.
	 */
	vmi_SetDR(7, DR7_FIXED | DR7_EXECUTE_0);
	run_and_look();
	vmi_SetDR(7, DR7_FIXED);
	if (faults)
		expect_equal("vector", fault_vector, TRAP_DB);
}

/* A ROM may have more than one such instruction for a call: any may run. */
static void break_everywhere(uint32_t call)
{
	uint32_t address, i, hits = 0;
	uint8_t of;

	for (i = 0; vmi_fault_entry(i, &address, &of); i++) {
		if (of != call)
			continue;
		break_at(call, address, false);
		hits += faults;
		break_at(call, address, true);
		hits += faults;
	}
	expect(hits > 0, "no instruction in the table of faults was reached");
}

static const struct test_case cases[] = {
	{ VMI_CALL_WRMSR, "bad bits can be fixed up", bad_msr },
	{ VMI_CALL_RDPMC, "a missing counter can be fixed up",
	  missing_counter },
	{ VMI_CALL_INS, "a page fault can be fixed up", missing_page },
	{ VMI_CALL_INSB, "a page fault can be fixed up", missing_page },
	{ VMI_CALL_INSW, "a page fault can be fixed up", missing_page },
	{ VMI_CALL_OUTS, "a page fault can be fixed up", missing_page },
	{ VMI_CALL_OUTSB, "a page fault can be fixed up", missing_page },
	{ VMI_CALL_OUTSW, "a page fault can be fixed up", missing_page },
	{ VMI_CALL_RDMSR, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_WRMSR, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_RDPMC, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_SetLDT, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_SetTR, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_SetCR4, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_IRET, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_INS, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_INSB, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_INSW, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_OUTS, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_OUTSB, "any fault can be fixed up", break_everywhere },
	{ VMI_CALL_OUTSW, "any fault can be fixed up", break_everywhere },
};

TEST_GROUP(fault_cases, cases);
