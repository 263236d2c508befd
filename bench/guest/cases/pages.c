// SPDX-License-Identifier: GPL-2.0-only
/*
 * pages.c - cases: page tables with entries of 32 bits
 *
 * Most work on the entry of a window of the kernel, so that what was written is
 * also seen by the processor.
 */
#include <stddef.h>

#include "arch/trap.h"
#include "call/call.h"
#include "call/find.h"
#include "cases/selftest.h"
#include "kernel/cpu.h"
#include "kernel/paging.h"
#include "vmi/abi.h"

#define KERNEL_PAGE	(PTE_PRESENT | PTE_WRITE)
#define ANY_PFN		0x100
#define CR4_DE		0x08
#define EFLAGS_TF	0x100

struct window {
	volatile uint32_t *word;	/* through the window */
	uint32_t *entry;
	uint32_t *pages[2];		/* whose first words are 1 and 2 */
};

static struct window open_window(void)
{
	struct window window = {
		.word = (volatile uint32_t *)PAGING_WINDOW,
		.entry = paging_kernel_entry(PAGING_WINDOW),
	};
	uint32_t i;

	for (i = 0; i < 2; i++) {
		window.pages[i] = page_allocate();
		window.pages[i][0] = i + 1;
	}
	return window;
}

static void close_window(struct window *window)
{
	vmi_SetPxE(window->entry, 0);
	vmi_InvalPage(PAGING_WINDOW);
	page_free(window->pages[0]);
	page_free(window->pages[1]);
}

static uint32_t entry_of(const struct window *window, uint32_t page,
			 uint32_t flags)
{
	return (uint32_t)window->pages[page] | KERNEL_PAGE | flags;
}

static void set_entry(uint32_t call)
{
	struct window window = open_window();

	if (call == VMI_CALL_SetPxEFlags)
		vmi_SetPxEFlags(entry_of(&window, 0, 0), window.entry,
				VMI_PXE_CURRENT_AS);
	else
		vmi_SetPxE(window.entry, entry_of(&window, 0, 0));
	expect_equal("entry", *window.entry, entry_of(&window, 0, 0));
	expect_equal("entry beside it", window.entry[1], 0);
	expect_equal("word", *window.word, 1);
	close_window(&window);
}

static void get_entry(uint32_t call)
{
	static uint32_t entries[3] = { 0x11111111, 0x87654321, 0x33333333 };

	(void)call;
	expect_equal("entry", vmi_GetPxE(&entries[1]), 0x87654321);
}

static void swap_entry(uint32_t call)
{
	struct window window = open_window();
	uint32_t old;

	(void)call;
	vmi_SetPxE(window.entry, entry_of(&window, 0, 0));
	expect_equal("word", *window.word, 1);
	old = vmi_SwapPxE(window.entry, entry_of(&window, 1, 0));
	expect_equal("old entry", old & ~(PTE_ACCESSED | PTE_DIRTY),
		     entry_of(&window, 0, 0));
	expect(old & PTE_ACCESSED, "the processor's accessed bit is lost");
	vmi_InvalPage(PAGING_WINDOW);
	expect_equal("word", *window.word, 2);
	close_window(&window);
}

static void each_bit(uint32_t call)
{
	const bool set = call == VMI_CALL_TestAndSetPxEBit;
	const uint32_t before = set ? 0 : 0xffffffff;
	uint32_t entries[3] = { before, before, before };
	uint32_t bit;

	for (bit = 0; bit < 32; bit++) {
		uint32_t changed = before ^ 1U << bit;
		uint32_t old;

		entries[1] = before;
		old = set ? vmi_TestAndSetPxEBit(&entries[1], bit) :
			    vmi_TestAndClearPxEBit(&entries[1], bit);
		expect(!old == set, "bit %u: the old one is said to be %u", bit,
		       old);
		expect_equal("entry", entries[1], changed);
		old = set ? vmi_TestAndSetPxEBit(&entries[1], bit) :
			    vmi_TestAndClearPxEBit(&entries[1], bit);
		expect(!old == !set, "bit %u again: the old one is said to be %u",
		       bit, old);
		expect_equal("entry", entries[1], changed);
	}
	expect_equal("entry in front", entries[0], before);
	expect_equal("entry behind", entries[2], before);
}

static void inval_page(uint32_t call)
{
	struct window window = open_window();

	(void)call;
	vmi_SetPxE(window.entry, entry_of(&window, 0, 0));
	expect_equal("word", *window.word, 1);
	vmi_SetPxE(window.entry, entry_of(&window, 1, 0));
	vmi_InvalPage(PAGING_WINDOW);
	expect_equal("word", *window.word, 2);
	close_window(&window);
}

static void flush(uint32_t mode, uint32_t flags)
{
	struct window window = open_window();
	uint32_t cr3 = vmi_GetCR3(), cr4 = vmi_GetCR4();

	vmi_SetPxE(window.entry, entry_of(&window, 0, flags));
	expect_equal("word", *window.word, 1);
	vmi_SetPxE(window.entry, entry_of(&window, 1, flags));
	vmi_FlushTLB(mode);
	expect_equal("word", *window.word, 2);
	expect_equal("CR3", vmi_GetCR3(), cr3);
	expect_equal("CR4", vmi_GetCR4(), cr4);
	close_window(&window);
}

static void flush_local(uint32_t call)
{
	(void)call;
	flush(VMI_FLUSH_TLB, 0);
}

static void flush_global(uint32_t call)
{
	(void)call;
	if (!(vmi_GetCR4() & CR4_PGE)) {
		skip("this processor has no global pages");
		return;
	}
	flush(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL, PTE_GLOBAL);
	flush(VMI_FLUSH_GLOBAL, PTE_GLOBAL);
}

/* A handler that comes once, and writes to both registers. */
static struct {
	uint32_t steps, comes_at;
	uint32_t cr3, cr4;
} handler;

/* Steps at which interrupts are open are those where one may come. */
static bool count_step(struct trap_frame *frame)
{
	if (frame->vector != TRAP_DB)
		return false;
	if (!(frame->eflags & VMI_FLAG_IF) ||
	    ++handler.steps != handler.comes_at)
		return true;
	vmi_SetCR4(handler.cr4);
	vmi_SetCR3(handler.cr3);
	return true;
}

/* Returns false when the call has no such step. */
static bool flush_with_handler(uint32_t mode, uint32_t comes_at)
{
	const uint32_t cr3 = vmi_GetCR3(), cr4 = vmi_GetCR4();
	const uint32_t closed = vmi_GetInterruptMask();

	handler.steps = 0;
	handler.comes_at = comes_at;
	trap_hook = count_step;
	vmi_SetInterruptMask(closed | VMI_FLAG_IF | EFLAGS_TF);
	vmi_FlushTLB(mode);
	vmi_SetInterruptMask(closed);
	trap_hook = NULL;
	if (handler.steps < comes_at)
		return false;
	expect_equal("CR4", vmi_GetCR4(), handler.cr4);
	expect_equal("CR3", vmi_GetCR3(), handler.cr3);
	vmi_SetCR4(cr4);
	vmi_SetCR3(cr3);
	return true;
}

static void flush_undoes_nothing(uint32_t call)
{
	struct address_space other;
	uint32_t mode, step;

	(void)call;
	if (!vmi.base) {
		skip("natively it is the kernel's to see to it");
		return;
	}
	address_space_create(&other);
	handler.cr3 = (uint32_t)other.directory;
	handler.cr4 = vmi_GetCR4() ^ CR4_DE;
	for (mode = VMI_FLUSH_TLB; mode <= VMI_FLUSH_GLOBAL; mode++) {
		step = 1;
		while (flush_with_handler(mode, step) && !has_failed())
			step++;
		expect(step > 1, "no handler came");
	}
	address_space_destroy(&other);
}

static void deferred_calls(uint32_t call)
{
	struct window window = open_window();

	(void)call;
	vmi_SetPxEFlags(entry_of(&window, 1, 0), window.entry,
			VMI_PXE_CURRENT_AS | VMI_PXE_DEFER);
	vmi_FlushDeferredCalls(VMI_FLUSH_PT_UPDATES);
	expect_equal("word", *window.word, 2);
	vmi_FlushDeferredCalls(0);
	close_window(&window);
}

/* A page becomes a page table, is used, and is a page again. */
static void page_types(uint32_t call)
{
	struct window window = open_window();
	uint32_t pfn = (uint32_t)window.pages[0] >> PAGE_SHIFT;

	(void)call;
	vmi_AllocatePage(pfn, VMI_PAGE_PT, 0, 0, 0);
	vmi_SetPxE(&window.pages[0][5], entry_of(&window, 1, 0));
	expect_equal("entry", window.pages[0][5], entry_of(&window, 1, 0));
	vmi_ReleasePage(pfn, VMI_PAGE_PT);
	expect_equal("first word", window.pages[0][0], 1);
	window.pages[0][0] = 7;
	expect_equal("first word", window.pages[0][0], 7);
	close_window(&window);
}

static void linear_mapping(uint32_t call)
{
	uint32_t slot;

	(void)call;
	for (slot = 0; slot < VMI_LINEAR_MAP_SLOTS; slot++)
		vmi_SetLinearMapping(slot, PAGING_WINDOW, 1, ANY_PFN);
	expect_equal("window", *paging_kernel_entry(PAGING_WINDOW), 0);
	for (slot = 0; slot < VMI_LINEAR_MAP_SLOTS; slot++)
		vmi_SetLinearMapping(slot, 0, 0, 0);
}

static const struct test_case cases[] = {
	{ VMI_CALL_SetPxE, "the page is there", set_entry },
	{ VMI_CALL_SetPxEFlags, "the page is there", set_entry },
	{ VMI_CALL_GetPxE, "reads one entry", get_entry },
	{ VMI_CALL_SwapPxE, "returns the old one", swap_entry },
	{ VMI_CALL_TestAndSetPxEBit, "each bit", each_bit },
	{ VMI_CALL_TestAndClearPxEBit, "each bit", each_bit },
	{ VMI_CALL_InvalPage, "another page is seen", inval_page },
	{ VMI_CALL_FlushTLB, "another page is seen", flush_local },
	{ VMI_CALL_FlushTLB, "another global page is seen", flush_global },
	{ VMI_CALL_FlushTLB, "undoes nothing that a handler writes",
	  flush_undoes_nothing },
	{ VMI_CALL_FlushDeferredCalls, "a deferred entry is written",
	  deferred_calls },
	{ VMI_CALL_AllocatePage, "the page can be a page table", page_types },
	{ VMI_CALL_ReleasePage, "the page can be written", page_types },
	{ VMI_CALL_SetLinearMapping, "maps nothing by itself", linear_mapping },
};

TEST_GROUP(page_cases, cases);
