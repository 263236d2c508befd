// SPDX-License-Identifier: GPL-2.0-only
/*
 * switches.c - phase: tasks take turns
 */
#include "arch/user.h"
#include "kernel/task.h"
#include "profile/pipe.h"
#include "profile/profile.h"

#define TASKS		3
#define TURNS		120
#define USER_TURNS	60
#define TOKEN_BYTES	1

static void kernel_task(uint32_t turns)
{
	while (turns--) {
		pipe_write(TOKEN_BYTES);
		profile_counts.switches++;
		task_yield();
		pipe_read(TOKEN_BYTES);
	}
}

static void user_task(uint32_t turns)
{
	profile_user_loop(user_loop_int80, SERVICE_YIELD, 0, turns);
}

void phase_switches(void)
{
	uint32_t i;

	for (i = 0; i < TASKS; i++)
		task_create(kernel_task, TURNS);
	task_create(user_task, USER_TURNS);
	task_wait_for_all();
}
