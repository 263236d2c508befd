// SPDX-License-Identifier: GPL-2.0-only
#include "clock_map.h"

#include <time.h>
#include <x86intrin.h>

#include "lib/text.h"

#define NS_PER_S	1000000000

/* Of a ring with more sub-buffers not each release is kept. */
#define RELEASES_OF_RING	(CLOCK_MAP_RELEASES / 2)

static const char *const cause_text[] = {
	[CLOCK_NOTHING] = "nothing",
	[CLOCK_START] = "the start of the guest",
	[CLOCK_ROOM] = "room made in the ring and used",
	[CLOCK_STOLEN] = "stolen cycles published and booked",
	[CLOCK_SIGHT] = "a packet seen",
};

uint64_t clock_host_tsc(void)
{
	uint64_t tsc;

	/* Intel SDM, RDTSC: a fence keeps it behind loads and before stores. */
	_mm_lfence();
	tsc = __rdtsc();
	_mm_lfence();
	return tsc;
}

/* CLOCK_REALTIME less CLOCK_MONOTONIC, from the quickest of some tries. */
static int64_t realtime_less_monotonic(void)
{
	uint64_t best_width = UINT64_MAX;
	int64_t best = 0;

	for (int i = 0; i < 10; i++) {
		uint64_t before = clock_ns();
		struct timespec real;
		uint64_t width;

		clock_gettime(CLOCK_REALTIME, &real);
		width = clock_ns() - before;
		if (width >= best_width)
			continue;
		best_width = width;
		best = (int64_t)real.tv_sec * NS_PER_S + real.tv_nsec -
		       (int64_t)(before + width / 2);
	}
	return best;
}

void clock_map_begin(struct clock_map *map, const struct tsc_sample *begin)
{
	*map = (struct clock_map){
		.sample = { *begin },
		.nr_samples = 1,
		.sample_every = 1,
		.realtime_ns = realtime_less_monotonic(),
	};
}

void clock_map_without(struct clock_map *map, const char *reason)
{
	map->unknown = reason;
}

void clock_map_sample(struct clock_map *map)
{
	if (map->frozen || ++map->sample_skip < map->sample_every)
		return;
	map->sample_skip = 0;
	if (map->nr_samples == CLOCK_MAP_SAMPLES) {
		map->nr_samples /= 2;
		for (size_t i = 0; i < map->nr_samples; i++)
			map->sample[i] = map->sample[2 * i];
		map->sample_every *= 2;
	}
	map->sample[map->nr_samples++] = tsc_sample();
}

static void at_least(struct clock_map *map, enum clock_cause cause,
		     uint64_t cycles)
{
	struct clock_bound *low = &map->low;

	if (!map->frozen &&
	    (low->cause == CLOCK_NOTHING || (int64_t)cycles > low->cycles))
		*low = (struct clock_bound){ cause, (int64_t)cycles };
}

static void at_most(struct clock_map *map, enum clock_cause cause,
		    uint64_t cycles)
{
	struct clock_bound *high = &map->high;

	if (!map->frozen &&
	    (high->cause == CLOCK_NOTHING || (int64_t)cycles < high->cycles))
		*high = (struct clock_bound){ cause, (int64_t)cycles };
}

void clock_map_started(struct clock_map *map, uint64_t before, uint64_t after)
{
	at_least(map, CLOCK_START, before);
	at_most(map, CLOCK_START, after);
}

void clock_map_seen(struct clock_map *map, uint64_t guest, uint64_t host)
{
	at_most(map, CLOCK_SIGHT, host - guest);
}

/* A power of two, as sub-buffers are, so that it goes on across 2^32. */
static uint32_t release_step(uint32_t nr_subbufs)
{
	return nr_subbufs > RELEASES_OF_RING ? nr_subbufs / RELEASES_OF_RING
					     : 1;
}

void clock_map_release(struct clock_map *map, uint32_t consumed,
		       uint32_t nr_subbufs, uint64_t host)
{
	uint32_t step = release_step(nr_subbufs);

	if (consumed % step == 0)
		map->release[consumed / step % CLOCK_MAP_RELEASES] =
			(struct clock_store){ consumed, host };
}

void clock_map_used(struct clock_map *map, uint32_t consumed,
		    uint32_t nr_subbufs, uint64_t guest)
{
	uint32_t step = release_step(nr_subbufs);
	const struct clock_store *store;

	/* An earlier store bounds less, but it bounds. */
	consumed -= consumed % step;
	store = &map->release[consumed / step % CLOCK_MAP_RELEASES];
	if (store->host && store->value == consumed)
		at_least(map, CLOCK_ROOM, store->host - guest);
}

void clock_map_publish(struct clock_map *map, uint64_t cycles, uint64_t host)
{
	const uint32_t newest = (map->nr_published - 1) % CLOCK_MAP_PUBLISHED;

	if (map->nr_published && map->published[newest].value == cycles)
		return;
	map->published[map->nr_published++ % CLOCK_MAP_PUBLISHED] =
		(struct clock_store){ cycles, host };
}

void clock_map_booked(struct clock_map *map, uint64_t stolen_cycles,
		      uint64_t guest)
{
	uint32_t nr = map->nr_published;

	map->stolen_seen += stolen_cycles;
	if (!guest)
		return;
	if (nr > CLOCK_MAP_PUBLISHED)
		nr = CLOCK_MAP_PUBLISHED;
	for (uint32_t i = 1; i <= nr; i++) {
		const struct clock_store *store =
			&map->published[(map->nr_published - i) %
					CLOCK_MAP_PUBLISHED];

		if (store->value != map->stolen_seen)
			continue;
		at_least(map, CLOCK_STOLEN, store->host - guest);
		return;
	}
}

void clock_map_freeze(struct clock_map *map)
{
	map->sample_skip = map->sample_every - 1;
	clock_map_sample(map);
	map->frozen = true;
}

/* CLOCK_MONOTONIC when the host's counter is tsc, by the first sample and hz. */
static int64_t monotonic_ns(const struct clock_map *map, int64_t tsc,
			    uint64_t hz)
{
	__int128 cycles = (__int128)tsc - (__int128)map->sample[0].tsc;

	return (int64_t)(map->sample[0].ns + cycles * NS_PER_S / hz);
}

/* How far the host's clocks are from two straight lines. */
static uint64_t unevenness_ns(const struct clock_map *map, uint64_t hz)
{
	uint64_t worst = 0;

	for (uint32_t i = 0; i < map->nr_samples; i++) {
		const struct tsc_sample *sample = &map->sample[i];
		int64_t off = monotonic_ns(map, (int64_t)sample->tsc, hz) -
			      (int64_t)sample->ns;
		uint64_t error = (uint64_t)(off < 0 ? -off : off) +
				 sample->width * NS_PER_S / hz;

		if (error > worst)
			worst = error;
	}
	return worst;
}

__attribute__((format(printf, 2, 3)))
static void unknown(struct clock_reading *reading, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vappend(reading->how, sizeof(reading->how), format, args);
	va_end(args);
}

void clock_map_read(const struct clock_map *map, uint64_t hz,
		    struct clock_reading *reading)
{
	const struct clock_bound *low = &map->low, *high = &map->high;
	int64_t low_ns, high_ns;
	uint64_t width_ns;

	*reading = (struct clock_reading){ .realtime_ns = map->realtime_ns };
	if (map->unknown) {
		unknown(reading, "%s", map->unknown);
		return;
	}
	if (low->cause == CLOCK_NOTHING || high->cause == CLOCK_NOTHING) {
		unknown(reading,
			"nothing that the guest did bounds its clock from %s",
			low->cause == CLOCK_NOTHING ? "below" : "above");
		return;
	}
	low_ns = monotonic_ns(map, low->cycles, hz);
	high_ns = monotonic_ns(map, high->cycles, hz);
	width_ns = (uint64_t)high_ns - (uint64_t)low_ns;
	if (low->cycles > high->cycles) {
		unknown(reading,
			"%s and %s contradict each other by %llu ns: the guest's clock was set, or does not run at the host's rate",
			cause_text[low->cause], cause_text[high->cause],
			(unsigned long long)-width_ns);
		return;
	}
	reading->known = true;
	reading->monotonic_ns = (int64_t)((uint64_t)low_ns + width_ns / 2);
	reading->error_ns = (width_ns + 1) / 2 + unevenness_ns(map, hz);
	text_set(reading->how, sizeof(reading->how), "not before %s, not after %s",
		 cause_text[low->cause], cause_text[high->cause]);
}
