/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * live_ring.h - look at the records that lie in the ring
 */
#ifndef LIVE_RING_H
#define LIVE_RING_H

#include "live.h"

/* Begin behind the newest record. */
void live_ring_skip(struct live *live);

/* Count the records that are new since the last time, or the newest of them. */
void live_ring_look(struct live *live);

#endif /* LIVE_RING_H */
