/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timer.h - ticks of the interval timer, and what waits for them
 */
#ifndef GUEST_TIMER_H
#define GUEST_TIMER_H

#include <stdint.h>

#define TIMER_HZ	250

extern volatile uint32_t timer_ticks;

/* Called at each tick, if not NULL. */
extern void (*timer_on_tick)(void);

/* Programs the interval timer and unmasks its IRQ. */
void timer_start(void);

/*
 * No ticks, but one that may still come 55 ms later, until timer_start().  One that
 * waits in the interrupt controller stays there.
 */
void timer_stop(void);

/* Spins for so long by the clock of the timer, at most 54 ms. */
void timer_spin_ms(uint32_t ms);

/* Halts until that many ticks have come. */
void timer_sleep(uint32_t ticks);

#endif /* GUEST_TIMER_H */
