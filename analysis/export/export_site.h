/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * export_site.h - the names of call sites, looked up once and kept
 *
 * The table has a fixed size, so that a guest that calls from everywhere costs
 * time but no memory.
 */
#ifndef EXPORT_SITE_H
#define EXPORT_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/places.h"

/* Texts live as long as the symbols that they came from. */
struct export_site {
	bool used;		/* this place of the table */
	uint32_t ret;
	bool known;		/* the place is */
	struct symbol_place place;
};

struct export_sites;

/* Both have to live on.  object: the file that the names are from. */
struct export_sites *export_sites_new(struct places *places,
				      const char *object);

/* Where the call was made that returns to ret; until the next one is asked. */
const struct export_site *export_site(struct export_sites *sites, uint32_t ret);

/* The file that the names are from, without folders. */
const char *export_sites_object(const struct export_sites *sites);

void export_sites_free(struct export_sites *sites);

#endif /* EXPORT_SITE_H */
