/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * backoff.h - how long to rest when there is nothing to do
 *
 * A ring is full within a fraction of a millisecond, so who drains it looks often
 * while calls come.  A guest that makes none shall cost next to nothing.
 */
#ifndef BACKOFF_H
#define BACKOFF_H

#include <stdint.h>

/* While calls come: no longer than this, lest a burst overflows the ring. */
#define BACKOFF_BUSY_NS		200000ull
/* After so long without any the guest is idle, and a look is rare. */
#define BACKOFF_IDLE_AFTER_NS	50000000ull
#define BACKOFF_IDLE_NS		2000000ull

struct backoff {
	uint64_t spin_ns;	/* stay awake for so long first; 0: never */
	uint64_t nap_ns;	/* the next one */
};

/* Something came. */
void backoff_reset(struct backoff *backoff);

/*
 * Nothing came for idle_ns; a look is due every pause_ns at most.  Returns how long
 * to sleep, or 0: stay awake for pause_ns.
 */
uint64_t backoff_next(struct backoff *backoff, uint64_t idle_ns,
		      uint64_t pause_ns);

/* How long all that is not the ring may be left alone. */
uint64_t backoff_tick_ns(uint64_t idle_ns);

#endif /* BACKOFF_H */
