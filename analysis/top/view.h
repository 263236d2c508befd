/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view.h - an interval as lines of text, for the screen and for --batch alike
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "live.h"
#include "trace/places.h"
#include "trace/run_info.h"

enum view_sort {
	VIEW_CALLS,
	VIEW_CYCLES,
	VIEW_TIME,
	VIEW_MEAN,
	VIEW_MAX,
	VIEW_NAME,
	NR_VIEW_SORTS
};

/* "calls", "cycles", … as --sort has them. */
extern const char *const view_sort_name[NR_VIEW_SORTS];

/* The sort of that name; -1 if there is none. */
int view_sort_by_name(const char *name);

struct view {
	bool sites;		/* a row for each call site */
	bool vcpus;		/* a line for each vCPU */
	enum view_sort sort;
	bool reverse;		/* smallest first */
	size_t rows;		/* at most */

	/* What is shown of the recording; none changes. */
	pid_t pid;
	const char *dir;	/* "": none */
	const struct run_info *info;
	struct places *places;
};

/* Put the rows in the view's order. */
void view_sort(const struct view *view, struct live_shot *shot);

/* What ran and the sums of the interval, then an empty line. */
void view_print_summary(const struct view *view, const struct live *live,
			const struct live_shot *shot, FILE *out);

/* The line above the rows. */
void view_print_header(const struct view *view, FILE *out);

/* The rows, sorted before; or why there are none. */
void view_print_rows(const struct view *view, const struct live *live,
		     const struct live_shot *shot, FILE *out);

/* The same as one line of JSON. */
void view_print_json(const struct view *view, const struct live *live,
		     const struct live_shot *shot, FILE *out);

#endif /* VIEW_H */
