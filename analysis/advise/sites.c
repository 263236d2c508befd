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

static void visit(void *arg, const struct trace_packet *packet)
{
	struct sites *sites = arg;
	const char *p = packet->begin;

	for (; p < packet->end; p += trace_record_bytes(p)) {
		const struct vmi_record *record = (const struct vmi_record *)p;
		const uint32_t nr = trace_record_call(record);
		struct site *site = find(sites, nr, record->ret);

		if (site->count++)
			continue;
		site->nr = nr;
		site->ret = record->ret;
		if (2 * ++sites->nr > sites->size)
			grow(sites);
	}
}

struct sites *sites_read(struct trace *trace)
{
	struct sites *sites = calloc(1, sizeof(*sites));

	if (!sites)
		err(EXIT_FAILURE, "memory");
	sites->size = SITES_AT_FIRST;
	sites->site = new_table(sites->size);
	trace_read(trace, visit, sites);
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
