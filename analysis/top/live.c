// SPDX-License-Identifier: GPL-2.0-only
#include "live.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/text.h"
#include "lib/tsc.h"
#include "live_ring.h"

#define NS_PER_S	1000000000ull

/* The guest's counters wrap after 2^32 calls: look at them once a second. */
#define TOTALS_NS	NS_PER_S

/* Calls inside handlers of calls: counted and not lost yet, or the reverse. */
#define LIVE_UNDER_WAY_MAX	64

static uint64_t load64(const uint64_t *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

void live_begin(struct live *live, const struct guest_ram *ram, double tsc_hz)
{
	*live = (struct live){ .ram = ram, .tsc_hz = tsc_hz };
	live->sites = sites_new();
	live->begin_ns = clock_ns();
}

void live_expect(struct live *live, enum run_level level)
{
	live->expects = true;
	live->expected = level;
}

/* Calls of a vCPU; those that the ROM counted are the first one's. */
static uint64_t vcpu_calls(const struct totals *totals, uint32_t cpu)
{
	uint64_t calls = totals->site_calls[cpu];

	if (cpu)
		return calls;
	calls = totals_calls(totals);
	for (uint32_t other = 1; other < totals->count_cpus; other++)
		calls -= totals->site_calls[other];
	return calls;
}

/* From now on a new interval. */
static void begin_interval(struct live *live)
{
	memcpy(live->before, live->totals.call, sizeof(live->before));
	for (uint32_t cpu = 0; cpu < TOTALS_CPUS_MAX; cpu++)
		live->vcpu_before[cpu] = vcpu_calls(&live->totals, cpu);
	live->lost = load64(&live->ctl->lost);
	live->wait_cycles = load64(&live->ctl->wait_cycles);
	live->records = 0;
	sites_free(live->sites);
	live->sites = sites_new();
	live->begin_ns = clock_ns();
}

/* Where a recorder drains the ring there are events. */
static enum run_level level_of(const struct live *live)
{
	const struct vmi_trace_host *host =
		guest_ram_at(live->ram, live->rom.phys + live->rom.host_offset,
			     sizeof(*host), 64);

	/* What was searched for records, so there is one. */
	return (enum run_level)run_level_of_rom(
		live->rom.locator.flags,
		host && host->flags & VMI_HOST_ATTACHED);
}

static bool sample_totals(struct live *live)
{
	live->totals_ns = clock_ns();
	if (totals_sample(&live->totals))
		return true;
	text_set(live->error, sizeof(live->error), "%s", live->totals.error);
	return false;
}

static bool is_expected(struct live *live)
{
	if (!live->expects ||
	    run_level_fits_rom(live->expected, live->rom.locator.flags))
		return true;
	text_set(live->error, sizeof(live->error),
		 "the ROM in guest memory is \"%s\", but run.json says that level %s is recorded, which takes \"%s\"",
		 live->rom.name, run_levels[live->expected].name,
		 run_levels[live->expected].rom);
	return false;
}

/* Calls that were made before are in the first sample, and in no interval. */
static bool attach(struct live *live)
{
	if (!is_expected(live))
		return false;
	live->ctl = guest_ram_at(live->ram,
				 live->rom.phys + live->rom.ctl_offset,
				 VMI_CTL_BYTES, 64);
	live->level = level_of(live);
	totals_attach(&live->totals, live->ram, &live->rom,
		      (enum run_level)run_level_of_rom(live->rom.locator.flags,
						       false));
	if (!sample_totals(live))
		return false;
	live->on = true;
	if (live->rom.traces)
		live_ring_skip(live);
	begin_interval(live);
	return true;
}

bool live_look(struct live *live)
{
	char why[200];

	if (*live->error)
		return false;
	if (!live->on) {
		switch (trace_rom_search(&live->rom, NULL, live->ram, why,
					 sizeof(why))) {
		case TRACE_ROM_ON:
			return attach(live);
		case TRACE_ROM_BROKEN:
			text_set(live->error, sizeof(live->error),
				 "the ROM in guest memory is broken: %.120s",
				 why);
			return false;
		default:
			return true;
		}
	}
	/* The recorder may attach after the ROM was found. */
	if (!run_levels[live->level].events)
		live->level = level_of(live);
	if (run_levels[live->level].events)
		live_ring_look(live);
	if (clock_ns() - live->totals_ns >= TOTALS_NS)
		return sample_totals(live);
	return true;
}

/* Cycles of the calls of one kind, as far as they were seen. */
struct seen {
	uint64_t records;
	uint64_t timed;		/* not interrupted */
	uint64_t cycles;	/* of these */
	uint64_t max_cycles;
};

static void add_seen(struct seen *seen, const struct site *site)
{
	seen->records += site->count;
	seen->timed += site_measured(site);
	if (__builtin_add_overflow(seen->cycles, site->cycles, &seen->cycles))
		seen->cycles = UINT64_MAX;
	if (site->max_cycles > seen->max_cycles)
		seen->max_cycles = site->max_cycles;
}

/* At level aggregate the ROM has seen all. */
static void see_totals(const struct live *live, struct seen *seen)
{
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		const struct call_totals *now = &live->totals.call[nr];
		const struct call_totals *before = &live->before[nr];

		seen[nr].records = now->count - before->count;
		seen[nr].cycles = now->sum_cycles - before->sum_cycles;
		for (int b = 0; b < VMI_AGG_BUCKETS; b++) {
			const uint64_t more =
				now->bucket[b] - before->bucket[b];

			seen[nr].timed += more;
			if (more)
				seen[nr].max_cycles = b ? (1ull << b) - 1 : 0;
		}
	}
}

static void see_sites(const struct live *live, struct seen *seen)
{
	for (size_t i = 0; i < live->sites->size; i++) {
		const struct site *site = &live->sites->site[i];

		if (site->count)
			add_seen(&seen[site->nr], site);
	}
}

/* What `seen` says of calls that were made per_s times a second. */
static struct live_row make_row(const struct live *live, unsigned int nr,
				double per_s, const struct seen *seen)
{
	struct live_row row = {
		.nr = nr,
		.per_s = per_s,
		.share_calls = NAN,
		.share_cycles = NAN,
		.share_time = NAN,
		.mean_cycles = NAN,
		.max_cycles = NAN,
	};

	if (!seen->timed || !call_has_cycles(nr))
		return row;
	row.mean_cycles = (double)seen->cycles / (double)seen->timed;
	row.max_cycles = (double)seen->max_cycles;
	/* Interrupted calls have about the cycles of the others. */
	if (live->tsc_hz > 0)
		row.share_time = per_s * row.mean_cycles / live->tsc_hz;
	return row;
}

static void share(struct live_row *row, size_t nr, double per_s, double cycles)
{
	for (; nr; nr--, row++) {
		if (per_s > 0)
			row->share_calls = row->per_s / per_s;
		if (cycles > 0)
			row->share_cycles =
				row->per_s * row->mean_cycles / cycles;
	}
}

static double all_cycles(const struct live_row *row, size_t nr)
{
	double cycles = 0;

	for (; nr; nr--, row++)
		cycles += isnan(row->mean_cycles)
				  ? 0
				  : row->per_s * row->mean_cycles;
	return cycles;
}

static void fill_calls(const struct live *live, struct live_shot *shot,
		       const struct seen *seen)
{
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		const uint64_t calls =
			live->totals.call[nr].count - live->before[nr].count;

		if (!calls || !call_table[nr].name)
			continue;
		shot->calls += calls;
		shot->call[shot->nr_calls++] = make_row(
			live, nr, (double)calls / shot->seconds, &seen[nr]);
	}
	shot->per_s = (double)shot->calls / shot->seconds;
}

/* A site has the share of its call's rate that it has of the records seen. */
static void fill_sites(const struct live *live, struct live_shot *shot,
		       const struct seen *seen)
{
	double per_s[VMI_NR_SLOTS] = { 0 };

	for (size_t i = 0; i < shot->nr_calls; i++)
		per_s[shot->call[i].nr] = shot->call[i].per_s;
	shot->site = calloc(live->sites->nr + 1, sizeof(*shot->site));
	if (!shot->site)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < live->sites->size; i++) {
		const struct site *site = &live->sites->site[i];
		struct seen of_site = { 0 };
		struct live_row row;

		if (!site->count || !call_table[site->nr].name)
			continue;
		add_seen(&of_site, site);
		row = make_row(live, site->nr,
			       per_s[site->nr] * (double)site->count /
				       (double)seen[site->nr].records,
			       &of_site);
		row.ret = site->ret;
		shot->site[shot->nr_sites++] = row;
	}
}

static void fill_vcpus(const struct live *live, struct live_shot *shot)
{
	shot->nr_vcpus = live->totals.count_cpus ? live->totals.count_cpus : 1;
	for (uint32_t cpu = 0; cpu < shot->nr_vcpus; cpu++) {
		struct live_vcpu *vcpu = &shot->vcpu[cpu];
		const uint64_t calls = vcpu_calls(&live->totals, cpu) -
				       live->vcpu_before[cpu];

		vcpu->per_s = (double)calls / shot->seconds;
		vcpu->share_calls = shot->calls ? (double)calls /
							  (double)shot->calls
						: 0;
	}
}

/*
 * What ctl adds up.  It was read before the counters at the end, and after them
 * at the beginning: no more can have been lost than was counted meanwhile.
 */
static bool fill_ring(struct live *live, struct live_shot *shot, uint64_t lost,
		      uint64_t wait_cycles)
{
	const double wait = (double)(wait_cycles - live->wait_cycles);

	if (lost < live->lost ||
	    lost - live->lost > shot->calls + LIVE_UNDER_WAY_MAX ||
	    wait_cycles < live->wait_cycles) {
		text_set(live->error, sizeof(live->error),
			 "ctl.lost was %llu and is %llu after %llu calls, ctl.wait_cycles was %llu and is %llu",
			 (unsigned long long)live->lost,
			 (unsigned long long)lost,
			 (unsigned long long)shot->calls,
			 (unsigned long long)live->wait_cycles,
			 (unsigned long long)wait_cycles);
		return false;
	}
	shot->lost = lost;
	shot->lost_per_s = (double)(shot->lost - live->lost) / shot->seconds;
	shot->share_wait = live->tsc_hz > 0
				   ? wait / live->tsc_hz / shot->seconds
				   : NAN;
	return true;
}

void live_take(struct live *live, struct live_shot *shot)
{
	struct seen seen[VMI_NR_SLOTS] = { 0 };
	uint64_t lost, wait_cycles;
	double cycles;

	memset(shot, 0, sizeof(*shot));
	shot->share_wait = NAN;
	if (!live->on)
		return;
	lost = load64(&live->ctl->lost);
	wait_cycles = load64(&live->ctl->wait_cycles);
	if (!sample_totals(live))
		return;
	shot->seconds =
		(double)(live->totals_ns - live->begin_ns) / (double)NS_PER_S;
	if (shot->seconds <= 0)
		return;
	if (live->totals.table)
		see_totals(live, seen);
	else
		see_sites(live, seen);
	fill_calls(live, shot, seen);
	fill_sites(live, shot, seen);
	cycles = all_cycles(shot->call, shot->nr_calls);
	share(shot->call, shot->nr_calls, shot->per_s, cycles);
	share(shot->site, shot->nr_sites, shot->per_s, cycles);
	fill_vcpus(live, shot);
	if (run_levels[live->level].events &&
	    !fill_ring(live, shot, lost, wait_cycles))
		return;
	if (shot->calls)
		shot->sampled = (double)live->records / (double)shot->calls;
	if (shot->sampled > 1)
		shot->sampled = 1;
	begin_interval(live);
}

void live_end(struct live *live)
{
	sites_free(live->sites);
	free(live->buffer);
}
