/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trap.h - exceptions, interrupts and the software interrupt of ring 3
 */
#ifndef GUEST_TRAP_H
#define GUEST_TRAP_H

#define TRAP_DB		1
#define TRAP_UD		6
#define TRAP_GP		13
#define TRAP_PF		14
#define TRAP_IRQ0	0x20	/* where the two PICs are mapped to */
#define TRAP_IRQS	16
#define TRAP_VECTORS	48	/* exceptions and IRQs */
#define TRAP_SYSCALL	0x80
#define TRAP_TEST	0x81	/* in a test's own table only */

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

/* As trap_entry.S pushes it. */
struct trap_frame {
	uint32_t edi, esi, ebp, esp_of_pusha, ebx, edx, ecx, eax;
	uint32_t vector;
	uint32_t error;
	uint32_t eip, cs, eflags;
	uint32_t esp, ss;	/* from ring 3 only */
};

/*
 * Sees an exception first; true = dealt with.  For tests.
 */
extern bool (*volatile trap_hook)(struct trap_frame *frame);

/*
 * A page fault from ring 3, before it kills the excursion; true = dealt with.
 */
extern bool (*trap_user_page_fault)(uint32_t address);

/* Builds the IDT and loads it. */
void trap_start(void);

/* An interrupt gate to a handler, as an IDT entry. */
uint64_t trap_gate(void (*handler)(void), uint32_t privilege);

/* The handlers in trap_entry.S, by vector. */
extern void (*const trap_handlers[TRAP_VECTORS])(void);
void trap_syscall(void);

/* Called from there; returns the frame to go back through. */
struct trap_frame *trap_handle(struct trap_frame *frame);
#endif /* __ASSEMBLER__ */

#endif /* GUEST_TRAP_H */
