// SPDX-License-Identifier: GPL-2.0-only
#include "backoff.h"

#define NAP_MIN_NS	20000ull
#define TICK_NS		1000000ull
#define IDLE_TICK_NS	(10 * TICK_NS)

void backoff_reset(struct backoff *backoff, uint64_t now_ns)
{
	backoff->nap_ns = NAP_MIN_NS;
	backoff->came_ns = now_ns;
	backoff->busy_ns = now_ns;
}

/* A guest that idles still has its timer, which fills a packet now and then. */
void backoff_came(struct backoff *backoff, unsigned int packets,
		  uint64_t now_ns)
{
	if (packets > 1 || now_ns - backoff->came_ns < BACKOFF_TRICKLE_NS)
		backoff_reset(backoff, now_ns);
	backoff->came_ns = now_ns;
}

/* While calls come: half of the time in which they can fill the ring. */
static uint64_t busy_ns(uint64_t pause_ns)
{
	return 4 * pause_ns > BACKOFF_BUSY_NS ? 4 * pause_ns : BACKOFF_BUSY_NS;
}

uint64_t backoff_next(struct backoff *backoff, uint64_t idle_ns,
		      uint64_t pause_ns)
{
	const uint64_t most = idle_ns > BACKOFF_IDLE_AFTER_NS
				      ? BACKOFF_IDLE_NS
				      : busy_ns(pause_ns);
	uint64_t nap_ns = backoff->nap_ns;

	if (idle_ns < backoff->spin_ns && pause_ns < NAP_MIN_NS)
		return 0;
	if (nap_ns < NAP_MIN_NS)
		nap_ns = NAP_MIN_NS;
	if (nap_ns < pause_ns)
		nap_ns = pause_ns;
	if (nap_ns > most)
		nap_ns = most;
	backoff->nap_ns = 2 * nap_ns;
	return nap_ns;
}

uint64_t backoff_tick_ns(uint64_t idle_ns)
{
	return idle_ns > BACKOFF_IDLE_AFTER_NS ? IDLE_TICK_NS : TICK_NS;
}
