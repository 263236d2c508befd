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
#define PIT_CHANNEL2	0x42
#define PIT_RATE	0x34	/* channel 0, both bytes, mode 2 */
#define PIT_ONCE	0x30	/* channel 0, both bytes, mode 0 */
#define PIT_ONCE_2	0xb0	/* channel 2, the same */
#define PIT_COUNT_MAX	0xffff
#define SPEAKER		0x61	/* channel 2's gate and output */
#define SPEAKER_GATE	0x01
#define SPEAKER_DATA	0x02
#define SPEAKER_OUT	0x20

volatile uint32_t timer_ticks;
void (*timer_on_tick)(void);

static void tick(void)
{
	timer_ticks++;
	if (timer_on_tick)
		timer_on_tick();
}

static void program(uint8_t command, uint16_t channel, uint32_t count)
{
	vmi_OUTB(command, PIT_COMMAND);
	vmi_OUTB((uint8_t)count, channel);
	vmi_OUTB((uint8_t)(count >> 8), channel);
}

void timer_start(void)
{
	program(PIT_RATE, PIT_CHANNEL0, PIT_INPUT_HZ / TIMER_HZ);
	pic_handle_timer(tick);
}

void timer_stop(void)
{
	program(PIT_ONCE, PIT_CHANNEL0, PIT_COUNT_MAX);
}

void timer_spin_ms(uint32_t ms)
{
	uint8_t speaker = vmi_INB(SPEAKER) & (uint8_t)~SPEAKER_DATA;

	vmi_OUTB(speaker | SPEAKER_GATE, SPEAKER);
	program(PIT_ONCE_2, PIT_CHANNEL2, PIT_INPUT_HZ / 1000 * ms);
	while (!(vmi_INB(SPEAKER) & SPEAKER_OUT))
		vmi_Pause();
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
