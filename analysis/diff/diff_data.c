// SPDX-License-Identifier: GPL-2.0-only
/*
 * A difference as programs read it.  Members and columns are added to, never
 * renamed; what is not known or not compared is null, or empty.
 */
#include <math.h>
#include <stdio.h>

#include "diff.h"
#include "lib/json.h"

#define DIFF_FORMAT  "vmiprof-diff"
#define DIFF_VERSION 1

static const char *state_name(enum diff_state state)
{
	static const char *const names[] = {
		[DIFF_NOT_JUDGED] = "not judged",
		[DIFF_SAME] = "same",
		[DIFF_CHANGED] = "changed",
		[DIFF_BELOW_STEP] = "below the clock's step",
	};

	return names[state];
}

static double difference(const struct diff_figure *figure)
{
	/* Shown, but not comparable: no difference either. */
	if (isnan(figure->change) && figure->old > 0)
		return NAN;
	return figure->new - figure->old;
}

static struct json_object *figure_object(const struct diff_figure *figure)
{
	struct json_object *object = json_object_new_object();
	struct json_object *ci95 = NULL;

	if (isfinite(figure->ci95.lo) && isfinite(figure->ci95.hi)) {
		ci95 = json_object_new_array();
		json_object_array_add(ci95, json_number(figure->ci95.lo));
		json_object_array_add(ci95, json_number(figure->ci95.hi));
	}
	json_add(object, "old", json_number(figure->old));
	json_add(object, "new", json_number(figure->new));
	json_add(object, "difference", json_number(difference(figure)));
	json_add(object, "change", json_number(figure->change));
	json_add(object, "change_ci95", ci95);
	json_add_text(object, "state", state_name(figure->state));
	return object;
}

static struct json_object *table_array(const struct diff_table *table)
{
	struct json_object *array = json_object_new_array();

	for (size_t r = 0; r < table->nr; r++) {
		const struct diff_row *row = &table->row[r];
		struct json_object *object = json_object_new_object();

		for (size_t n = 0; table->names[n]; n++)
			json_add_text(object, table->names[n], row->name[n]);
		json_add(object, "changed",
			 json_object_new_boolean(diff_row_changed(row)));
		for (size_t i = 0; table->figures[i].key; i++)
			json_add(object, table->figures[i].key,
				 figure_object(&row->figure[i]));
		json_object_array_add(array, object);
	}
	return array;
}

void diff_show_json(const struct diff *diff)
{
	struct json_object *root = json_object_new_object();
	struct json_object *notes = json_object_new_array();
	struct json_object *problems = json_object_new_array();

	for (size_t i = 0; i < diff->nr_notes; i++)
		json_object_array_add(notes,
				      json_object_new_string(diff->note[i]));
	for (size_t i = 0; i < problems_kept(&diff->problems); i++)
		json_object_array_add(
			problems,
			json_object_new_string(diff->problems.text[i]));
	json_add_text(root, "format", DIFF_FORMAT);
	json_add(root, "version", json_object_new_int(DIFF_VERSION));
	json_add_text(root, "old", diff->old_path);
	json_add_text(root, "new", diff->new_path);
	json_add(root, "partial", json_object_new_boolean(diff->partial));
	json_add(root, "threshold", json_number(diff->threshold));
	json_add(root, "notes", notes);
	json_add(root, "problems", problems);
	for (size_t i = 0; i < diff->nr_tables; i++)
		json_add(root, diff->table[i].key,
			 table_array(&diff->table[i]));
	puts(json_object_to_json_string_ext(
		root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}

static void put_field(const char *text)
{
	putchar('"');
	for (; text && *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

static void put_value(double value)
{
	putchar(',');
	if (isfinite(value))
		printf("%.15g", value);
}

/* A line for each figure of each row: the tables have different ones. */
void diff_show_csv(const struct diff *diff)
{
	puts("table,name1,name2,name3,name4,figure,old,new,difference,change,"
	     "change_lo,change_hi,state");
	for (size_t t = 0; t < diff->nr_tables; t++) {
		const struct diff_table *table = &diff->table[t];

		for (size_t r = 0; r < table->nr; r++) {
			const struct diff_row *row = &table->row[r];

			for (size_t i = 0; table->figures[i].key; i++) {
				const struct diff_figure *figure =
					&row->figure[i];

				printf("%s", table->key);
				for (int n = 0; n < DIFF_NAMES; n++) {
					putchar(',');
					put_field(row->name[n]);
				}
				printf(",%s", table->figures[i].key);
				put_value(figure->old);
				put_value(figure->new);
				put_value(difference(figure));
				put_value(figure->change);
				put_value(figure->ci95.lo);
				put_value(figure->ci95.hi);
				printf(",%s\n", state_name(figure->state));
			}
		}
	}
}
