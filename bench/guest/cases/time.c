// SPDX-License-Identifier: GPL-2.0-only
/*
 * time.c - cases: time and the local APIC
 *
 * A ROM without a VMI timer says so by a frequency of 0; alarms and wall clock
 * are then nothing, the counters still count.
 */
#include "call/call.h"
#include "cases/selftest.h"
#include "kernel/cpu.h"
#include "kernel/paging.h"
#include "kernel/timer.h"
#include "vmi/abi.h"

#define APIC_ID			0x020
#define APIC_VERSION		0x030
#define APIC_TASK_PRIORITY	0x080

#define LOWEST_HZ		1000000
#define ALARM_CYCLES		1000
#define ALARM_WAIT_MS		40	/* many times that, on any machine */

static volatile uint32_t *apic(uint32_t offset)
{
	return (volatile uint32_t *)(PAGING_APIC + offset);
}

static bool has_apic(void)
{
	if (cpu_features() & CPU_FEATURE_APIC)
		return true;
	skip("this processor has no local APIC");
	return false;
}

static void apic_read(uint32_t call)
{
	uint32_t version;

	(void)call;
	if (!has_apic())
		return;
	version = vmi_APICRead(apic(APIC_VERSION));
	expect((version & 0xf0) == 0x10, "version register is 0x%x", version);
	expect_equal("version", version, *apic(APIC_VERSION));
	expect_equal("id", vmi_APICRead(apic(APIC_ID)), *apic(APIC_ID));
}

static void apic_write(uint32_t call)
{
	(void)call;
	if (!has_apic())
		return;
	vmi_APICWrite(apic(APIC_TASK_PRIORITY), 0x20);
	expect_equal("task priority", *apic(APIC_TASK_PRIORITY), 0x20);
	vmi_APICWrite(apic(APIC_TASK_PRIORITY), 0);
	expect_equal("task priority", *apic(APIC_TASK_PRIORITY), 0);
}

static void frequency(uint32_t call)
{
	uint64_t hz = vmi_GetCycleFrequency();

	(void)call;
	expect(!hz || hz >= LOWEST_HZ, "0x%llx Hz", hz);
	expect_equal64("a second answer", vmi_GetCycleFrequency(), hz);
}

static void real_cycles(uint32_t call)
{
	uint64_t before = vmi_RDTSC(), real, after;
	(void)call;

	real = vmi_GetCycleCounter(VMI_CYCLES_REAL);
	after = vmi_RDTSC();
	expect(before < real && real < after,
	       "0x%llx does not lie between 0x%llx and 0x%llx", real, before,
	       after);
}

/* AVAILABLE is REAL less STOLEN at every moment. */
static void available_cycles(uint32_t call)
{
	uint64_t stolen = vmi_GetCycleCounter(VMI_CYCLES_STOLEN);
	uint64_t before = vmi_GetCycleCounter(VMI_CYCLES_REAL);
	uint64_t available = vmi_GetCycleCounter(VMI_CYCLES_AVAILABLE);
	uint64_t after = vmi_GetCycleCounter(VMI_CYCLES_REAL);
	uint64_t stolen_after = vmi_GetCycleCounter(VMI_CYCLES_STOLEN);

	(void)call;
	expect(stolen_after >= stolen, "STOLEN went from 0x%llx to 0x%llx",
	       stolen, stolen_after);
	expect(available >= before - stolen_after &&
		       available <= after - stolen,
	       "AVAILABLE 0x%llx, REAL 0x%llx to 0x%llx, STOLEN 0x%llx",
	       available, before, after, stolen);
}

static void other_counters(uint32_t call)
{
	(void)call;
	expect_equal64("counter 3", vmi_GetCycleCounter(3), 0);
	expect_equal64("counter 0xffffffff", vmi_GetCycleCounter(0xffffffff),
		       0);
}

/*
 * Nothing fires: there is no timer, or it cannot be armed on STOLEN.  An alarm would
 * come as the timer's IRQ does, so that one is stopped meanwhile: but for one last
 * tick, however late that is, none can be its own.
 */
static void alarms(uint32_t call)
{
	uint32_t ticks, counter = VMI_CYCLES_STOLEN;

	(void)call;
	if (!vmi_GetCycleFrequency())
		counter = VMI_CYCLES_REAL;
	timer_stop();
	vmi_EnableInterrupts();
	vmi_Pause();
	ticks = timer_ticks;
	vmi_SetAlarm(counter | VMI_ALARM_PERIODIC, vmi_RDTSC(), ALARM_CYCLES);
	timer_spin_ms(ALARM_WAIT_MS);
	expect_equal("was armed", vmi_CancelAlarm(counter), 0);
	timer_spin_ms(ALARM_WAIT_MS);
	vmi_DisableInterrupts();
	expect(timer_ticks - ticks <= 1, "%u ticks came, expected at most 1",
	       timer_ticks - ticks);
	timer_start();
}

static void wall_clock(uint32_t call)
{
	uint64_t now = vmi_GetWallclockTime();

	(void)call;
	if (vmi_GetCycleFrequency()) {
		expect(now > 0, "no wall clock");
		return;
	}
	expect_equal64("wall clock without a VMI timer", now, 0);
	expect_equal("changed", vmi_WallclockUpdated(), 0);
}

static const struct test_case cases[] = {
	{ VMI_CALL_APICRead, "id and version", apic_read },
	{ VMI_CALL_APICWrite, "task priority", apic_write },
	{ VMI_CALL_GetCycleFrequency, "0, or plausible", frequency },
	{ VMI_CALL_GetCycleCounter, "REAL is the TSC", real_cycles },
	{ VMI_CALL_GetCycleCounter, "AVAILABLE is REAL less STOLEN",
	  available_cycles },
	{ VMI_CALL_GetCycleCounter, "no other counter", other_counters },
	{ VMI_CALL_SetAlarm, "nothing fires", alarms },
	{ VMI_CALL_CancelAlarm, "nothing was armed", alarms },
	{ VMI_CALL_GetWallclockTime, "0 without a VMI timer", wall_clock },
	{ VMI_CALL_WallclockUpdated, "0 without a VMI timer", wall_clock },
};

TEST_GROUP(time_cases, cases);
