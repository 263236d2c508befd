// SPDX-License-Identifier: GPL-2.0-only
/*
 * A difference for people: of each table what changed, most changed first.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "lib/label.h"
#include "lib/text.h"
#include "lib/text_table.h"
#include "report/report.h"

static void value_text(char *text, size_t bytes, double value)
{
	char cell[REPORT_CELL_BYTES];

	if (isnan(value)) {
		text_set(text, bytes, "-");
	} else if (value == floor(value) && fabs(value) < 1e15) {
		report_format_count(cell, value);
		text_set(text, bytes, "%s", cell);
	} else {
		text_set(text, bytes, "%.*f", fabs(value) < 100 ? 3 : 1, value);
	}
}

static void difference_text(char *text, size_t bytes,
			    const struct diff_figure *figure)
{
	const double more = figure->new - figure->old;
	char cell[REPORT_CELL_BYTES];

	/* Without a change nothing is compared. */
	if (isnan(more) || (isnan(figure->change) && figure->old > 0)) {
		text_set(text, bytes, "-");
		return;
	}
	value_text(cell, sizeof(cell), fabs(more));
	text_set(text, bytes, "%s%s",
		 more > 0   ? "+"
		 : more < 0 ? "-"
			    : "",
		 cell);
}

static void change_text(char *text, size_t bytes,
			const struct diff_figure *figure)
{
	const char *mark = figure->state == DIFF_CHANGED ? " *" : "";
	const bool was = figure->old > 0, is = figure->new > 0;

	if (figure->state == DIFF_BELOW_STEP)
		text_set(text, bytes, "below step");
	else if (was && !is)
		text_set(text, bytes, "gone%s", mark);
	else if (!was && is)
		text_set(text, bytes, "new%s", mark);
	else if (isnan(figure->change))
		text_set(text, bytes, "-");
	else
		text_set(text, bytes, "%+.1f %%%s", 100 * figure->change, mark);
}

static size_t nr_names(const struct diff_table *table)
{
	size_t nr = 0;

	while (table->names[nr])
		nr++;
	return nr;
}

static void fill_row(const struct diff_table *table, struct text_row *out,
		     const struct diff_row *row)
{
	const size_t names = nr_names(table);
	char(*cell)[TEXT_TABLE_CELL] = out->cell + names;

	for (size_t n = 0; n < names; n++)
		text_set(out->cell[n], TEXT_TABLE_CELL, "%s",
			 row->name[n] ? row->name[n] : "");
	for (size_t i = 0; table->figures[i].key; i++) {
		const struct diff_figure *figure = &row->figure[i];

		value_text(*cell++, TEXT_TABLE_CELL, figure->old);
		value_text(*cell++, TEXT_TABLE_CELL, figure->new);
		if (i == 0)
			difference_text(*cell++, TEXT_TABLE_CELL, figure);
		change_text(*cell++, TEXT_TABLE_CELL, figure);
	}
}

static void fill_heading(const struct diff_table *table, struct text_row *out,
			 char *align)
{
	size_t at = 0;

	for (; table->names[at]; at++) {
		text_set(out->cell[at], TEXT_TABLE_CELL, "%s",
			 table->names[at]);
		align[at] = 'l';
	}
	for (size_t i = 0; table->figures[i].key; i++) {
		text_set(out->cell[at++], TEXT_TABLE_CELL, "%s: old",
			 table->figures[i].header);
		text_set(out->cell[at++], TEXT_TABLE_CELL, "new");
		if (i == 0)
			text_set(out->cell[at++], TEXT_TABLE_CELL,
				 "difference");
		text_set(out->cell[at++], TEXT_TABLE_CELL, "change");
	}
	for (size_t i = nr_names(table); i < at; i++)
		align[i] = 'r';
	align[at] = '\0';
}

static void show_table(const struct diff_table *table, size_t limit,
		       bool everything)
{
	const size_t changed = diff_nr_changed(table);
	const size_t wanted = everything ? table->nr : changed;
	char align[TEXT_TABLE_COLUMNS + 1];
	struct text_table text = {.align = align};

	printf("\n%zu of %zu %s changed%s\n", changed, table->nr, table->key,
	       changed ? ":" : "");
	if (!wanted)
		return;
	fill_heading(table, text_table_add(&text), align);
	for (size_t i = 0; i < wanted && (!limit || i < limit); i++)
		fill_row(table, text_table_add(&text), &table->row[i]);
	text_table_print(&text);
	text_table_free(&text);
	if (limit && wanted > limit)
		printf("… and %zu more (--limit)\n", wanted - limit);
}

static bool any_below_step(const struct diff *diff)
{
	for (size_t t = 0; t < diff->nr_tables; t++) {
		const struct diff_table *table = &diff->table[t];

		for (size_t r = 0; r < table->nr; r++) {
			for (int i = 0; i < DIFF_FIGURES; i++) {
				if (table->row[r].figure[i].state ==
				    DIFF_BELOW_STEP)
					return true;
			}
		}
	}
	return false;
}

void diff_show_text(const struct diff *diff, const struct diff_show *show)
{
	print_label("Old", "%s", diff->old_path);
	print_label("New", "%s", diff->new_path);
	for (size_t i = 0; i < diff->nr_notes; i++)
		print_label("Note", "%s", diff->note[i]);
	for (size_t i = 0; i < diff->nr_tables; i++)
		show_table(&diff->table[i], show->limit, show->everything);
	if (any_below_step(diff))
		puts("\nbelow step: too little for the clock that measured it.");
	printf("\n* changed: counted instructions at all, other figures with "
	       "their whole 95 %% interval past %g %%.\n",
	       100 * diff->threshold);
	if (diff->partial)
		puts("\nPARTIAL: something is missing, see above.");
}
