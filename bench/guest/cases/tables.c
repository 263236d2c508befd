// SPDX-License-Identifier: GPL-2.0-only
/*
 * tables.c - cases: descriptor tables and the kernel stack
 *
 * LSL reads a segment's limit from whatever table the processor uses, without a
 * privilege and without loading the segment.
 */
#include <stddef.h>

#include "arch/platform.h"
#include "arch/trap.h"
#include "call/call.h"
#include "cases/selftest.h"
#include "kernel/task.h"
#include "lib/string.h"

#define SPARE_SELECTOR	0x78		/* the last entry of the GDT */
#define LDT_SELECTOR	0x0c		/* entry 1 of the LDT, RPL 0 */
#define LDT_TYPE	0x82
#define TSS_BUSY_BIT	(2ULL << 40)
#define NO_LIMIT	0xffffffff

static uint64_t other_table[256] __attribute__((aligned(8)));
static volatile uint32_t gates_taken;

/* Limit of a segment, or NO_LIMIT if there is none. */
static uint32_t limit_of(uint32_t selector)
{
	uint32_t limit;

	__asm__ volatile("lsl %1, %0\n\t"
			 "jz 1f\n\t"
			 "movl $-1, %0\n"
			 "1:"
			 : "=&r"(limit)
			 : "r"(selector)
			 : "cc");
	return limit;
}

/* A data segment of that limit in bytes, base 0. */
static uint64_t data_segment(uint32_t limit)
{
	return 0x0040930000000000ULL | (uint64_t)(limit & 0xf0000) << 32 |
	       (limit & 0xffff);
}

static void gdt_entry(uint32_t call)
{
	(void)call;
	vmi_WriteGDTEntry(platform_gdt, SPARE_SELECTOR >> 3,
			  data_segment(0x12345));
	expect_equal64("entry", platform_gdt[SPARE_SELECTOR >> 3],
		       data_segment(0x12345));
	expect_equal("limit in use", limit_of(SPARE_SELECTOR), 0x12345);
	vmi_WriteGDTEntry(platform_gdt, SPARE_SELECTOR >> 3, 0);
	expect_equal("limit in use", limit_of(SPARE_SELECTOR), NO_LIMIT);
}

static void gdt_moves(uint32_t call)
{
	struct descriptor_table before, other, now = { 0 };

	(void)call;
	vmi_GetGDT(&before);
	expect_equal("limit", before.limit, sizeof(platform_gdt) - 1);
	expect_equal("base", before.base, (uint32_t)platform_gdt);
	memcpy(other_table, platform_gdt, sizeof(platform_gdt));
	other_table[SPARE_SELECTOR >> 3] = data_segment(0x777);
	other = (struct descriptor_table){
		.limit = sizeof(platform_gdt) - 1,
		.base = (uint32_t)other_table,
	};
	vmi_SetGDT(&other);
	vmi_GetGDT(&now);
	expect_equal("base", now.base, other.base);
	expect_equal("limit in the other table", limit_of(SPARE_SELECTOR),
		     0x777);
	vmi_SetGDT(&before);
	expect_equal("limit in the first table", limit_of(SPARE_SELECTOR),
		     NO_LIMIT);
}

static void ldt_moves(uint32_t call)
{
	static uint64_t ldt[2] __attribute__((aligned(8)));
	uint32_t base = (uint32_t)ldt;
	uint32_t high = (base & 0xff000000) | LDT_TYPE << 8 |
			(base >> 16 & 0xff);

	(void)call;
	ldt[0] = 0;
	ldt[1] = 0;
	vmi_WriteGDTEntry(platform_gdt, SEL_SPARE >> 3,
			  (uint64_t)high << 32 | base << 16 |
				  (sizeof(ldt) - 1));
	vmi_SetLDT(SEL_SPARE);
	expect_equal("LDT", vmi_GetLDT() & 0xffff, SEL_SPARE);
	vmi_WriteLDTEntry(ldt, 1, data_segment(0x4321));
	expect_equal64("entry", ldt[1], data_segment(0x4321));
	expect_equal64("entry beside it", ldt[0], 0);
	expect_equal("limit in use", limit_of(LDT_SELECTOR), 0x4321);
	vmi_SetLDT(0);
	expect_equal("LDT", vmi_GetLDT() & 0xffff, 0);
	expect_equal("limit in use", limit_of(LDT_SELECTOR), NO_LIMIT);
	vmi_WriteGDTEntry(platform_gdt, SEL_SPARE >> 3, 0);
}

/* A second TSS with the same contents, then the first one again. */
static void task_register(uint32_t call)
{
	uint64_t tss;

	(void)call;
	/* A case before this one may have left the spare one loaded. */
	task_start();
	tss = platform_gdt[SEL_TSS >> 3] & ~TSS_BUSY_BIT;
	expect_equal("TR", vmi_GetTR() & 0xffff, SEL_TSS);
	vmi_WriteGDTEntry(platform_gdt, SEL_SPARE >> 3, tss);
	vmi_SetTR(SEL_SPARE);
	expect_equal("TR", vmi_GetTR() & 0xffff, SEL_SPARE);
	vmi_WriteGDTEntry(platform_gdt, SEL_TSS >> 3, tss);
	vmi_SetTR(SEL_TSS);
	expect_equal("TR", vmi_GetTR() & 0xffff, SEL_TSS);
	vmi_WriteGDTEntry(platform_gdt, SEL_SPARE >> 3, 0);
}

static bool count_gate(struct trap_frame *frame)
{
	(void)frame;
	gates_taken++;
	return true;
}

/* A table in which one more vector leads to a handler. */
static void idt_moves(uint32_t call)
{
	struct descriptor_table before, other, now = { 0 };

	(void)call;
	vmi_GetIDT(&before);
	memcpy(other_table, (const void *)before.base, sizeof(other_table));
	vmi_WriteIDTEntry(other_table, TRAP_TEST,
			  trap_gate(trap_handlers[TRAP_UD], 0));
	other = (struct descriptor_table){
		.limit = sizeof(other_table) - 1,
		.base = (uint32_t)other_table,
	};
	vmi_SetIDT(&other);
	vmi_GetIDT(&now);
	expect_equal("limit", now.limit, other.limit);
	expect_equal("base", now.base, other.base);
	gates_taken = 0;
	trap_hook = count_gate;
	__asm__ volatile("int %0" : : "i"(TRAP_TEST));
	trap_hook = NULL;
	expect_equal("traps through the new gate", gates_taken, 1);
	vmi_SetIDT(&before);
	vmi_GetIDT(&now);
	expect_equal("base", now.base, before.base);
}

static void kernel_stack(uint32_t call)
{
	uint32_t before = task_tss.esp0;

	(void)call;
	task_tss.esp0 = 0x123450;
	vmi_UpdateKernelStack(&task_tss, 0x123450);
	expect_equal("esp0", task_tss.esp0, 0x123450);
	task_tss.esp0 = before;
	vmi_UpdateKernelStack(&task_tss, before);
}

static const struct test_case cases[] = {
	{ VMI_CALL_WriteGDTEntry, "takes effect at once", gdt_entry },
	{ VMI_CALL_SetGDT, "another table", gdt_moves },
	{ VMI_CALL_GetGDT, "base and limit", gdt_moves },
	{ VMI_CALL_SetLDT, "a table, and none", ldt_moves },
	{ VMI_CALL_GetLDT, "as it was set", ldt_moves },
	{ VMI_CALL_WriteLDTEntry, "takes effect at once", ldt_moves },
	{ VMI_CALL_SetTR, "another TSS", task_register },
	{ VMI_CALL_GetTR, "as it was set", task_register },
	{ VMI_CALL_SetIDT, "another table", idt_moves },
	{ VMI_CALL_GetIDT, "base and limit", idt_moves },
	{ VMI_CALL_WriteIDTEntry, "a gate that is taken", idt_moves },
	{ VMI_CALL_UpdateKernelStack, "leaves the TSS as it is", kernel_stack },
};

TEST_GROUP(table_cases, cases);
