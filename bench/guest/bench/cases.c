// SPDX-License-Identifier: GPL-2.0-only
/*
 * cases.c - which calls are measured, and with which inputs
 *
 * Each operation can be made again and again without harm: registers get the
 * value that they have, page-table entries and descriptors lie in memory that the
 * processor does not use as such, ports are the delay port's.
 */
#include <assert.h>
#include <stddef.h>

#include "arch/platform.h"
#include "bench/cases.h"
#include "call/call.h"
#include "kernel/cpu.h"
#include "kernel/paging.h"
#include "kernel/task.h"
#include "vmi/abi.h"

#define DELAY_PORT	0x80
#define EFLAGS_FIXED	0x002
#define TSS_BUSY	(2ULL << 40)
#define APIC_PRIORITY	(PAGING_APIC + 0x80)

static uint32_t entry32;
static uint64_t entry64;
static uint64_t table_entries[2];
static struct descriptor_table table;
static uint32_t items[4];
static struct vmi_ap_state ap_state;

static const char *prepare_gdt(struct bench_setup *setup)
{
	(void)setup;
	vmi_GetGDT(&table);
	return NULL;
}

static const char *prepare_idt(struct bench_setup *setup)
{
	(void)setup;
	vmi_GetIDT(&table);
	return NULL;
}

/* LTR makes the segment busy, and wants one that is not. */
static const char *prepare_tr(struct bench_setup *setup)
{
	const uint64_t *entry = &platform_gdt[SEL_TSS >> 3];

	setup->store_at = (uint32_t)entry + 4;
	setup->store_value = (uint32_t)((*entry & ~TSS_BUSY) >> 32);
	return NULL;
}

static const char *prepare_msr(struct bench_setup *setup)
{
	uint64_t value;

	if (!(cpu_features() & CPU_FEATURE_SEP))
		return "the processor has no SYSENTER registers";
	value = vmi_RDMSR(MSR_SYSENTER_ESP);
	setup->eax = (uint32_t)value;
	setup->edx = (uint32_t)(value >> 32);
	return NULL;
}

static const char *prepare_cr0(struct bench_setup *setup)
{
	setup->eax = vmi_GetCR0();
	return NULL;
}

static const char *prepare_cr3(struct bench_setup *setup)
{
	setup->eax = vmi_GetCR3();
	return NULL;
}

static const char *prepare_cr4(struct bench_setup *setup)
{
	setup->eax = vmi_GetCR4();
	return NULL;
}

static const char *prepare_kernel_stack(struct bench_setup *setup)
{
	setup->edx = task_tss.esp0;
	return NULL;
}

static const char *prepare_apic(struct bench_setup *setup)
{
	(void)setup;
	return cpu_features() & CPU_FEATURE_APIC ?
		       NULL :
		       "the processor has no local APIC";
}

#define CALL(name)	.call = VMI_CALL_##name
#define EAX(value)	.setup = { .loads = LOAD_EAX, .eax = (value) }
#define ECX(value)	.setup = { .loads = LOAD_ECX, .ecx = (value) }
#define EDX(value)	.setup = { .loads = LOAD_EDX, .edx = (value) }
#define EAX_EDX(a, d) \
	.setup = { .loads = LOAD_EAX | LOAD_EDX, .eax = (a), .edx = (d) }
#define EDX_ECX(d, c) \
	.setup = { .loads = LOAD_EDX | LOAD_ECX, .edx = (d), .ecx = (c) }
#define EAX_EDX_ECX(a, d, c) \
	.setup = { .loads = LOAD_EAX | LOAD_EDX | LOAD_ECX, .eax = (a), \
		   .edx = (d), .ecx = (c) }
#define EAX_EDX_ECX_ST1(a, d, c, s) \
	.setup = { .loads = LOAD_EAX | LOAD_EDX | LOAD_ECX, .eax = (a), \
		   .edx = (d), .ecx = (c), .stack_words = 1, .stack = { s } }
#define EAX_EDX_ECX_ST2(a, d, c, s, t) \
	.setup = { .loads = LOAD_EAX | LOAD_EDX | LOAD_ECX, .eax = (a), \
		   .edx = (d), .ecx = (c), .stack_words = 2, \
		   .stack = { s, t } }
/* A string of one item. */
#define STRING_IN \
	.setup = { .loads = LOAD_EDI | LOAD_EDX | LOAD_ECX, \
		   .edi = (uint32_t)items, .edx = DELAY_PORT, .ecx = 1 }
#define STRING_OUT \
	.setup = { .loads = LOAD_ESI | LOAD_EDX | LOAD_ECX, \
		   .esi = (uint32_t)items, .edx = DELAY_PORT, .ecx = 1 }

#define ENTRY		((uint32_t)&entry32)
#define LONG_ENTRY	((uint32_t)&entry64)
#define TABLE		((uint32_t)table_entries)
#define ENTRIES_PFN	0x100	/* of the guest's own first page */

const struct bench_case bench_cases[VMI_NR_CALLS - VMI_FIRST_CALL] = {
	{ CALL(Init), "it is made once, when the guest starts" },
	/* Processor registers */
	{ CALL(CPUID), EAX_EDX_ECX(1, 0, 0) },
	{ CALL(WRMSR), NULL, prepare_msr,
	  EAX_EDX_ECX(0, 0, MSR_SYSENTER_ESP) },
	{ CALL(RDMSR), NULL, prepare_msr, ECX(MSR_SYSENTER_ESP) },
	{ CALL(SetGDT), NULL, prepare_gdt, EAX((uint32_t)&table) },
	{ CALL(SetLDT), EAX(0) },
	{ CALL(SetIDT), NULL, prepare_idt, EAX((uint32_t)&table) },
	{ CALL(SetTR), NULL, prepare_tr, EAX(SEL_TSS) },
	{ CALL(GetGDT), EAX((uint32_t)&table) },
	{ CALL(GetLDT) },
	{ CALL(GetIDT), EAX((uint32_t)&table) },
	{ CALL(GetTR) },
	{ CALL(WriteGDTEntry), EAX_EDX_ECX_ST1(TABLE, 1, 0, 0) },
	{ CALL(WriteLDTEntry), EAX_EDX_ECX_ST1(TABLE, 1, 0, 0) },
	{ CALL(WriteIDTEntry), EAX_EDX_ECX_ST1(TABLE, 1, 0, 0) },
	{ CALL(UpdateKernelStack), NULL, prepare_kernel_stack,
	  EAX_EDX((uint32_t)&task_tss, 0) },
	{ CALL(SetCR0), NULL, prepare_cr0, EAX(0) },
	{ CALL(SetCR2), EAX(0) },
	{ CALL(SetCR3), NULL, prepare_cr3, EAX(0) },
	{ CALL(SetCR4), NULL, prepare_cr4, EAX(0) },
	{ CALL(GetCR0) },
	{ CALL(GetCR2) },
	{ CALL(GetCR3) },
	{ CALL(GetCR4) },
	{ CALL(INVD), "it drops what the caches have not written back" },
	{ CALL(WBINVD) },
	{ CALL(SetDR), EAX_EDX(0, 0) },
	{ CALL(GetDR), EAX(0) },
	{ CALL(RDPMC), ECX(0) },
	{ CALL(RDTSC) },
	{ CALL(CLTS) },
	/* Interrupts and return to user; all interrupts are masked */
	{ CALL(EnableInterrupts) },
	{ CALL(DisableInterrupts) },
	{ CALL(GetInterruptMask) },
	{ CALL(SetInterruptMask), EAX(EFLAGS_FIXED | VMI_FLAG_IF) },
	{ CALL(IRET), .setup = { .iret_frame = true } },
	{ CALL(SYSEXIT), "it leads to ring 3: the way back would be measured" },
	/* Idle and reset */
	{ CALL(Pause) },
	{ CALL(Halt), "it waits for an interrupt" },
	{ CALL(Reboot), "it ends the guest" },
	{ CALL(Shutdown), "it ends the guest" },
	/* Page tables */
	{ CALL(SetPxE), EAX_EDX(ENTRY, 0) },
	{ CALL(GetPxE), EAX(ENTRY) },
	{ CALL(SwapPxE), EAX_EDX(ENTRY, 0) },
	{ CALL(SetPxELong), EAX_EDX_ECX(0, 0, LONG_ENTRY) },
	{ CALL(GetPxELong), EAX(LONG_ENTRY) },
	{ CALL(SwapPxELongAtomic), EAX_EDX_ECX(0, 0, LONG_ENTRY) },
	{ CALL(TestAndSetPxEBit), EAX_EDX(ENTRY, PTE_BIT_ACCESSED) },
	{ CALL(TestAndClearPxEBit), EAX_EDX(ENTRY, PTE_BIT_ACCESSED) },
	{ CALL(AllocatePage),
	  EAX_EDX_ECX_ST2(ENTRIES_PFN, VMI_PAGE_PT, 0, 0, 0) },
	{ CALL(ReleasePage), EAX_EDX(ENTRIES_PFN, VMI_PAGE_PT) },
	{ CALL(InvalPage), EAX(PAGING_WINDOW) },
	{ CALL(FlushTLB), EAX(VMI_FLUSH_TLB) },
	{ CALL(FlushDeferredCalls), EAX(VMI_FLUSH_CPU_STATE) },
	{ CALL(SetLinearMapping),
	  EAX_EDX_ECX_ST1(3, PAGING_WINDOW, 1, ENTRIES_PFN) },
	/* Port I/O */
	{ CALL(IN), EDX(DELAY_PORT) },
	{ CALL(INB), EDX(DELAY_PORT) },
	{ CALL(INW), EDX(DELAY_PORT) },
	{ CALL(INS), STRING_IN },
	{ CALL(INSB), STRING_IN },
	{ CALL(INSW), STRING_IN },
	{ CALL(OUT), EAX_EDX(0, DELAY_PORT) },
	{ CALL(OUTB), EAX_EDX(0, DELAY_PORT) },
	{ CALL(OUTW), EAX_EDX(0, DELAY_PORT) },
	{ CALL(OUTS), STRING_OUT },
	{ CALL(OUTSB), STRING_OUT },
	{ CALL(OUTSW), STRING_OUT },
	/* Privilege and PAE page tables */
	{ CALL(SetIOPLMask), EAX(0) },
	{ CALL(DeactivatePxELongAtomic), EAX(LONG_ENTRY) },
	{ CALL(TestAndSetPxELongBit), EAX_EDX(LONG_ENTRY, PTE_BIT_ACCESSED) },
	{ CALL(TestAndClearPxELongBit), EAX_EDX(LONG_ENTRY, PTE_BIT_ACCESSED) },
	/* Other processors and local APIC */
	{ CALL(SetInitialAPState), EAX_EDX((uint32_t)&ap_state, 1) },
	{ CALL(APICWrite), NULL, prepare_apic, EAX_EDX(APIC_PRIORITY, 0) },
	{ CALL(APICRead), NULL, prepare_apic, EAX(APIC_PRIORITY) },
	{ CALL(IODelay) },
	/* Time */
	{ CALL(GetCycleFrequency) },
	{ CALL(GetCycleCounter), EAX(VMI_CYCLES_REAL) },
	{ CALL(SetAlarm), EAX_EDX_ECX_ST2(VMI_CYCLES_REAL, 0, 0, 0, 0) },
	{ CALL(CancelAlarm), EAX(VMI_CYCLES_REAL) },
	{ CALL(GetWallclockTime) },
	{ CALL(WallclockUpdated) },
	/* Added by 13.3 */
	{ CALL(GetRelocationInfo), EAX(VMI_CALL_IRET) },
	{ CALL(SetPxEFlags), EAX_EDX_ECX(0, ENTRY, 0) },
	{ CALL(SetPxELongFlags), EAX_EDX_ECX_ST1(0, 0, LONG_ENTRY, 0) },
};

static_assert(sizeof(bench_cases) / sizeof(bench_cases[0]) ==
		      VMI_NR_CALLS - VMI_FIRST_CALL,
	      "a case for each call");
