/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sites.h - where the guest made its calls: the return addresses in a trace
 */
#ifndef SITES_H
#define SITES_H

#include <stddef.h>
#include <stdint.h>

#include "cycle_estimate.h"
#include "trace_reader.h"

/* The calls of one kind that return to one address; cycles as in stats.h. */
struct site {
	uint32_t ret;		/* return address of the call */
	uint32_t nr;		/* of the call */
	uint64_t count;		/* calls recorded; 0: slot of the table is free */
	uint64_t interrupted;	/* of them, a handler made calls inside */
	uint64_t unmeasured;	/* of the others: these have no cycles */
	uint64_t cycles;	/* of the rest */
	double squares;		/* of these cycles, summed */
	uint64_t max_cycles;
};

/* Undisturbed calls whose cycles were measured. */
static inline uint64_t site_measured(const struct site *site)
{
	return site->count - site->interrupted - site->unmeasured;
}

/* Its cycles; exact when all calls were measured. */
static inline struct cycle_estimate site_cycles(const struct site *site)
{
	return cycle_estimate(site->count - site->interrupted,
			      site_measured(site), (double)site->cycles,
			      site->squares);
}

/* A guest that returns to ever new places does not take all memory. */
#define SITES_MAX	(1 << 20)

/* A hash table while it is filled, a list once it is sorted. */
struct sites {
	size_t nr;
	uint64_t others;	/* calls that found no room */
	size_t size;		/* of site[], a power of two */
	struct site *site;
};

/* Without sites; free with sites_free(). */
struct sites *sites_new(void);

/* Count one call. */
void sites_add(struct sites *sites, const struct vmi_record *record);

/* Count all calls of a packet: a trace_visit_fn; arg: struct sites. */
void sites_visit(void *arg, const struct trace_packet *packet);

/* Add all that `from` holds. */
void sites_merge(struct sites *sites, const struct sites *from);

/* Read the trace once more and count by call and return address. */
struct sites *sites_read(struct trace *trace);

/* Most calls first; site[0] to site[nr - 1].  No site is added after this. */
void sites_sort(struct sites *sites);

/* How many sites a call has. */
size_t sites_of_call(const struct sites *sites, unsigned int nr);

void sites_free(struct sites *sites);

#endif /* SITES_H */
