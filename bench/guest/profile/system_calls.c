// SPDX-License-Identifier: GPL-2.0-only
/*
 * system_calls.c - phases: ring 3 asks for services
 */
#include "arch/user.h"
#include "call/call.h"
#include "kernel/cpu.h"
#include "kernel/task.h"
#include "profile/objects.h"
#include "profile/pipe.h"
#include "profile/profile.h"
#include "vmi/abi.h"

#define GETPID_TIMES	1200
#define ALLOCATE_TIMES	500
#define CLOCK_TIMES	100
#define PIPE_TIMES	40
#define PIPE_MESSAGES	8
#define MESSAGE_BYTES	48

static uint32_t read_clock(void)
{
	return (uint32_t)vmi_GetCycleCounter(VMI_CYCLES_REAL);
}

static uint32_t allocate_and_free(void)
{
	void *first = object_allocate();
	void *second = object_allocate();

	object_free(first);
	object_free(second);
	return 0;
}

uint32_t profile_service(uint32_t number, uint32_t argument)
{
	profile_counts.system_calls++;
	switch (number) {
	case SERVICE_GETPID:
		return (uint32_t)task_current;
	case SERVICE_ALLOCATE:
		return allocate_and_free();
	case SERVICE_WRITE:
		return pipe_write(argument);
	case SERVICE_READ:
		return pipe_read(argument);
	case SERVICE_CLOCK:
		return read_clock();
	case SERVICE_YIELD:
		profile_counts.switches++;
		task_yield();
		return 0;
	default:
		return UINT32_MAX;
	}
}

void profile_user_loop(void (*program)(void), enum profile_service service,
		       uint32_t argument, uint32_t times)
{
	struct user_start start = user_program(program);

	start.esi = service;
	start.ebx = argument;
	start.edi = times;
	user_run(&start);
}

/* The way into the kernel that the processor is best at. */
static void (*best_loop(void))(void)
{
	return cpu_features() & CPU_FEATURE_SEP ? user_loop_sysenter :
						  user_loop_int80;
}

void phase_system_calls(void)
{
	void (*loop)(void) = best_loop();

	profile_user_loop(loop, SERVICE_GETPID, 0, GETPID_TIMES);
	profile_user_loop(loop, SERVICE_ALLOCATE, 0, ALLOCATE_TIMES);
	profile_user_loop(user_loop_int80, SERVICE_CLOCK, 0, CLOCK_TIMES);
}

void phase_pipes(void)
{
	void (*loop)(void) = best_loop();
	uint32_t i;

	for (i = 0; i < PIPE_TIMES; i++) {
		profile_user_loop(loop, SERVICE_WRITE, MESSAGE_BYTES,
				  PIPE_MESSAGES);
		profile_user_loop(loop, SERVICE_READ, MESSAGE_BYTES,
				  PIPE_MESSAGES);
	}
}
