// SPDX-License-Identifier: GPL-2.0-only
#include "export_site.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_BITS 14

struct export_sites {
	struct places *places;
	const char *object;
	struct export_site site[1 << TABLE_BITS];
};

struct export_sites *export_sites_new(struct places *places, const char *object)
{
	struct export_sites *sites = calloc(1, sizeof(*sites));
	const char *slash;

	if (!sites)
		err(EXIT_FAILURE, "memory");
	slash = object ? strrchr(object, '/') : NULL;
	sites->places = places;
	sites->object = slash ? slash + 1 : object;
	return sites;
}

const struct export_site *export_site(struct export_sites *sites, uint32_t ret)
{
	/* Knuth's multiplicative hash; one site takes another's place. */
	const uint32_t hash = ret * 2654435761u >> (32 - TABLE_BITS);
	struct export_site *site = &sites->site[hash];

	if (site->used && site->ret == ret)
		return site;
	memset(site, 0, sizeof(*site));
	site->used = true;
	site->ret = ret;
	site->known = places_find(sites->places, ret, &site->place);
	return site;
}

const char *export_sites_object(const struct export_sites *sites)
{
	return sites->object ? sites->object : "[guest.kernel]";
}

void export_sites_free(struct export_sites *sites)
{
	free(sites);
}
