// SPDX-License-Identifier: GPL-2.0-only
/*
 * paging.c - page tables, all written through the VMI
 */
#include <stddef.h>

#include "arch/exit.h"
#include "arch/platform.h"
#include "arch/user.h"
#include "call/call.h"
#include "kernel/cpu.h"
#include "kernel/lock.h"
#include "kernel/paging.h"
#include "lib/console.h"
#include "lib/string.h"
#include "vmi/abi.h"

#define ENTRIES		1024
#define LOW_BYTES	0x10000		/* left unmapped */
#define POOL_PAGES	192

struct free_page {
	struct free_page *next;
};

static uint8_t pool[POOL_PAGES][PAGE_BYTES]
	__attribute__((aligned(PAGE_BYTES)));
static struct free_page *free_pages;
static struct lock free_lock;

static uint32_t kernel_table[ENTRIES] __attribute__((aligned(PAGE_BYTES)));
static uint32_t apic_table[ENTRIES] __attribute__((aligned(PAGE_BYTES)));

struct address_space paging_kernel_space;

static bool large_pages;

static uint32_t directory_index(uint32_t address)
{
	return address >> 22;
}

static uint32_t table_index(uint32_t address)
{
	return address >> PAGE_SHIFT & (ENTRIES - 1);
}

static uint32_t pfn_of(const void *page)
{
	return (uint32_t)page >> PAGE_SHIFT;
}

void *page_allocate(void)
{
	struct free_page *page;
	uint32_t mask = lock_take(&free_lock);

	page = free_pages;
	if (page)
		free_pages = page->next;
	lock_release(&free_lock, mask);
	if (!page) {
		print("vmiprof-guest: panic: all %u pages are in use\n",
		      POOL_PAGES);
		guest_exit(GUEST_EXIT_PANIC);
	}
	return memset(page, 0, PAGE_BYTES);
}

void page_free(void *page)
{
	struct free_page *free = page;
	uint32_t mask = lock_take(&free_lock);

	free->next = free_pages;
	free_pages = free;
	lock_release(&free_lock, mask);
}

/* A page that is to be a page table or directory is registered first. */
static uint32_t *table_allocate(uint32_t type)
{
	uint32_t *table = page_allocate();

	vmi_AllocatePage(pfn_of(table), type, 0, 0, 0);
	return table;
}

static void table_free(uint32_t *table, uint32_t type)
{
	vmi_ReleasePage(pfn_of(table), type);
	page_free(table);
}

uint32_t *paging_kernel_entry(uint32_t address)
{
	return &kernel_table[table_index(address)];
}

uint32_t *address_space_entry(struct address_space *space, uint32_t address)
{
	if (!space->user_table) {
		space->user_table = table_allocate(VMI_PAGE_PT);
		vmi_SetPxE(&space->directory[directory_index(USER_TEXT)],
			   (uint32_t)space->user_table | PTE_PRESENT |
				   PTE_WRITE | PTE_USER);
	}
	return &space->user_table[table_index(address)];
}

void address_space_create(struct address_space *space)
{
	const uint32_t kernel = PTE_PRESENT | PTE_WRITE;

	space->user_table = NULL;
	space->directory = table_allocate(VMI_PAGE_PD);
	vmi_SetPxE(&space->directory[0], (uint32_t)kernel_table | kernel);
	if (paging_has_ring())
		vmi_SetPxE(&space->directory[directory_index(PAGING_RING)],
			   PAGING_RING | PTE_LARGE | kernel);
	vmi_SetPxE(&space->directory[directory_index(PAGING_APIC)],
		   (uint32_t)apic_table | kernel);
	vmi_SetPxE(address_space_entry(space, USER_TEXT),
		   (uint32_t)user_text | PTE_PRESENT | PTE_USER);
	vmi_SetPxE(address_space_entry(space, USER_STACK_TOP - PAGE_BYTES),
		   (uint32_t)page_allocate() | PTE_PRESENT | PTE_WRITE |
			   PTE_USER);
}

/* Frees all pages of ring 3 but the text, which is the kernel's. */
static void free_user_pages(uint32_t *table)
{
	uint32_t i;

	for (i = 0; i < ENTRIES; i++) {
		uint32_t old;

		if (!(table[i] & PTE_PRESENT))
			continue;
		old = vmi_SwapPxE(&table[i], 0);
		if ((old & ~PTE_FLAGS) != (uint32_t)user_text)
			page_free((void *)(old & ~PTE_FLAGS));
	}
}

void address_space_destroy(struct address_space *space)
{
	if (space->user_table) {
		free_user_pages(space->user_table);
		table_free(space->user_table, VMI_PAGE_PT);
	}
	table_free(space->directory, VMI_PAGE_PD);
	space->directory = NULL;
	space->user_table = NULL;
}

void address_space_switch(const struct address_space *space)
{
	vmi_SetCR3((uint32_t)space->directory);
}

bool paging_has_ring(void)
{
	return large_pages &&
	       platform.memory_end >= PAGING_RING + PAGING_RING_BYTES;
}

/* Before the first page directory is in use. */
static void start_features(void)
{
	uint32_t features = cpu_features();

	large_pages = features & CPU_FEATURE_PSE;
	vmi_SetCR4(vmi_GetCR4() | (large_pages ? CR4_PSE : 0) |
		   (features & CPU_FEATURE_PGE ? CR4_PGE : 0));
}

void paging_start(void)
{
	uint32_t address;

	start_features();

	for (address = 0; address < POOL_PAGES; address++)
		page_free(pool[address]);
	vmi_AllocatePage(pfn_of(kernel_table), VMI_PAGE_PT, 0, 0, 0);
	vmi_AllocatePage(pfn_of(apic_table), VMI_PAGE_PT, 0, 0, 0);
	for (address = LOW_BYTES; address < PAGING_ROM_ALIAS;
	     address += PAGE_BYTES)
		vmi_SetPxE(paging_kernel_entry(address),
			   address | PTE_PRESENT | PTE_WRITE);
	vmi_SetPxE(&apic_table[table_index(PAGING_APIC)],
		   PAGING_APIC | PTE_PRESENT | PTE_WRITE | PTE_NO_CACHE);
	address_space_create(&paging_kernel_space);
	address_space_switch(&paging_kernel_space);
	vmi_SetCR0(vmi_GetCR0() | CR0_PG | CR0_WP);
}
