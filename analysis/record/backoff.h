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
/* Two packets within this time are calls that come, one now and then is not. */
#define BACKOFF_TRICKLE_NS	10000000ull
/* After so long without calls the guest is idle, and a look is rare. */
#define BACKOFF_IDLE_AFTER_NS	50000000ull
#define BACKOFF_IDLE_NS		2000000ull

struct backoff {
	uint64_t spin_ns;	/* stay awake for so long first; 0: never */
	uint64_t nap_ns;	/* the next one */
	uint64_t came_ns;	/* when the last packet came, host clock */
	uint64_t busy_ns;	/* when calls came last */
};

/* At the start, now. */
void backoff_reset(struct backoff *backoff, uint64_t now_ns);

/* So many packets came now. */
void backoff_came(struct backoff *backoff, unsigned int packets,
		  uint64_t now_ns);

/*
 * No calls came for idle_ns (now less busy_ns); a look is due every pause_ns at most.  Returns how long
 * to sleep, or 0: stay awake for pause_ns.
 */
uint64_t backoff_next(struct backoff *backoff, uint64_t idle_ns,
		      uint64_t pause_ns);

/* How long all that is not the ring may be left alone. */
uint64_t backoff_tick_ns(uint64_t idle_ns);

#endif /* BACKOFF_H */
