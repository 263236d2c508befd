/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lttng_dirs.h - where the traces of LTTng lie, and damaged files of them
 */
#ifndef LTTNG_DIRS_H
#define LTTNG_DIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/problems.h"

struct lttng_dirs {
	size_t nr;
	char **path;	/* sorted */
};

/* All directories, dir too, with an LTTng trace right in them. */
void lttng_dirs_find(struct lttng_dirs *dirs, const char *dir);
void lttng_dirs_free(struct lttng_dirs *dirs);

/*
 * libbabeltrace2 reads nothing of a trace with a torn stream file.  If there is
 * one in dir, it is told and added to problems, and a temporary directory shows
 * the same trace without what is torn.  Returns that, for lttng_dir_remove(), or
 * NULL when dir can be read as it is.
 */
char *lttng_dir_repaired(const char *dir, struct problems *problems);

/* Take it away; frees the path. */
void lttng_dir_remove(char *dir);

#endif /* LTTNG_DIRS_H */
