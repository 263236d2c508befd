// SPDX-License-Identifier: GPL-2.0-only
/*
 * task.c - cooperative tasks
 */
#include <stddef.h>

#include "arch/exit.h"
#include "arch/platform.h"
#include "arch/user.h"
#include "call/call.h"
#include "kernel/cpu.h"
#include "kernel/lock.h"
#include "kernel/task.h"
#include "lib/console.h"

#define TSS_AVAILABLE	0x89

struct tss task_tss;
static struct task tasks[TASK_LIMIT];
static uint8_t stacks[TASK_LIMIT][TASK_STACK_BYTES]
	__attribute__((aligned(16)));
static struct lock run_lock;

struct task *task_current = &tasks[0];

void task_set_kernel_stack(uint32_t esp0)
{
	task_tss.esp0 = esp0;
	vmi_UpdateKernelStack(&task_tss, esp0);
}

void task_start(void)
{
	uint32_t base = (uint32_t)&task_tss;
	uint32_t low = base << 16 | (sizeof(task_tss) - 1);
	uint32_t high = (base & 0xff000000) | TSS_AVAILABLE << 8 |
			(base >> 16 & 0xff);

	task_tss.ss0 = platform.kernel_ss;
	task_tss.io_map_base = sizeof(task_tss);	/* no ports for ring 3 */
	vmi_WriteGDTEntry(platform_gdt, SEL_TSS >> 3,
			  (uint64_t)high << 32 | low);
	vmi_SetTR(SEL_TSS);
	tasks[0].live = true;
	tasks[0].space = paging_kernel_space;
}

static struct task *find_free(void)
{
	struct task *task;

	for (task = tasks; task < &tasks[TASK_LIMIT]; task++) {
		if (!task->live)
			return task;
	}
	print("vmiprof-guest: panic: all %u tasks are in use\n", TASK_LIMIT);
	guest_exit(GUEST_EXIT_PANIC);
}

void task_create(void (*body)(uint32_t argument), uint32_t argument)
{
	struct task *task = find_free();
	uint32_t *stack = (uint32_t *)stacks[task - tasks + 1];

	*--stack = (uint32_t)task_begin;
	*--stack = 0;				/* ebp */
	*--stack = 0;				/* ebx */
	*--stack = (uint32_t)body;		/* esi */
	*--stack = argument;			/* edi */
	task->esp = (uint32_t)stack;
	address_space_create(&task->space);
	task->live = true;
}

static struct task *next_task(void)
{
	struct task *task = task_current;

	do {
		task = task == &tasks[TASK_LIMIT - 1] ? tasks : task + 1;
	} while (!task->live);
	return task;
}

/* As a kernel does: stack for traps, address space, lazy FPU, registers. */
static void switch_to(struct task *next)
{
	struct task *last = task_current;

	task_current = next;
	task_set_kernel_stack(next->user_saved_esp);
	address_space_switch(&next->space);
	vmi_SetCR0(vmi_GetCR0() | CR0_TS);
	task_switch_stack(&last->esp, next->esp);
}

void task_yield(void)
{
	uint32_t mask = lock_take(&run_lock);
	struct task *next = next_task();

	if (next != task_current)
		switch_to(next);
	lock_release(&run_lock, mask);
}

void task_wait_for_all(void)
{
	while (next_task() != task_current)
		task_yield();
}

static _Noreturn void task_end(void)
{
	/* The stack stays in use until the switch: it is not freed, but reused. */
	struct address_space space = task_current->space;

	lock_take(&run_lock);
	task_current->live = false;
	address_space_switch(&paging_kernel_space);
	address_space_destroy(&space);
	switch_to(next_task());
	__builtin_unreachable();
}

_Noreturn void task_run(void (*body)(uint32_t argument), uint32_t argument)
{
	vmi_EnableInterrupts();
	body(argument);
	task_end();
}
