// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows of a difference, and what counts as one.
 */
#include <err.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "lib/text.h"

#define Z95 1.96

struct diff_row *diff_add_row(struct diff_table *table)
{
	const struct diff_figure none = {
		NAN, NAN, NAN, {NAN, NAN}, DIFF_NOT_JUDGED};
	struct diff_row *row;

	table->row =
		reallocarray(table->row, table->nr + 1, sizeof(*table->row));
	if (!table->row)
		err(EXIT_FAILURE, "memory");
	row = &table->row[table->nr++];
	memset(row, 0, sizeof(*row));
	for (int i = 0; i < DIFF_FIGURES; i++)
		row->figure[i] = none;
	return row;
}

void diff_note(struct diff *diff, const char *format, ...)
{
	va_list args;

	if (diff->nr_notes == DIFF_NOTES)
		return;
	va_start(args, format);
	if (vasprintf(&diff->note[diff->nr_notes], format, args) < 0)
		err(EXIT_FAILURE, "memory");
	va_end(args);
	text_clean(diff->note[diff->nr_notes++]);
}

void diff_note_other(struct diff *diff, const char *what, const char *old_text,
		     const char *new_text)
{
	old_text = old_text ? old_text : "not known";
	new_text = new_text ? new_text : "not known";
	if (strcmp(old_text, new_text) != 0)
		diff_note(diff, "%s differs: old %s, new %s", what, old_text,
			  new_text);
}

void diff_set(struct diff_figure *figure, double old_value, double new_value)
{
	figure->old = old_value;
	figure->new = new_value;
	if (old_value > 0)
		figure->change = (new_value - old_value) / old_value;
	else if (new_value == old_value)
		figure->change = 0;
}

bool diff_below_step(struct diff_figure *figure, double step)
{
	const bool small = fmin(figure->old, figure->new) < step ||
			   fabs(figure->new - figure->old) < step;

	if (!small || figure->new == figure->old)
		return false;
	figure->change = NAN;
	figure->state = DIFF_BELOW_STEP;
	return true;
}

void diff_judge_exact(struct diff_figure *figure)
{
	if (isnan(figure->old) || isnan(figure->new))
		return;
	figure->state = figure->old == figure->new ? DIFF_SAME : DIFF_CHANGED;
}

void diff_judge_interval(struct diff_figure *figure, double threshold)
{
	if (isnan(figure->ci95.lo) || isnan(figure->ci95.hi))
		return;
	if (figure->ci95.lo > threshold || figure->ci95.hi < -threshold)
		figure->state = DIFF_CHANGED;
	else
		figure->state = DIFF_SAME;
}

/*
 * The interval of the ratio of two Poisson counts, by the normal approximation
 * of its logarithm; 1/2 stands for 0.
 */
void diff_judge_count(struct diff_figure *figure, double threshold)
{
	const double old = fmax(figure->old, 0.5);
	const double new = fmax(figure->new, 0.5);
	const double half = Z95 * sqrt(1 / old + 1 / new);

	if (isnan(figure->old) || isnan(figure->new))
		return;
	figure->ci95.lo = exp(log(new / old) - half) - 1;
	figure->ci95.hi = exp(log(new / old) + half) - 1;
	diff_judge_interval(figure, threshold);
}

bool diff_row_changed(const struct diff_row *row)
{
	for (int i = 0; i < DIFF_FIGURES; i++) {
		if (row->figure[i].state == DIFF_CHANGED)
			return true;
	}
	return false;
}

size_t diff_nr_changed(const struct diff_table *table)
{
	size_t nr = 0;

	for (size_t i = 0; i < table->nr; i++)
		nr += diff_row_changed(&table->row[i]);
	return nr;
}

static int by_weight(const void *a, const void *b)
{
	const struct diff_row *x = a, *y = b;
	const bool x_changed = diff_row_changed(x);
	int order = 0;

	if (x_changed != diff_row_changed(y))
		return x_changed ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	for (int i = 0; !order && i < DIFF_NAMES && x->name[i] && y->name[i];
	     i++)
		order = strcmp(x->name[i], y->name[i]);
	return order;
}

void diff_sort(struct diff *diff)
{
	for (size_t i = 0; i < diff->nr_tables; i++) {
		struct diff_table *table = &diff->table[i];

		for (size_t r = 0; r < table->nr; r++) {
			if (isnan(table->row[r].weight))
				table->row[r].weight = 0;
		}
		if (table->nr)
			qsort(table->row, table->nr, sizeof(*table->row),
			      by_weight);
	}
}

void diff_free(struct diff *diff)
{
	for (size_t i = 0; i < diff->nr_tables; i++) {
		struct diff_table *table = &diff->table[i];

		for (size_t r = 0; r < table->nr; r++) {
			for (int n = 0; n < DIFF_NAMES; n++)
				free(table->row[r].name[n]);
		}
		free(table->row);
	}
	for (size_t i = 0; i < diff->nr_notes; i++)
		free(diff->note[i]);
	problems_free(&diff->problems);
}
