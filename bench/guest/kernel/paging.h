/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * paging.h - page tables, all written through the VMI
 *
 *   64 KiB ..  4 MiB   the same as physical, in every address space; from
 *                      PAGING_ROM_ALIAS on windows that the self-test maps
 *   PAGING_RING ..     the same as physical, one page of 4 MiB, if there is
 *                      memory and the processor has such pages
 *   USER_TEXT ..       ring 3, one page table for each address space
 *   PAGING_APIC        the local APIC
 *
 * Nothing is mapped below 64 KiB.
 */
#ifndef GUEST_PAGING_H
#define GUEST_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE_BYTES		4096
#define PAGE_SHIFT		12

#define PTE_PRESENT		0x001
#define PTE_WRITE		0x002
#define PTE_USER		0x004
#define PTE_NO_CACHE		0x010
#define PTE_ACCESSED		0x020
#define PTE_DIRTY		0x040
#define PTE_LARGE		0x080
#define PTE_GLOBAL		0x100
#define PTE_FLAGS		0xfff

#define PTE_BIT_WRITE		1
#define PTE_BIT_ACCESSED	5

/* The ROM area again, this much higher. */
#define PAGING_ROM_ALIAS	0x300000
#define PAGING_WINDOW		0x3f0000	/* 16 pages, unmapped */
#define PAGING_RING		0x400000
#define PAGING_RING_BYTES	0x400000
#define PAGING_APIC		0xfee00000

struct address_space {
	uint32_t *directory;
	uint32_t *user_table;	/* NULL until a page of ring 3 is mapped */
};

/* Page tables of the kernel, and paging on. */
void paging_start(void);

/* PAGING_RING_BYTES at PAGING_RING are there. */
bool paging_has_ring(void);

/* A page of zeros; the pool is fixed, and running out is a panic. */
void *page_allocate(void);
void page_free(void *page);

/* The kernel's half, and the text and stack of ring 3. */
void address_space_create(struct address_space *space);
void address_space_destroy(struct address_space *space);
void address_space_switch(const struct address_space *space);

/* The entry for an address of ring 3, with a new page table if need be. */
uint32_t *address_space_entry(struct address_space *space, uint32_t address);

/* The entry for an address in the first 4 MiB, in every address space. */
uint32_t *paging_kernel_entry(uint32_t address);

extern struct address_space paging_kernel_space;

#endif /* GUEST_PAGING_H */
