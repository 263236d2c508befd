// SPDX-License-Identifier: GPL-2.0-only
#include "totals.h"

#include <string.h>

#include "lib/call_table.h"
#include "lib/text.h"
#include "lib/tsc.h"

/*
 * A counter grows by one instruction at a time, of which a CPU does a few in a
 * nanosecond.  At once: two looks may be nearer than the guest's stores.
 */
#define CALLS_PER_NS	8
#define CALLS_AT_ONCE	1000000

static uint32_t load32(const uint32_t *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

void totals_attach(struct totals *totals, const struct guest_ram *ram,
		   const struct trace_rom *rom, enum run_level level)
{
	*totals = (struct totals){ .ram = ram, .rom = *rom, .level = level };
	/* Parsing has checked that both lie inside the image. */
	if (rom->aggregates)
		totals->table = guest_ram_at(
			ram, rom->phys + rom->aggregate_offset,
			VMI_NR_SLOTS * sizeof(*totals->table), 8);
	else if (rom->traces)
		totals->rom_counters = guest_ram_at(
			ram, rom->phys + rom->counters_offset,
			VMI_NR_SLOTS * sizeof(uint32_t), sizeof(uint32_t));
	if (!totals->table && !totals->rom_counters)
		text_set(totals->error, sizeof(totals->error),
			 "the table of the ROM \"%s\" does not lie in memory",
			 rom->name);
}

void totals_attach_sites(struct totals *totals, const struct guest_ram *ram,
			 const struct trace_rom *rom)
{
	*totals = (struct totals){
		.ram = ram,
		.rom = *rom,
		.level = RUN_LEVEL_COUNT,
	};
}

/* What is counted in one sample. */
struct sampling {
	struct totals *totals;
	uint64_t most;		/* more no counter can grow since the last one */
};

/*
 * What was added to the counter of call nr, which wraps.  One that fell seems to
 * have grown by nearly 2^32.
 */
static uint32_t step(const struct sampling *s, int nr, const uint32_t *counter,
		     uint32_t *seen)
{
	struct totals *totals = s->totals;
	uint32_t now = load32(counter);
	uint32_t more = now - *seen;

	if (!more || *totals->error)
		return 0;
	if (!call_table[nr].name) {
		text_set(totals->error, sizeof(totals->error),
			 "the guest counted %u calls of slot %d, in which there is none",
			 more, nr);
		return 0;
	}
	if (more > s->most) {
		text_set(totals->error, sizeof(totals->error),
			 "a counter of %s was %u and is %u, but a CPU can count no more than %llu calls since: the guest set it",
			 call_table[nr].name, *seen, now,
			 (unsigned long long)s->most);
		return 0;
	}
	*seen = now;
	return more;
}

static void sample_aggregate(const struct sampling *s, int nr)
{
	const struct vmi_aggregate *now = &s->totals->table[nr];
	struct vmi_aggregate *seen = &s->totals->seen[nr];
	struct call_totals *call = &s->totals->call[nr];
	uint32_t more = step(s, nr, &now->interrupted, &seen->interrupted);

	call->interrupted += more;
	call->count += more;
	for (int b = 0; b < VMI_AGG_BUCKETS; b++) {
		more = step(s, nr, &now->bucket[b], &seen->bucket[b]);
		call->bucket[b] += more;
		call->count += more;
	}
	call->sum_cycles = __atomic_load_n(&now->sum_cycles, __ATOMIC_ACQUIRE);
}

/* The counters of one vCPU, or NULL. */
static const uint32_t *site_counters(const struct totals *totals, uint32_t cpu)
{
	return guest_ram_at(totals->ram,
			    totals->count_phys +
				    (uint64_t)cpu * totals->count_stride,
			    VMI_NR_SLOTS * sizeof(uint32_t), sizeof(uint32_t));
}

/* Counters of two vCPUs in one place, or in the ROM, would count twice. */
static bool overlap(const struct totals *totals)
{
	const uint64_t bytes = VMI_NR_SLOTS * sizeof(uint32_t);
	const uint64_t begin = totals->count_phys;
	const uint64_t end = begin +
			     (uint64_t)(totals->count_cpus - 1) *
				     totals->count_stride + bytes;

	return (totals->count_cpus > 1 && totals->count_stride < bytes) ||
	       (begin < (uint64_t)totals->rom.phys + totals->rom.image_bytes &&
		totals->rom.phys < end);
}

/* Has the guest said where it counts?  Its first word is taken. */
static void find_sites(struct totals *totals)
{
	const struct vmi_trace_ctl *ctl =
		guest_ram_at(totals->ram,
			     totals->rom.phys + totals->rom.ctl_offset,
			     sizeof(*ctl), sizeof(uint32_t));

	totals->count_phys = ctl ? load32(&ctl->count_phys) : 0;
	if (!totals->count_phys)
		return;
	totals->count_cpus = load32(&ctl->count_cpus);
	totals->count_stride = load32(&ctl->count_stride);
	if (!totals->count_cpus || totals->count_cpus > TOTALS_CPUS_MAX)
		text_set(totals->error, sizeof(totals->error),
			 "the guest says that %u vCPUs count, expected 1 to %d",
			 totals->count_cpus, TOTALS_CPUS_MAX);
	for (uint32_t cpu = 0; !*totals->error && cpu < totals->count_cpus;
	     cpu++) {
		if (!site_counters(totals, cpu))
			text_set(totals->error, sizeof(totals->error),
				 "the guest says that vCPU %u counts at 0x%llx, which is not all memory",
				 cpu,
				 (unsigned long long)totals->count_phys +
					 (uint64_t)cpu * totals->count_stride);
	}
	if (!*totals->error && overlap(totals))
		text_set(totals->error, sizeof(totals->error),
			 "the guest says that %u vCPUs count at 0x%x, %u bytes apart: expected memory of their own, outside the ROM",
			 totals->count_cpus, totals->count_phys,
			 totals->count_stride);
	if (*totals->error)
		totals->count_cpus = 0;
}

static void sample_sites(const struct sampling *s)
{
	struct totals *totals = s->totals;

	for (uint32_t cpu = 0; cpu < totals->count_cpus; cpu++) {
		const uint32_t *counters = site_counters(totals, cpu);

		for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
			uint32_t more = step(s, nr, &counters[nr],
					     &totals->site_seen[cpu][nr]);

			totals->call[nr].count += more;
			totals->site_calls[cpu] += more;
		}
	}
}

/* The first sample has all calls from the guest's beginning on. */
static uint64_t most_since(struct totals *totals)
{
	const uint64_t now_ns = clock_ns();
	uint64_t most = UINT32_MAX;

	if (totals->sampled_ns)
		most = (now_ns - totals->sampled_ns) * CALLS_PER_NS +
		       CALLS_AT_ONCE;
	totals->sampled_ns = now_ns;
	return most;
}

bool totals_sample(struct totals *totals)
{
	struct sampling s = { .totals = totals };
	const bool had_sites = totals->count_phys;

	if (run_levels[totals->level].site_counts && !totals->count_phys)
		find_sites(totals);
	if (*totals->error)
		return false;
	s.most = most_since(totals);
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (totals->table)
			sample_aggregate(&s, nr);
		else if (totals->rom_counters)
			totals->call[nr].count +=
				step(&s, nr, &totals->rom_counters[nr],
				     &totals->rom_seen[nr]);
	}
	/* When the guest tells where it counts it may have done so for long. */
	if (!had_sites)
		s.most = UINT32_MAX;
	if (totals->count_phys)
		sample_sites(&s);
	return !*totals->error;
}

uint64_t totals_calls(const struct totals *totals)
{
	uint64_t calls = 0;

	for (int nr = 0; nr < VMI_NR_SLOTS; nr++)
		calls += totals->call[nr].count;
	return calls;
}

bool totals_found(const struct totals *totals)
{
	return !run_levels[totals->level].site_counts || totals->count_phys;
}

bool totals_fit(const struct totals *totals, const char **name)
{
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		const struct call_totals *call = &totals->call[nr];
		const int last = VMI_AGG_BUCKETS - 1;
		unsigned __int128 low = 0, high = 0;

		for (int b = 1; b < VMI_AGG_BUCKETS; b++) {
			low += (unsigned __int128)call->bucket[b] << (b - 1);
			high += (unsigned __int128)call->bucket[b] *
				((1ull << b) - 1);
		}
		/*
		 * The last bucket has no end but the guest's time, which WRMSR
		 * may set.
		 */
		high += (unsigned __int128)call->bucket[last] *
			(totals->cycles_max && nr != VMI_CALL_WRMSR
				 ? totals->cycles_max
				 : UINT64_MAX);
		if (call->sum_cycles >= low && call->sum_cycles <= high)
			continue;
		*name = call_table[nr].name ? call_table[nr].name : "no call";
		return false;
	}
	return true;
}
