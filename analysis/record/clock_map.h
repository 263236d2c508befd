/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock_map.h - where the guest's time stamp counter lies on the host's clock
 *
 * Guest and host count at one rate, so one number maps the one to the other: the
 * host's counter less the guest's.  It is not asked for but bounded by cause and
 * effect, whatever the accelerator.  What the host sees in the ring the guest
 * stamped before; what the guest stamps behind its reading of a value the host
 * stored after that store.  The narrowest bounds of a recording are kept.
 * docs/clock.md says more.
 *
 * The guest is not trusted: it can make the bounds contradict each other, and the
 * mapping unknown, but nothing else.
 */
#ifndef CLOCK_MAP_H
#define CLOCK_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/tsc.h"

#define CLOCK_MAP_RELEASES	1024	/* a power of two */
#define CLOCK_MAP_PUBLISHED	64
#define CLOCK_MAP_SAMPLES	64	/* even */

/* What bounds the difference, most trusted first. */
enum clock_cause {
	CLOCK_NOTHING,
	CLOCK_START,		/* the guest's counter began at 0 */
	CLOCK_ROOM,		/* the host made room, the guest used it */
	CLOCK_STOLEN,		/* the host published stolen cycles */
	CLOCK_SIGHT,		/* the host saw a packet */
};

struct clock_bound {
	enum clock_cause cause;	/* CLOCK_NOTHING: there is none */
	int64_t cycles;		/* host counter less guest counter */
};

/* A value that was stored for the guest, and the host's counter before. */
struct clock_store {
	uint64_t value;
	uint64_t host;
};

struct clock_map {
	const char *unknown;	/* why there can be no mapping; NULL: there can */
	bool frozen;		/* the guest was stopped: nothing counts any more */
	struct clock_bound low, high;

	/* host.consumed; each release_step-th value is kept */
	struct clock_store release[CLOCK_MAP_RELEASES];
	/* host.stolen, and what the guest's records make of it */
	struct clock_store published[CLOCK_MAP_PUBLISHED];
	uint32_t nr_published;
	uint64_t stolen_seen;

	/* Both host clocks over the recording, evenly thinned out. */
	struct tsc_sample sample[CLOCK_MAP_SAMPLES];
	uint32_t nr_samples;
	uint32_t sample_every, sample_skip;

	int64_t realtime_ns;	/* CLOCK_REALTIME less CLOCK_MONOTONIC */
};

/* What is known, to be read at any time. */
struct clock_reading {
	bool known;
	int64_t monotonic_ns;	/* CLOCK_MONOTONIC when the guest's counter was 0 */
	uint64_t error_ns;	/* it lies within so much of that */
	int64_t realtime_ns;	/* add it to CLOCK_MONOTONIC for time since 1970 */
	char how[200];		/* what bounds it, or why it is not known */
};

/* The host's counter, not before anything that the program loaded earlier. */
uint64_t clock_host_tsc(void);

/* begin: the sample that tsc_hz is measured from. */
void clock_map_begin(struct clock_map *map, const struct tsc_sample *begin);

/* There is no mapping, for this reason (a text that lasts). */
void clock_map_without(struct clock_map *map, const char *reason);

/* Compare the host's clocks; a few times a second while the guest runs. */
void clock_map_sample(struct clock_map *map);

/* The guest's counter was 0 when the host's was between these two. */
void clock_map_started(struct clock_map *map, uint64_t before, uint64_t after);

/* The guest stamped `guest`; the host saw that when its counter was `host`. */
void clock_map_seen(struct clock_map *map, uint64_t guest, uint64_t host);

/*
 * host.consumed is about to become `consumed`, the ring in use having so many
 * sub-buffers; the host's counter is `host`.
 */
void clock_map_release(struct clock_map *map, uint32_t consumed,
		       uint32_t nr_subbufs, uint64_t host);

/*
 * The guest stamped `guest` after it had found host.consumed to be `consumed` or
 * more, in a ring of so many sub-buffers.
 */
void clock_map_used(struct clock_map *map, uint32_t consumed,
		    uint32_t nr_subbufs, uint64_t guest);

/* host.stolen is about to become `cycles`; the host's counter is `host`. */
void clock_map_publish(struct clock_map *map, uint64_t cycles, uint64_t host);

/*
 * A record books so many stolen cycles, and the next one is stamped `guest`; 0
 * when there is none to look at.
 */
void clock_map_booked(struct clock_map *map, uint64_t stolen_cycles,
		      uint64_t guest);

/* From now on the guest may be stopped, and its counter with it. */
void clock_map_freeze(struct clock_map *map);

/* The mapping for a guest counter of hz ticks a second. */
void clock_map_read(const struct clock_map *map, uint64_t hz,
		    struct clock_reading *reading);

#endif /* CLOCK_MAP_H */
