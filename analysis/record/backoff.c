// SPDX-License-Identifier: GPL-2.0-only
#include "backoff.h"

#define NAP_MIN_NS	20000ull
#define TICK_NS		1000000ull
#define IDLE_TICK_NS	(5 * TICK_NS)

void backoff_reset(struct backoff *backoff)
{
	backoff->nap_ns = NAP_MIN_NS;
}

uint64_t backoff_next(struct backoff *backoff, uint64_t idle_ns,
		      uint64_t pause_ns)
{
	const uint64_t most = idle_ns > BACKOFF_IDLE_AFTER_NS ? BACKOFF_IDLE_NS
							      : BACKOFF_BUSY_NS;
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
