// SPDX-License-Identifier: GPL-2.0-only
/*
 * clobbers.c - what each call leaves alone: registers, flags, stack
 *
 * Expectations follow from a call's class in include/vmi/calls.h.  A row gives
 * inputs with which the call may be made again and again without harm, and what
 * it may change beyond its class.
 */
#include <stddef.h>

#include "arch/platform.h"
#include "arch/trap.h"
#include "call/call.h"
#include "call/find.h"
#include "cases/clobbers.h"
#include "cases/probe.h"
#include "cases/selftest.h"
#include "kernel/cpu.h"
#include "kernel/paging.h"
#include "kernel/pic.h"
#include "kernel/task.h"
#include "lib/console.h"
#include "vmi/abi.h"

#define STACK_LIMIT_BYTES	32	/* below the return address */
#define FLAGS_ALL		PROBE_FLAGS_MASK
#define EFLAGS_FIXED		0x002
#define EFLAGS_DF		0x400
#define EFLAGS_OF		0x800
#define PCI_ADDRESS		0xcf8
#define DELAY_PORT		0x80
#define STRING_ITEMS		4

enum clobbers {
	CLOBBERS_STD,
	CLOBBERS_STD_MEM,
	CLOBBERS_FLAGS,
	CLOBBERS_MEM,
	CLOBBERS_INS,
	CLOBBERS_OUTS,
	CLOBBERS_NONE,
	CLOBBERS_NORETURN,
};

enum segments {
	SEGMENTS_SS,
	SEGMENTS_FLAT,
};

static const struct {
	enum clobbers clobbers;
	enum segments segments;
} classes[VMI_NR_CALLS] = {
#define X(nr, name, nr3, clobbers, segments, ...) \
	[nr] = { CLOBBERS_##clobbers, SEGMENTS_##segments },
	VMI_CALLS(X)
#undef X
};

/* Registers that a call returns something in. */
enum {
	IN_EAX = 1,
	IN_EBX = 2,
	IN_ECX = 4,
	IN_EDX = 8,
	IN_ESI = 16,
	IN_EDI = 32,
};

struct row {
	void (*set_up)(void);	/* before each call */
	uint32_t eax, edx, ecx, st1, st2;	/* or these */
	uint32_t returns;	/* registers */
	uint32_t eax_kept;	/* bits of eax that stay, of those returned */
};

static uint32_t buffer[16];
static struct descriptor_table table;
static uint64_t entry64;

static void set_up_msr(void)
{
	uint64_t value = vmi_RDMSR(MSR_SYSENTER_ESP);

	probe.in.ecx = MSR_SYSENTER_ESP;
	probe.in.eax = (uint32_t)value;
	probe.in.edx = (uint32_t)(value >> 32);
}

static void set_up_gdt(void)
{
	vmi_GetGDT(&table);
	probe.in.eax = (uint32_t)&table;
}

static void set_up_idt(void)
{
	vmi_GetIDT(&table);
	probe.in.eax = (uint32_t)&table;
}

/* Not busy, as LTR wants it. */
static void set_up_tr(void)
{
	task_start();
	vmi_WriteGDTEntry(platform_gdt, SEL_SPARE >> 3,
			  platform_gdt[SEL_TSS >> 3] & ~(2ULL << 40));
	vmi_SetTR(SEL_SPARE);
	vmi_WriteGDTEntry(platform_gdt, SEL_TSS >> 3,
			  platform_gdt[SEL_TSS >> 3] & ~(2ULL << 40));
	probe.in.eax = SEL_TSS;
}

static void set_up_gdt_entry(void)
{
	probe.in.eax = (uint32_t)platform_gdt;
	probe.in.edx = GDT_ENTRIES - 1;
	probe.in.ecx = 0;
	probe.stack[0] = 0;
}

static void set_up_cr0(void)
{
	probe.in.eax = vmi_GetCR0();
}

static void set_up_cr3(void)
{
	probe.in.eax = vmi_GetCR3();
}

static void set_up_cr4(void)
{
	probe.in.eax = vmi_GetCR4();
}

/*
 * A frame that leads to where a call would return to; its flags are the ones
 * that the probe looks for.
 */
static void set_up_iret(void)
{
	uint32_t eflags = EFLAGS_FIXED | probe.in.flags;

	if (probe.in.overflow)
		eflags |= EFLAGS_OF;
	if (probe.in.backward)
		eflags |= EFLAGS_DF;
	if (probe.interrupts)
		eflags |= VMI_FLAG_IF;
	probe.stack[0] = (uint32_t)probe_return;
	probe.stack[1] = platform.kernel_cs;
	probe.stack[2] = eflags;
}

/* Backward strings start at the last item. */
static void set_up_string(uint32_t item_bytes)
{
	uint32_t first = (uint32_t)buffer;

	if (probe.in.backward)
		first += (STRING_ITEMS - 1) * item_bytes;
	probe.in.esi = first;
	probe.in.edi = first;
	probe.in.ecx = STRING_ITEMS;
	probe.in.edx = DELAY_PORT;
}

static void set_up_string4(void)
{
	set_up_string(4);
}

static void set_up_string2(void)
{
	set_up_string(2);
}

static void set_up_string1(void)
{
	set_up_string(1);
}

static const struct row rows[VMI_NR_CALLS] = {
	[VMI_CALL_Init] = { .returns = IN_EAX },
	[VMI_CALL_CPUID] = { .eax = 1, .ecx = 0,
			     .returns = IN_EAX | IN_EBX | IN_ECX | IN_EDX },
	[VMI_CALL_WRMSR] = { set_up_msr },
	[VMI_CALL_RDMSR] = { .ecx = MSR_SYSENTER_ESP },
	[VMI_CALL_SetGDT] = { set_up_gdt },
	[VMI_CALL_SetLDT] = { .eax = 0 },
	[VMI_CALL_SetIDT] = { set_up_idt },
	[VMI_CALL_SetTR] = { set_up_tr },
	[VMI_CALL_GetGDT] = { .eax = (uint32_t)&table },
	[VMI_CALL_GetLDT] = { .eax = 0 },
	[VMI_CALL_GetIDT] = { .eax = (uint32_t)&table },
	[VMI_CALL_GetTR] = { .eax = 0 },
	[VMI_CALL_WriteGDTEntry] = { set_up_gdt_entry },
	[VMI_CALL_WriteLDTEntry] = { .eax = (uint32_t)buffer, .edx = 1 },
	[VMI_CALL_WriteIDTEntry] = { .eax = (uint32_t)buffer, .edx = 1 },
	[VMI_CALL_UpdateKernelStack] = { .eax = (uint32_t)&task_tss,
					 .edx = 0x1000 },
	[VMI_CALL_SetCR0] = { set_up_cr0 },
	[VMI_CALL_SetCR2] = { .eax = 0x1234 },
	[VMI_CALL_SetCR3] = { set_up_cr3 },
	[VMI_CALL_SetCR4] = { set_up_cr4 },
	[VMI_CALL_SetDR] = { .eax = 0, .edx = 0x1000 },
	[VMI_CALL_GetDR] = { .eax = 0 },
	[VMI_CALL_RDPMC] = { .ecx = 0 },
	[VMI_CALL_GetInterruptMask] = { .returns = IN_EAX },
	[VMI_CALL_SetInterruptMask] = { .eax = EFLAGS_FIXED | VMI_FLAG_IF },
	[VMI_CALL_IRET] = { set_up_iret },
	[VMI_CALL_SetPxE] = { .eax = (uint32_t)buffer },
	[VMI_CALL_GetPxE] = { .eax = (uint32_t)buffer },
	[VMI_CALL_SwapPxE] = { .eax = (uint32_t)buffer },
	[VMI_CALL_SetPxELong] = { .ecx = (uint32_t)&entry64 },
	[VMI_CALL_GetPxELong] = { .eax = (uint32_t)&entry64 },
	[VMI_CALL_SwapPxELongAtomic] = { .ecx = (uint32_t)&entry64 },
	[VMI_CALL_TestAndSetPxEBit] = { .eax = (uint32_t)buffer, .edx = 5 },
	[VMI_CALL_TestAndClearPxEBit] = { .eax = (uint32_t)buffer, .edx = 5 },
	[VMI_CALL_AllocatePage] = { .edx = VMI_PAGE_PT, .ecx = 0 },
	[VMI_CALL_ReleasePage] = { .edx = VMI_PAGE_PT },
	[VMI_CALL_InvalPage] = { .eax = PAGING_WINDOW },
	[VMI_CALL_FlushTLB] = { .eax = VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL },
	[VMI_CALL_FlushDeferredCalls] = { .eax = VMI_FLUSH_CPU_STATE },
	[VMI_CALL_SetLinearMapping] = { .eax = 3, .edx = PAGING_WINDOW,
					.ecx = 1, .st1 = 0x100 },
	[VMI_CALL_IN] = { .edx = PCI_ADDRESS, .returns = IN_EAX },
	[VMI_CALL_INB] = { .edx = COM1_SCRATCH, .returns = IN_EAX,
			   .eax = 0xa1b2c300, .eax_kept = 0xffffff00 },
	[VMI_CALL_INW] = { .edx = DELAY_PORT, .returns = IN_EAX,
			   .eax = 0xa1b20000, .eax_kept = 0xffff0000 },
	[VMI_CALL_INS] = { set_up_string4 },
	[VMI_CALL_INSB] = { set_up_string1 },
	[VMI_CALL_INSW] = { set_up_string2 },
	[VMI_CALL_OUT] = { .edx = DELAY_PORT },
	[VMI_CALL_OUTB] = { .edx = DELAY_PORT },
	[VMI_CALL_OUTW] = { .edx = DELAY_PORT },
	[VMI_CALL_OUTS] = { set_up_string4 },
	[VMI_CALL_OUTSB] = { set_up_string1 },
	[VMI_CALL_OUTSW] = { set_up_string2 },
	[VMI_CALL_SetIOPLMask] = { .eax = 0 },
	[VMI_CALL_DeactivatePxELongAtomic] = { .eax = (uint32_t)&entry64 },
	[VMI_CALL_TestAndSetPxELongBit] = { .eax = (uint32_t)&entry64,
					    .edx = 33 },
	[VMI_CALL_TestAndClearPxELongBit] = { .eax = (uint32_t)&entry64,
					      .edx = 33 },
	[VMI_CALL_SetInitialAPState] = { .eax = (uint32_t)buffer, .edx = 1 },
	[VMI_CALL_APICWrite] = { .eax = PAGING_APIC + 0x80, .edx = 0 },
	[VMI_CALL_APICRead] = { .eax = PAGING_APIC + 0x80 },
	[VMI_CALL_GetCycleCounter] = { .eax = VMI_CYCLES_REAL },
	[VMI_CALL_SetAlarm] = { .eax = VMI_CYCLES_STOLEN, .edx = 1, .ecx = 0 },
	[VMI_CALL_CancelAlarm] = { .eax = VMI_CYCLES_REAL },
	[VMI_CALL_GetRelocationInfo] = { .eax = VMI_CALL_IRET },
	[VMI_CALL_SetPxEFlags] = { .edx = (uint32_t)buffer, .ecx = 0 },
	[VMI_CALL_SetPxELongFlags] = { .ecx = (uint32_t)&entry64, .st1 = 0 },
};

static bool flags_are_kept(enum clobbers clobbers)
{
	return clobbers >= CLOBBERS_MEM;
}

void clobbers_prepare(uint32_t call)
{
	const struct row *row = &rows[call];
	struct probe_registers *in = &probe.in;

	if (row->set_up) {
		row->set_up();
		return;
	}
	if (row->eax || classes[call].clobbers <= CLOBBERS_STD_MEM)
		in->eax = row->eax;
	if (row->edx || classes[call].clobbers <= CLOBBERS_STD_MEM)
		in->edx = row->edx;
	if (row->ecx || classes[call].clobbers <= CLOBBERS_STD_MEM)
		in->ecx = row->ecx;
	probe.stack[0] = row->st1;
	probe.stack[1] = row->st2;
}

static void expect_register(const char *what, uint32_t found, uint32_t before,
			    bool may_change)
{
	if (!may_change)
		expect_equal(what, found, before);
}

static void check_registers(uint32_t call)
{
	const struct probe_registers *in = &probe.in, *out = &probe.out;
	enum clobbers clobbers = classes[call].clobbers;
	bool std = clobbers <= CLOBBERS_STD_MEM;
	bool string = clobbers == CLOBBERS_INS || clobbers == CLOBBERS_OUTS;
	uint32_t returns = rows[call].returns;
	uint32_t kept = rows[call].eax_kept;

	expect_register("eax", out->eax, in->eax, std || returns & IN_EAX);
	expect_register("ecx", out->ecx, in->ecx,
			std || string || returns & IN_ECX);
	expect_register("edx", out->edx, in->edx, std || returns & IN_EDX);
	expect_register("ebx", out->ebx, in->ebx, returns & IN_EBX);
	expect_register("esi", out->esi, in->esi, clobbers == CLOBBERS_OUTS);
	expect_register("edi", out->edi, in->edi, clobbers == CLOBBERS_INS);
	expect_equal("ebp", out->ebp, in->ebp);
	expect_equal("esp", out->esp,
		     in->esp + (call == VMI_CALL_IRET ? 3 * 4 : 0));
	expect_equal("kept bits of eax", out->eax & kept, in->eax & kept);
}

static bool interrupts_expected(uint32_t call)
{
	switch (call) {
	case VMI_CALL_EnableInterrupts:
		return true;
	case VMI_CALL_DisableInterrupts:
		return false;
	case VMI_CALL_SetInterruptMask:
		return probe.in.eax & VMI_FLAG_IF;
	default:
		return probe.interrupts;
	}
}

static void check(uint32_t call)
{
	const struct probe_registers *in = &probe.in, *out = &probe.out;

	check_registers(call);
	if (flags_are_kept(classes[call].clobbers)) {
		expect_equal("flags", out->flags, in->flags);
		expect_equal("OF", out->overflow, in->overflow);
		expect_equal("DF", out->backward, in->backward);
	} else {
		expect_equal("DF", out->backward, 0);
	}
	expect_equal("IF", probe.interrupts_after, interrupts_expected(call));
	/* A fault's own frame lies there too. */
	expect(probe.faulted || probe.stack_used_bytes <= STACK_LIMIT_BYTES,
	       "%u bytes of stack below the return address, at most %u allowed",
	       probe.stack_used_bytes, STACK_LIMIT_BYTES);
}

/* Bits of a variant: each is one way in which a call may be made. */
enum {
	VARIANT_FLAGS = 1,	/* all arithmetic flags set */
	VARIANT_INTERRUPTS = 2,	/* open */
	VARIANT_PACKET = 4,	/* at the end of a trace packet */
	VARIANT_BACKWARD = 8,	/* DF set: where flags are kept */
	VARIANT_LIMITED = 16,	/* DS and ES: where only SS is to be used */
	VARIANTS = 32,
};

static bool applies(uint32_t call, uint32_t variant)
{
	if (variant & VARIANT_BACKWARD && !flags_are_kept(classes[call].clobbers))
		return false;
	if (variant & VARIANT_LIMITED)
		return classes[call].segments == SEGMENTS_SS &&
		       platform.limited_ds;
	return true;
}

/* A fault that the table of faults does not know is the call's own. */
static bool give_up(struct trap_frame *frame)
{
	uint32_t call, stack_bytes;

	if (vmi_fault_at(frame->eip, &call, &stack_bytes))
		return false;
	expect(false, "exception %u at 0x%x", frame->vector, frame->eip);
	frame->eip = (uint32_t)probe_give_up;
	return true;
}

static void run_variant(uint32_t call, uint32_t variant)
{
	if (!applies(call, variant))
		return;
	probe_clear(call);
	if (variant & VARIANT_FLAGS) {
		probe.in.flags = FLAGS_ALL;
		probe.in.overflow = 1;
	}
	probe.in.backward = !!(variant & VARIANT_BACKWARD);
	probe.interrupts = variant & VARIANT_INTERRUPTS;
	if (variant & VARIANT_LIMITED)
		probe.segment = platform.limited_ds;
	clobbers_prepare(call);
	probe.at_packet_end = variant & VARIANT_PACKET;
	trap_hook = give_up;
	probe_run();
	trap_hook = NULL;
	check(call);
}

static void name_variant(uint32_t variant)
{
	print("# flags %s, interrupts %s%s%s%s\n",
	      variant & VARIANT_FLAGS ? "set" : "clear",
	      variant & VARIANT_INTERRUPTS ? "open" : "closed",
	      variant & VARIANT_PACKET ? ", at the end of a packet" : "",
	      variant & VARIANT_BACKWARD ? ", DF set" : "",
	      variant & VARIANT_LIMITED ? ", DS and ES limited" : "");
}

/* Calls that this way of calling is not for, and who looks at them. */
static const char *const elsewhere[VMI_NR_CALLS] = {
	[VMI_CALL_SYSEXIT] = "leads to ring 3: see there",
	[VMI_CALL_Halt] = "needs a tick: see there",
	[VMI_CALL_Reboot] = "ends the guest: boot with selftest=reboot",
	[VMI_CALL_Shutdown] = "ends the guest: boot with selftest=shutdown",
};

/* No interrupt may come: a handler would use the stack that is looked at. */
static void run_variants(uint32_t call)
{
	uint32_t variant;

	if (elsewhere[call]) {
		skip(elsewhere[call]);
		return;
	}
	if (call == VMI_CALL_Init && !vmi.called_init) {
		skip("Init is not called");
		return;
	}
	pic_mask(PIC_IRQ_TIMER);
	for (variant = 0; variant < VARIANTS && !has_failed(); variant++)
		run_variant(call, variant);
	pic_unmask(PIC_IRQ_TIMER);
	if (has_failed())
		name_variant(variant - 1);
}

static const struct test_case cases[] = {
#define X(nr, ...) { nr, "clobbers", run_variants },
	VMI_CALLS(X)
#undef X
};

TEST_GROUP(clobber_cases, cases);
