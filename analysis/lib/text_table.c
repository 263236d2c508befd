// SPDX-License-Identifier: GPL-2.0-only
#include "text_table.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

struct text_row *text_table_add(struct text_table *table)
{
	table->row = reallocarray(table->row, table->nr + 1,
				  sizeof(*table->row));
	if (!table->row)
		err(EXIT_FAILURE, "memory");
	memset(&table->row[table->nr], 0, sizeof(*table->row));
	return &table->row[table->nr++];
}

static int width(const struct text_table *table, size_t column)
{
	size_t widest = 0;

	for (size_t i = 1; i < table->nr; i++) {
		const size_t length = strlen(table->row[i].cell[column]);

		widest = length > widest ? length : widest;
	}
	if (widest && strlen(table->row[0].cell[column]) > widest)
		widest = strlen(table->row[0].cell[column]);
	return (int)widest;
}

/* Without the spaces that would end the line. */
static void print_row(const struct text_table *table,
		      const struct text_row *row, const int *widths)
{
	int pending = 0;

	for (size_t c = 0; table->align[c]; c++) {
		const int length = (int)strlen(row->cell[c]);
		const int fill = widths[c] - length;
		char cell[TEXT_TABLE_CELL];

		if (!widths[c])
			continue;
		if (!length) {
			pending += widths[c] + 2;
			continue;
		}
		if (table->align[c] == 'r')
			pending += fill;
		/* It may come from outside, and be cut in a character. */
		memcpy(cell, row->cell[c], sizeof(cell));
		text_clean(cell);
		printf("%*s%s", pending, "", cell);
		pending = table->align[c] == 'r' ? 2 : fill + 2;
	}
	putchar('\n');
}

void text_table_print(const struct text_table *table)
{
	int widths[TEXT_TABLE_COLUMNS] = {0};

	for (size_t c = 0; table->align[c]; c++)
		widths[c] = width(table, c);
	for (size_t i = 0; i < table->nr; i++)
		print_row(table, &table->row[i], widths);
}

void text_table_free(struct text_table *table)
{
	free(table->row);
	table->row = NULL;
	table->nr = 0;
}
