// SPDX-License-Identifier: GPL-2.0-only
/*
 * pic.c - the two 8259A interrupt controllers
 */
#include "arch/trap.h"
#include "call/call.h"
#include "kernel/pic.h"

#define PIC1		0x20
#define PIC2		0xa0
#define PIC_DATA	1	/* added to the command port */

#define ICW1_INIT_ICW4	0x11
#define ICW4_8086	0x01
#define OCW2_EOI	0x20
#define OCW3_READ_IRR	0x0a
#define CASCADE_IRQ	2

static uint16_t masked = 0xffff;
static void (*timer_handler)(void);

static void write_masks(void)
{
	vmi_OUTB((uint8_t)masked, PIC1 + PIC_DATA);
	vmi_OUTB((uint8_t)(masked >> 8), PIC2 + PIC_DATA);
}

void pic_start(void)
{
	vmi_OUTB(ICW1_INIT_ICW4, PIC1);
	vmi_IODelay();
	vmi_OUTB(TRAP_IRQ0, PIC1 + PIC_DATA);
	vmi_OUTB(1 << CASCADE_IRQ, PIC1 + PIC_DATA);
	vmi_OUTB(ICW4_8086, PIC1 + PIC_DATA);
	vmi_OUTB(ICW1_INIT_ICW4, PIC2);
	vmi_IODelay();
	vmi_OUTB(TRAP_IRQ0 + 8, PIC2 + PIC_DATA);
	vmi_OUTB(CASCADE_IRQ, PIC2 + PIC_DATA);
	vmi_OUTB(ICW4_8086, PIC2 + PIC_DATA);
	write_masks();
}

void pic_handle_timer(void (*handler)(void))
{
	timer_handler = handler;
	pic_unmask(PIC_IRQ_TIMER);
}

void pic_unmask(uint32_t irq)
{
	masked &= (uint16_t)~(1U << irq);
	write_masks();
}

void pic_mask(uint32_t irq)
{
	masked |= (uint16_t)(1U << irq);
	write_masks();
}

bool pic_pending(uint32_t irq)
{
	vmi_OUTB(OCW3_READ_IRR, PIC1);
	return vmi_INB(PIC1) & 1U << irq;
}

void pic_interrupt(uint32_t irq)
{
	/* All others are masked, so they can only be spurious: no EOI. */
	if (irq != PIC_IRQ_TIMER)
		return;
	vmi_OUTB(OCW2_EOI, PIC1);
	timer_handler();
}
