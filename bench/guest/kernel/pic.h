/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pic.h - the two 8259A interrupt controllers
 */
#ifndef GUEST_PIC_H
#define GUEST_PIC_H

#include <stdbool.h>
#include <stdint.h>

#define PIC_IRQ_TIMER	0

/* Maps the IRQs to TRAP_IRQ0 and up, all masked. */
void pic_start(void);

/* The timer's IRQ runs handler from now on; unmasks it. */
void pic_handle_timer(void (*handler)(void));

void pic_unmask(uint32_t irq);
void pic_mask(uint32_t irq);

/* The IRQ waits for the processor to take it. */
bool pic_pending(uint32_t irq);

/* From arch/trap.c. */
void pic_interrupt(uint32_t irq);

#endif /* GUEST_PIC_H */
