// SPDX-License-Identifier: GPL-2.0-only
/*
 * trap.c - exceptions, interrupts and the software interrupt of ring 3
 */
#include <stddef.h>

#include "arch/exit.h"
#include "arch/platform.h"
#include "arch/trap.h"
#include "arch/user.h"
#include "call/call.h"
#include "call/find.h"
#include "kernel/pic.h"
#include "lib/console.h"
#include "lib/string.h"

#define IDT_ENTRIES	256
#define GATE_INTERRUPT	0x8e00	/* present, 32-bit interrupt gate */

/* What a call site that may fault puts into .site_fixups. */
struct site_fixup {
	uint32_t site;		/* the return address of the call */
	uint32_t fixup;		/* where to go on */
};

extern const struct site_fixup site_fixups[], site_fixups_end[];

bool (*volatile trap_hook)(struct trap_frame *frame);
bool (*trap_user_page_fault)(uint32_t address);

static uint64_t idt[IDT_ENTRIES] __attribute__((aligned(8)));

uint64_t trap_gate(void (*handler)(void), uint32_t privilege)
{
	uint32_t offset = (uint32_t)handler;
	uint32_t low = (uint32_t)platform.kernel_cs << 16 | (offset & 0xffff);
	uint32_t high = (offset & 0xffff0000) | GATE_INTERRUPT |
			privilege << 13;

	return (uint64_t)high << 32 | low;
}

void trap_start(void)
{
	const struct descriptor_table idtr = {
		.limit = sizeof(idt) - 1,
		.base = (uint32_t)idt,
	};
	uint32_t vector;

	for (vector = 0; vector < TRAP_VECTORS; vector++)
		vmi_WriteIDTEntry(idt, vector,
				  trap_gate(trap_handlers[vector], 0));
	vmi_WriteIDTEntry(idt, TRAP_SYSCALL, trap_gate(trap_syscall, 3));
	vmi_SetIDT(&idtr);
}

static void show(const struct trap_frame *frame)
{
	print("eip %08x cs %04x eflags %08x error %08x\n", frame->eip,
	      frame->cs, frame->eflags, frame->error);
	print("eax %08x ebx %08x ecx %08x edx %08x\n", frame->eax, frame->ebx,
	      frame->ecx, frame->edx);
	print("esi %08x edi %08x ebp %08x cr2 %08x\n", frame->esi, frame->edi,
	      frame->ebp, vmi_GetCR2());
}

/*
 * A call faulted on the guest's behalf: the instruction lies in the ROM, so it
 * is the call's return address that is looked up, and what the ROM pushed is
 * dropped (struct vmi_desc_fault).  NULL if this is no such fault.
 */
static struct trap_frame *fix_up(struct trap_frame *frame)
{
	/* From the same privilege: the stack goes on where esp would lie. */
	const uint32_t *stack = &frame->esp;
	const struct site_fixup *site;
	uint32_t call, stack_bytes;
	char *moved;

	if (!vmi_fault_at(frame->eip, &call, &stack_bytes))
		return NULL;
	if (call == VMI_CALL_IRET) {
		frame->eip = (uint32_t)user_bad_iret;
		return frame;
	}
	for (site = site_fixups; site < site_fixups_end; site++) {
		if (site->site != stack[stack_bytes / sizeof(*stack)])
			continue;
		frame->eip = site->fixup;
		moved = (char *)frame + stack_bytes + sizeof(*stack);
		return memmove(moved, frame, offsetof(struct trap_frame, esp));
	}
	return NULL;
}

static struct trap_frame *handle_exception(struct trap_frame *frame)
{
	struct trap_frame *fixed;

	if (trap_hook && trap_hook(frame))
		return frame;
	if (frame->cs != platform.kernel_cs) {
		if (frame->vector == TRAP_PF && trap_user_page_fault &&
		    trap_user_page_fault(vmi_GetCR2()))
			return frame;
		user_leave(-(int32_t)frame->vector);
	}
	fixed = fix_up(frame);
	if (fixed)
		return fixed;
	print("vmiprof-guest: panic: exception %u\n", frame->vector);
	show(frame);
	guest_exit(GUEST_EXIT_PANIC);
}

struct trap_frame *trap_handle(struct trap_frame *frame)
{
	if (frame->vector == TRAP_SYSCALL) {
		user_system_call(frame);
		return frame;
	}
	if (frame->vector < TRAP_IRQ0)
		return handle_exception(frame);
	pic_interrupt(frame->vector - TRAP_IRQ0);
	return frame;
}
