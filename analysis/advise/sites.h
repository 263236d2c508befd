/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sites.h - where the guest made its calls: the return addresses in a trace
 */
#ifndef ADVISE_SITES_H
#define ADVISE_SITES_H

#include <stddef.h>
#include <stdint.h>

#include "trace/trace_reader.h"

struct site {
	uint32_t ret;		/* return address of the call */
	uint32_t nr;		/* of the call */
	uint64_t count;		/* calls recorded; 0: slot of the table is free */
};

/* A hash table while it is filled, a list once it is sorted. */
struct sites {
	size_t nr;
	size_t size;		/* of site[], a power of two */
	struct site *site;
};

/* Read the trace once more and count by call and return address. */
struct sites *sites_read(struct trace *trace);

/* Most calls first; site[0] to site[nr - 1].  No site is added after this. */
void sites_sort(struct sites *sites);

/* How many sites a call has. */
size_t sites_of_call(const struct sites *sites, unsigned int nr);

void sites_free(struct sites *sites);

#endif /* ADVISE_SITES_H */
