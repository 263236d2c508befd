// SPDX-License-Identifier: GPL-2.0-only
/*
 * registers.c - cases: processor registers
 */
#include <stddef.h>

#include "arch/trap.h"
#include "call/call.h"
#include "cases/selftest.h"
#include "kernel/cpu.h"
#include "kernel/paging.h"

#define CACHE_TYPE		0x1f
#define CR4_DE			0x08
#define DR7_FIXED		0x400
#define DR7_WRITE_WATCH_0	0xd0003		/* 4 bytes at DR0, writes */
#define DR6_HIT_0		0x1
#define PAT_OTHER		0x0007010600070105ULL
#define TRAP_NM			7

static uint32_t hits;

static void cpuid_leaves(uint32_t call)
{
	uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0, i;
	uint32_t vendor[3];

	(void)call;
	vmi_CPUID(&eax, &ebx, &ecx, &edx);
	expect(eax >= 1, "leaf 0 says that there is no leaf 1");
	vendor[0] = ebx;
	vendor[1] = edx;
	vendor[2] = ecx;
	for (i = 0; i < sizeof(vendor); i++) {
		char c = ((const char *)vendor)[i];

		expect(c >= ' ' && c <= '~', "vendor has byte 0x%x", c);
	}
	eax = 1;
	ecx = 0;
	vmi_CPUID(&eax, &ebx, &ecx, &edx);
	expect(edx & CPU_FEATURE_MSR, "leaf 1 edx 0x%x lacks MSR", edx);
}

/* Leaf 4 describes one cache for each subleaf: data, then instructions. */
static void cpuid_subleaves(uint32_t call)
{
	uint32_t eax = 0, ebx, ecx = 0, edx, subleaf;

	(void)call;
	vmi_CPUID(&eax, &ebx, &ecx, &edx);
	if (eax < 4) {
		skip("this processor has no leaf 4");
		return;
	}
	for (subleaf = 0; subleaf < 2; subleaf++) {
		eax = 4;
		ecx = subleaf;
		vmi_CPUID(&eax, &ebx, &ecx, &edx);
		if (!subleaf && !(eax & CACHE_TYPE)) {
			skip("leaf 4 is empty on this processor");
			return;
		}
		expect_equal("cache type", eax & CACHE_TYPE, subleaf + 1);
	}
}

static void msr_value(uint32_t call)
{
	uint64_t before;

	(void)call;
	if (!(cpu_features() & CPU_FEATURE_PAT)) {
		skip("this processor has no PAT");
		return;
	}
	before = vmi_RDMSR(MSR_PAT);
	vmi_WRMSR(MSR_PAT, PAT_OTHER);
	expect_equal64("PAT", vmi_RDMSR(MSR_PAT), PAT_OTHER);
	vmi_WRMSR(MSR_PAT, before);
	expect_equal64("PAT", vmi_RDMSR(MSR_PAT), before);
}

static bool count_no_fpu(struct trap_frame *frame)
{
	if (frame->vector != TRAP_NM)
		return false;
	hits++;
	vmi_CLTS();
	return true;
}

static void cr0_task_switched(uint32_t call)
{
	uint32_t cr0 = vmi_GetCR0();

	(void)call;
	vmi_SetCR0(cr0 | CR0_TS);
	expect_equal("CR0", vmi_GetCR0(), cr0 | CR0_TS);
	hits = 0;
	trap_hook = count_no_fpu;
	__asm__ volatile("fninit");
	__asm__ volatile("fninit");
	trap_hook = NULL;
	expect_equal("faults of the FPU", hits, 1);
	expect_equal("CR0", vmi_GetCR0(), cr0 & ~CR0_TS);
}

static void cr2_value(uint32_t call)
{
	(void)call;
	vmi_SetCR2(0x12345678);
	expect_equal("CR2", vmi_GetCR2(), 0x12345678);
	vmi_SetCR2(0xfedcba98);
	expect_equal("CR2", vmi_GetCR2(), 0xfedcba98);
}

/* Two address spaces show two pages at one address of the user's half. */
static void cr3_switches(uint32_t call)
{
	volatile uint32_t *window = (volatile uint32_t *)0x40200000;
	struct address_space spaces[2];
	uint32_t before = vmi_GetCR3();
	uint32_t i;

	(void)call;
	for (i = 0; i < 2; i++) {
		uint32_t *page = page_allocate();

		page[0] = i + 1;
		address_space_create(&spaces[i]);
		vmi_SetPxE(address_space_entry(&spaces[i], 0x40200000),
			   (uint32_t)page | PTE_PRESENT | PTE_WRITE);
	}
	for (i = 0; i < 4; i++) {
		address_space_switch(&spaces[i % 2]);
		expect_equal("CR3", vmi_GetCR3(),
			     (uint32_t)spaces[i % 2].directory);
		expect_equal("word in that space", *window, i % 2 + 1);
	}
	vmi_SetCR3(before);
	address_space_destroy(&spaces[0]);
	address_space_destroy(&spaces[1]);
}

static void cr4_value(uint32_t call)
{
	uint32_t cr4 = vmi_GetCR4();

	(void)call;
	vmi_SetCR4(cr4 ^ CR4_DE);
	expect_equal("CR4", vmi_GetCR4(), cr4 ^ CR4_DE);
	vmi_SetCR4(cr4);
	expect_equal("CR4", vmi_GetCR4(), cr4);
}

static void caches(uint32_t call)
{
	static volatile uint32_t word;

	word = 0xcafe0000 + call;
	if (call == VMI_CALL_INVD)
		vmi_INVD();
	else
		vmi_WBINVD();
	expect_equal("word behind the cache", word, 0xcafe0000 + call);
}

static void dr_values(uint32_t call)
{
	uint32_t number;

	(void)call;
	for (number = 0; number < 4; number++)
		vmi_SetDR(number, 0x1000 * (number + 1));
	for (number = 0; number < 4; number++)
		expect_equal("address register", vmi_GetDR(number),
			     0x1000 * (number + 1));
	vmi_SetDR(6, 0xffff0ff0 | DR6_HIT_0);
	expect_equal("DR6", vmi_GetDR(6) & 0xf, DR6_HIT_0);
	vmi_SetDR(7, DR7_FIXED);
	expect_equal("DR7", vmi_GetDR(7), DR7_FIXED);
}

static bool count_debug(struct trap_frame *frame)
{
	if (frame->vector != TRAP_DB)
		return false;
	hits += vmi_GetDR(6) & DR6_HIT_0;
	vmi_SetDR(6, 0);
	return true;
}

static void dr_watch(uint32_t call)
{
	static volatile uint32_t watched;

	(void)call;
	hits = 0;
	trap_hook = count_debug;
	vmi_SetDR(0, (uint32_t)&watched);
	vmi_SetDR(7, DR7_FIXED | DR7_WRITE_WATCH_0);
	watched = 1;
	expect_equal("word", watched, 1);
	vmi_SetDR(7, DR7_FIXED);
	watched = 2;
	trap_hook = NULL;
	expect_equal("writes seen", hits, 1);
}

static void tsc_counts(uint32_t call)
{
	uint64_t last = vmi_RDTSC();
	uint32_t i;

	(void)call;
	for (i = 0; i < 100; i++) {
		uint64_t now = vmi_RDTSC();

		expect(now > last, "TSC went from 0x%llx to 0x%llx", last, now);
		last = now;
	}
}

static const struct test_case cases[] = {
	{ VMI_CALL_CPUID, "leaves 0 and 1", cpuid_leaves },
	{ VMI_CALL_CPUID, "ecx is the subleaf", cpuid_subleaves },
	{ VMI_CALL_RDMSR, "reads what was written, 64 bits", msr_value },
	{ VMI_CALL_WRMSR, "writes 64 bits", msr_value },
	{ VMI_CALL_GetCR0, "TS as it was set", cr0_task_switched },
	{ VMI_CALL_SetCR0, "TS makes the FPU fault", cr0_task_switched },
	{ VMI_CALL_CLTS, "clears TS and nothing else", cr0_task_switched },
	{ VMI_CALL_GetCR2, "as it was set", cr2_value },
	{ VMI_CALL_SetCR2, "sets it", cr2_value },
	{ VMI_CALL_GetCR3, "as it was set", cr3_switches },
	{ VMI_CALL_SetCR3, "switches the address space", cr3_switches },
	{ VMI_CALL_GetCR4, "as it was set", cr4_value },
	{ VMI_CALL_SetCR4, "sets it", cr4_value },
	{ VMI_CALL_WBINVD, "memory stays", caches },
	{ VMI_CALL_INVD, "memory stays", caches },
	{ VMI_CALL_SetDR, "each register its own", dr_values },
	{ VMI_CALL_GetDR, "each register its own", dr_values },
	{ VMI_CALL_SetDR, "a write is watched", dr_watch },
	{ VMI_CALL_RDTSC, "counts up", tsc_counts },
};

TEST_GROUP(register_cases, cases);
