// SPDX-License-Identifier: GPL-2.0-only
/*
 * profile.c - runs the phases
 */
#include <stddef.h>

#include "arch/user.h"
#include "call/call.h"
#include "kernel/lock.h"
#include "kernel/timer.h"
#include "lib/console.h"
#include "profile/profile.h"
#include "vmi/abi.h"

#define IDLE_TICKS	1
#define NR_TIMEOUTS	8

struct profile_counts profile_counts;

/* What a tick of a kernel looks at. */
static struct lock timeout_lock;
static struct {
	uint32_t period, left, expired;
} timeouts[NR_TIMEOUTS];

static void phase_idle(void)
{
	timer_sleep(IDLE_TICKS);
}

/* One after the other, so that each can be seen in calls over time. */
static const struct {
	const char *name;
	void (*run)(void);
} phases[] = {
	{ "system calls", phase_system_calls },
	{ "pipes", phase_pipes },
	{ "idle", phase_idle },
	{ "task switches", phase_switches },
	{ "page faults", phase_page_faults },
	{ "forks", phase_forks },
	{ "devices", phase_devices },
	{ "housekeeping", phase_housekeeping },
	{ "idle", phase_idle },
};

static void run_timeouts(void)
{
	uint32_t i;

	for (i = 0; i < NR_TIMEOUTS; i++) {
		uint32_t mask = lock_take(&timeout_lock);

		if (timeouts[i].left-- == 0) {
			timeouts[i].left = timeouts[i].period;
			timeouts[i].expired++;
		}
		lock_release(&timeout_lock, mask);
	}
}

/* Called in the interrupt handler. */
static void tick(void)
{
	run_timeouts();
	vmi_GetCycleCounter(VMI_CYCLES_STOLEN);
}

static void start_timeouts(void)
{
	uint32_t i;

	for (i = 0; i < NR_TIMEOUTS; i++)
		timeouts[i].period = i;
	timer_on_tick = tick;
}

static void run_phase(uint32_t phase, uint32_t rounds)
{
	uint64_t cycles = vmi_RDTSC();
	uint32_t ticks = timer_ticks;
	uint32_t round;

	for (round = 0; round < rounds; round++)
		phases[phase].run();
	cycles = vmi_RDTSC() - cycles;
	ticks = timer_ticks - ticks;
	print("profile: %s: %u ticks, %llu cycles\n", phases[phase].name,
	      ticks, cycles);
}

void profile_run(uint32_t rounds)
{
	uint32_t phase;

	print("profile: %u rounds of each phase\n", rounds);
	start_timeouts();
	user_service = profile_service;
	vmi_EnableInterrupts();
	timer_sleep(1);
	for (phase = 0; phase < sizeof(phases) / sizeof(phases[0]); phase++)
		run_phase(phase, rounds);
	vmi_DisableInterrupts();
	timer_on_tick = NULL;
	print("profile: %u system calls, %u switches, %u page faults, "
	      "%u port reads\n",
	      profile_counts.system_calls, profile_counts.switches,
	      profile_counts.page_faults, profile_counts.port_reads);
}
