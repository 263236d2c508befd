// SPDX-License-Identifier: GPL-2.0-only
#include "totals.h"

#include <string.h>

#include "lib/call_table.h"
#include "lib/text.h"

static uint32_t load32(const uint32_t *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

void totals_attach(struct totals *totals, const struct guest_ram *ram,
		   const struct trace_rom *rom, enum run_level level)
{
	*totals = (struct totals){ .ram = ram, .rom = *rom, .level = level };
	/* Parsing has checked that both lie inside the image. */
	if (level == RUN_LEVEL_AGGREGATE)
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

/* What was added to a counter that wraps. */
static uint32_t step(const uint32_t *counter, uint32_t *seen)
{
	uint32_t now = load32(counter);
	uint32_t more = now - *seen;

	*seen = now;
	return more;
}

static void sample_aggregate(struct totals *totals, int nr)
{
	const struct vmi_aggregate *now = &totals->table[nr];
	struct vmi_aggregate *seen = &totals->seen[nr];
	struct call_totals *call = &totals->call[nr];
	uint32_t more = step(&now->interrupted, &seen->interrupted);

	call->interrupted += more;
	call->count += more;
	for (int b = 0; b < VMI_AGG_BUCKETS; b++) {
		more = step(&now->bucket[b], &seen->bucket[b]);
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
}

static void sample_sites(struct totals *totals)
{
	for (uint32_t cpu = 0; cpu < totals->count_cpus; cpu++) {
		const uint32_t *counters = site_counters(totals, cpu);

		for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
			uint32_t more = step(&counters[nr],
					     &totals->site_seen[cpu][nr]);

			totals->call[nr].count += more;
			totals->site_calls[cpu] += more;
		}
	}
}

bool totals_sample(struct totals *totals)
{
	if (totals->level == RUN_LEVEL_COUNT && !totals->count_phys)
		find_sites(totals);
	if (*totals->error)
		return false;
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (totals->table)
			sample_aggregate(totals, nr);
		else if (totals->rom_counters)
			totals->call[nr].count +=
				step(&totals->rom_counters[nr],
				     &totals->rom_seen[nr]);
	}
	if (totals->count_phys)
		sample_sites(totals);
	return true;
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
	return totals->level != RUN_LEVEL_COUNT || totals->count_phys;
}

bool totals_fit(const struct totals *totals, const char **name)
{
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		const struct call_totals *call = &totals->call[nr];
		uint64_t low = 0, high = 0;

		for (int b = 1; b < VMI_AGG_BUCKETS; b++) {
			low += call->bucket[b] << (b - 1);
			high += call->bucket[b] * ((1ull << b) - 1);
		}
		if (call->sum_cycles >= low &&
		    (call->sum_cycles <= high ||
		     call->bucket[VMI_AGG_BUCKETS - 1]))
			continue;
		*name = call_table[nr].name ? call_table[nr].name : "no call";
		return false;
	}
	return true;
}
