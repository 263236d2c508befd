/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - the columns of a report, and the two forms it has
 */
#ifndef REPORT_H
#define REPORT_H

#include <stddef.h>

#include "trace/profile.h"

#define REPORT_CELL_BYTES	32

enum column_show {
	SHOW_ALWAYS,
	SHOW_NONZERO,	/* only when some call has more than 0 of it */
	SHOW_JSON,	/* not in the table */
};

/* One number of a row; the name of the call stands before all columns. */
struct column {
	const char *key;	/* for --sort */
	const char *json;	/* member of calls[] */
	const char *header;
	enum column_show show;
	size_t offset;		/* of a double in struct profile_row */
	/* How the number looks in the table. */
	void (*format)(char cell[REPORT_CELL_BYTES], double value);
};

extern const struct column report_columns[];
extern const size_t report_nr_columns;

/* The column with that key or JSON name; NULL if there is none. */
const struct column *report_column(const char *key);

double report_value(const struct column *column, const struct profile_row *row);

/* "1,234,567" */
void report_format_count(char cell[REPORT_CELL_BYTES], double value);

/* "1.23 ms": in the unit that suits it. */
void report_format_time(char cell[REPORT_CELL_BYTES], double seconds);

/* Largest first by column; by name for NULL. */
void report_sort(struct profile *profile, const struct column *column);

void report_print_table(const struct profile *profile);

void report_print_json(const struct profile *profile);

#endif /* REPORT_H */
