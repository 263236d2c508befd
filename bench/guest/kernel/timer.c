// SPDX-License-Identifier: GPL-2.0-only
/*
 * timer.c - ticks of the interval timer (8254, channel 0)
 */
#include <stddef.h>

#include "call/call.h"
#include "kernel/pic.h"
#include "kernel/timer.h"

#define PIT_INPUT_HZ	1193182
#define PIT_CHANNEL0	0x40
#define PIT_COMMAND	0x43
#define PIT_RATE	0x34	/* channel 0, both bytes, mode 2 */

volatile uint32_t timer_ticks;
void (*timer_on_tick)(void);

static void tick(void)
{
	timer_ticks++;
	if (timer_on_tick)
		timer_on_tick();
}

void timer_start(void)
{
	const uint32_t divisor = PIT_INPUT_HZ / TIMER_HZ;

	vmi_OUTB(PIT_RATE, PIT_COMMAND);
	vmi_OUTB((uint8_t)divisor, PIT_CHANNEL0);
	vmi_OUTB((uint8_t)(divisor >> 8), PIT_CHANNEL0);
	pic_handle_timer(tick);
}

void timer_sleep(uint32_t ticks)
{
	uint32_t start = timer_ticks;
	uint32_t mask = vmi_GetInterruptMask();

	/* Looked at with interrupts off: a tick between look and Halt ends it. */
	for (;;) {
		vmi_DisableInterrupts();
		if (timer_ticks - start >= ticks)
			break;
		vmi_Halt();
	}
	vmi_SetInterruptMask(mask);
}
