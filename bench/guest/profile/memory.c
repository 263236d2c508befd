// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory.c - phases: pages on demand, aging, and copies of address spaces
 */
#include <stddef.h>

#include "arch/user.h"
#include "call/call.h"
#include "kernel/paging.h"
#include "kernel/task.h"
#include "lib/string.h"
#include "profile/profile.h"
#include "vmi/abi.h"

#define HEAP_PAGES	24
#define FAULT_ROUNDS	12
#define FORKS		6
#define AGING_PASSES	3

static bool in_heap(uint32_t address)
{
	return address >= USER_HEAP &&
	       address < USER_HEAP + HEAP_PAGES * PAGE_BYTES;
}

/* A page of zeros, the first time that ring 3 touches it. */
static bool page_on_demand(uint32_t address)
{
	uint32_t *entry;

	if (!in_heap(address))
		return false;
	profile_counts.page_faults++;
	entry = address_space_entry(&task_current->space, address);
	vmi_SetPxE(entry, (uint32_t)page_allocate() | PTE_PRESENT | PTE_WRITE |
				  PTE_USER);
	return true;
}

static void touch_heap(void)
{
	struct user_start start = user_program(user_touch);

	start.esi = USER_HEAP;
	start.edi = HEAP_PAGES;
	user_run(&start);
}

/* As a kernel that looks for pages to reclaim: was it used since last time? */
static void age_heap(void)
{
	uint32_t page;

	for (page = 0; page < HEAP_PAGES; page++) {
		uint32_t address = USER_HEAP + page * PAGE_BYTES;
		uint32_t *entry = address_space_entry(&task_current->space,
						      address);

		if (!(vmi_GetPxE(entry) & PTE_PRESENT))
			continue;
		if (vmi_TestAndClearPxEBit(entry, PTE_BIT_ACCESSED))
			vmi_InvalPage(address);
	}
}

static void unmap_heap(void)
{
	uint32_t page;

	for (page = 0; page < HEAP_PAGES; page++) {
		uint32_t address = USER_HEAP + page * PAGE_BYTES;
		uint32_t old = vmi_SwapPxE(
			address_space_entry(&task_current->space, address), 0);

		if (!(old & PTE_PRESENT))
			continue;
		vmi_InvalPage(address);
		page_free((void *)(old & ~PTE_FLAGS));
	}
}

void phase_page_faults(void)
{
	uint32_t round, pass;

	trap_user_page_fault = page_on_demand;
	for (round = 0; round < FAULT_ROUNDS; round++) {
		touch_heap();
		for (pass = 0; pass < AGING_PASSES; pass++)
			age_heap();
		unmap_heap();
	}
	trap_user_page_fault = NULL;
}

static void copy_heap(struct address_space *to, struct address_space *from)
{
	uint32_t page;

	for (page = 0; page < HEAP_PAGES; page++) {
		uint32_t address = USER_HEAP + page * PAGE_BYTES;
		uint32_t entry = vmi_GetPxE(address_space_entry(from, address));
		void *copy;

		if (!(entry & PTE_PRESENT))
			continue;
		copy = page_allocate();
		memcpy(copy, (const void *)(entry & ~PTE_FLAGS), PAGE_BYTES);
		vmi_SetPxE(address_space_entry(to, address),
			   (uint32_t)copy | (entry & PTE_FLAGS));
	}
}

static void fork_and_exit(void)
{
	struct address_space *parent = &task_current->space;
	struct address_space child;

	address_space_create(&child);
	copy_heap(&child, parent);
	vmi_FlushTLB(VMI_FLUSH_TLB);
	address_space_switch(&child);
	profile_user_loop(user_loop_int80, SERVICE_GETPID, 0, 1);
	address_space_switch(parent);
	address_space_destroy(&child);
}

void phase_forks(void)
{
	uint32_t i;

	trap_user_page_fault = page_on_demand;
	touch_heap();
	for (i = 0; i < FORKS; i++)
		fork_and_exit();
	unmap_heap();
	trap_user_page_fault = NULL;
}
