/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * macro_lines.h - what the Linux benchmarks print on the guest's console
 *
 *   case call=NAME form=FORM padding=- unit=UNIT group=G samples=V,V,...
 *   calls call=NAME vmi=CALL per_op=N
 *   skip call=NAME form=FORM why=TEXT
 *   bench: done
 *
 * The guest is not trusted: a line that is not as above is told and left out.
 */
#ifndef ADVISE_MACRO_LINES_H
#define ADVISE_MACRO_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "results/results.h"

#define MACRO_NAME_BYTES	64

struct macro_case {
	char name[MACRO_NAME_BYTES];	/* of the benchmark */
	char form[MACRO_NAME_BYTES];
	char group[MACRO_NAME_BYTES];
	enum result_unit unit;
	double *samples;
	size_t nr_samples;
};

/* How often an operation of a benchmark makes a VMI call. */
struct macro_count {
	char name[MACRO_NAME_BYTES];
	unsigned int nr;		/* of the call */
	double per_op;
};

struct macro_lines {
	struct macro_case *cases;
	size_t nr_cases;
	struct macro_count *counts;
	size_t nr_counts;
	size_t nr_bad;			/* lines left out */
	bool done;			/* the last line was there */
};

/* Read a console; false with errno set when the file cannot be read. */
bool macro_lines_read(struct macro_lines *lines, const char *path);

/* Take one line, without its end.  It may be none of ours. */
void macro_lines_take(struct macro_lines *lines, char *line);

/* The case of a benchmark; NULL if there is none. */
const struct macro_case *macro_find(const struct macro_lines *lines,
				    const char *name, const char *form);

void macro_lines_free(struct macro_lines *lines);

#endif /* ADVISE_MACRO_LINES_H */
