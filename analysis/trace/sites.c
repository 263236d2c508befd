// SPDX-License-Identifier: GPL-2.0-only
#include "sites.h"

#include <err.h>
#include <stdlib.h>

#define SITES_AT_FIRST 4096

static struct site *new_table(size_t size)
{
	struct site *site = calloc(size, sizeof(*site));

	if (!site)
		err(EXIT_FAILURE, "memory");
	return site;
}

/* The place of a site, or the free one where it belongs. */
static struct site *find(const struct sites *sites, uint32_t nr, uint32_t ret)
{
	/* Knuth's multiplicative hash; the table is never full. */
	const uint32_t hash = (ret ^ nr << 24) * 2654435761u;
	size_t i = hash & (sites->size - 1);

	while (sites->site[i].count &&
	       (sites->site[i].ret != ret || sites->site[i].nr != nr))
		i = (i + 1) & (sites->size - 1);
	return &sites->site[i];
}

static void grow(struct sites *sites)
{
	struct site *old = sites->site;
	const size_t old_size = sites->size;

	sites->size *= 2;
	sites->site = new_table(sites->size);
	for (size_t i = 0; i < old_size; i++) {
		if (old[i].count)
			*find(sites, old[i].nr, old[i].ret) = old[i];
	}
	free(old);
}

/* The site itself, new or not, to count in; NULL: there are too many. */
static struct site *place(struct sites *sites, uint32_t nr, uint32_t ret)
{
	struct site *site = find(sites, nr, ret);

	if (site->count)
		return site;
	if (sites->nr == SITES_MAX)
		return NULL;
	if (2 * ++sites->nr > sites->size) {
		grow(sites);
		site = find(sites, nr, ret);
	}
	site->nr = nr;
	site->ret = ret;
	return site;
}

/* Cycles come from the guest: the sum must not wrap. */
static void add_cycles(struct site *site, uint64_t cycles, uint64_t max)
{
	if (__builtin_add_overflow(site->cycles, cycles, &site->cycles))
		site->cycles = UINT64_MAX;
	if (max > site->max_cycles)
		site->max_cycles = max;
}

static void add_call(struct site *site, uint64_t cycles)
{
	site->squares += (double)cycles * (double)cycles;
	add_cycles(site, cycles, cycles);
}

void sites_add(struct sites *sites, const struct vmi_record *record)
{
	struct site *site =
		place(sites, trace_record_call(record), record->ret);
	const uint64_t cycles = trace_record_cycles(record);

	if (!site) {
		sites->others++;
		return;
	}
	site->count++;
	if (record->word & VMI_REC_INTERRUPTED)
		site->interrupted++;
	else if (!trace_record_measured(record))
		site->unmeasured++;
	else
		add_call(site, cycles);
}

/* The forms go two ways, as in packet_records(). */
void sites_visit(void *arg, const struct trace_packet *packet)
{
	struct sites *sites = arg;
	const char *p = packet->begin;

	while (p < packet->end) {
		const struct vmi_record *record = (const struct vmi_record *)p;
		const uint32_t nr = trace_record_call(record);
		struct site *site;

		if (__builtin_expect(
			    record->word & (VMI_REC_WIDE | VMI_REC_INTERRUPTED),
			    0)) {
			sites_add(sites, record);
			p += trace_record_bytes(p);
			continue;
		}
		p += VMI_REC_BYTES;
		site = find(sites, nr, record->ret);
		if (__builtin_expect(!site->count, 0)) {
			sites_add(sites, record);
			continue;
		}
		site->count++;
		if (record->word >> VMI_REC_CYCLES_SHIFT == VMI_REC_NO_CYCLES)
			site->unmeasured++;
		else
			add_call(site, record->word >> VMI_REC_CYCLES_SHIFT);
	}
}

void sites_merge(struct sites *sites, const struct sites *from)
{
	sites->others += from->others;
	for (size_t i = 0; i < from->size; i++) {
		const struct site *other = &from->site[i];
		struct site *site;

		if (!other->count)
			continue;
		site = place(sites, other->nr, other->ret);
		if (!site) {
			sites->others += other->count;
			continue;
		}
		site->count += other->count;
		site->interrupted += other->interrupted;
		site->unmeasured += other->unmeasured;
		site->squares += other->squares;
		add_cycles(site, other->cycles, other->max_cycles);
	}
}

struct sites *sites_new(void)
{
	struct sites *sites = calloc(1, sizeof(*sites));

	if (!sites)
		err(EXIT_FAILURE, "memory");
	sites->size = SITES_AT_FIRST;
	sites->site = new_table(sites->size);
	return sites;
}

struct sites *sites_read(struct trace *trace)
{
	struct sites *sites = sites_new();

	trace_read(trace, sites_visit, sites);
	return sites;
}

static int by_count(const void *a, const void *b)
{
	const struct site *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return (x->ret > y->ret) - (x->ret < y->ret);
}

void sites_sort(struct sites *sites)
{
	/* Free places have no calls, so they end up behind. */
	qsort(sites->site, sites->size, sizeof(*sites->site), by_count);
}

size_t sites_of_call(const struct sites *sites, unsigned int nr)
{
	size_t found = 0;

	for (size_t i = 0; i < sites->size; i++)
		found += sites->site[i].count && sites->site[i].nr == nr;
	return found;
}

void sites_free(struct sites *sites)
{
	free(sites->site);
	free(sites);
}
