/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_table.h - columns that are as wide as what is in them
 */
#ifndef TEXT_TABLE_H
#define TEXT_TABLE_H

#include <stddef.h>

#define TEXT_TABLE_COLUMNS	14
#define TEXT_TABLE_CELL		64

struct text_row {
	char cell[TEXT_TABLE_COLUMNS][TEXT_TABLE_CELL];
};

struct text_table {
	size_t nr;
	struct text_row *row;
	/* A letter for each column: 'l' fills up on the right, 'r' on the left. */
	const char *align;
};

/*
 * A new row at the end, its cells empty.  The first row is the heading; a column
 * with nothing below it is not shown.
 */
struct text_row *text_table_add(struct text_table *table);

/* Print on stdout, two spaces between columns. */
void text_table_print(const struct text_table *table);

void text_table_free(struct text_table *table);

#endif /* TEXT_TABLE_H */
