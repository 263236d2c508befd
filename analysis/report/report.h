/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - rows and columns of a report, and the forms it has
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/places.h"
#include "trace/profile.h"

#define REPORT_CELL_BYTES	32

/* What a row of the table is about. */
enum report_by {
	REPORT_BY_CALL,
	REPORT_BY_SITE,
	REPORT_BY_VCPU,
	REPORT_BY_MODE,
	NR_REPORT_BY
};

/* "call", "site", "vcpu", "mode" */
extern const char *const report_by_name[NR_REPORT_BY];

/* Which of these a column has numbers for, a bit for each. */
#define REPORT_OF(by)	(1u << REPORT_BY_##by)
#define REPORT_OF_ALL	((1u << NR_REPORT_BY) - 1)

enum column_show {
	SHOW_ALWAYS,
	SHOW_NONZERO,	/* only when some row has more than 0 of it */
	SHOW_JSON,	/* not in the table */
};

/* One number of a row. */
struct column {
	const char *key;	/* for --sort */
	const char *json;	/* member of a row's object */
	const char *header;
	enum column_show show;
	unsigned int of;	/* REPORT_OF() */
	size_t offset;		/* of a double in struct profile_row */
	/* How the number looks in the table. */
	void (*format)(char cell[REPORT_CELL_BYTES], double value);
	bool cycles;		/* an estimate where not all was measured */
};

extern const struct column report_columns[];
extern const size_t report_nr_columns;

#define REPORT_TEXTS		4

/* Texts of a row: those behind the numbers, as well. */
struct text_column {
	const char *json;	/* NULL: there are no more */
	const char *header;
	bool behind;
};

extern const struct text_column report_texts[NR_REPORT_BY][REPORT_TEXTS];

struct report_row {
	struct profile_row numbers;	/* first, for columns and sorting */
	char *text[REPORT_TEXTS];	/* NULL: not known */
	struct symbol_place place;	/* of a site; function NULL: not known */
};

struct report_rows {
	enum report_by by;
	size_t nr;
	struct report_row *row;
};

/* The rows in no order.  places: for sites, else NULL. */
struct report_rows *report_rows_new(const struct profile *profile,
				    enum report_by by, struct places *places);
void report_rows_free(struct report_rows *rows);

/* Largest first by column; by name for NULL. */
void report_sort_rows(struct report_rows *rows, const struct column *column);

/* The column with that key or JSON name, of such rows; NULL: there is none. */
const struct column *report_column(const char *key, enum report_by by);

double report_value(const struct column *column, const struct profile_row *row);

/* "1,234,567" */
void report_format_count(char cell[REPORT_CELL_BYTES], double value);

/* "1.23 ms": in the unit that suits it. */
void report_format_time(char cell[REPORT_CELL_BYTES], double seconds);

/* The calls of a profile in the same way. */
void report_sort(struct profile *profile, const struct column *column);

/* All that a report is made of. */
struct report {
	const struct profile *profile;
	const struct report_rows *rows;
	size_t limit;			/* rows to show at most */
	const struct places *places;	/* NULL: no sites are shown */
};

void report_print_table(const struct report *report);

void report_print_json(const struct report *report);

/* The rows alone, behind a line with the names of the columns. */
void report_print_csv(const struct report *report);

#endif /* REPORT_H */
