/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task.h - cooperative tasks, each with an address space and a kernel stack
 */
#ifndef GUEST_TASK_H
#define GUEST_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/paging.h"

#define TASK_STACK_BYTES	8192
#define TASK_LIMIT		6	/* with the first one */

/* Intel SDM volume 3, 7.2.1. */
struct tss {
	uint32_t link;
	uint32_t esp0, ss0;
	uint32_t others[22];
	uint16_t trap, io_map_base;
};

struct task {
	uint32_t esp;			/* while another one runs */
	uint32_t user_saved_esp;	/* of user_run() */
	struct address_space space;
	bool live;
};

extern struct tss task_tss;
extern struct task *task_current;

/* The first task is the caller; loads the task register. */
void task_start(void);

/* A new task with a new address space, ready to run; ends when body returns. */
void task_create(void (*body)(uint32_t argument), uint32_t argument);

/* Lets the next one run, if there is one. */
void task_yield(void);

/* Yields until the first task is the only one. */
void task_wait_for_all(void);

/* Where traps from ring 3 find their stack. */
void task_set_kernel_stack(uint32_t esp0);

/* task_switch.S */
void task_switch_stack(uint32_t *save_esp, uint32_t load_esp);
void task_begin(void);

/* From there: the body of a new task, with interrupts open. */
_Noreturn void task_run(void (*body)(uint32_t argument), uint32_t argument);

#endif /* GUEST_TASK_H */
