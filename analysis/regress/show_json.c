// SPDX-License-Identifier: GPL-2.0-only
/*
 * Judgements as programs read them.  Members are added to, never renamed; what
 * does not apply is null.
 */
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "show.h"

#define REGRESS_FORMAT	"vmiprof-regress"
#define REGRESS_VERSION 1

static void put(json_object *object, const char *name, json_object *value)
{
	json_object_object_add(object, name, value);
}

static void put_text(json_object *object, const char *name, const char *text)
{
	put(object, name, text ? json_object_new_string(text) : NULL);
}

static json_object *interval(const struct interval *range)
{
	json_object *pair;

	if (!isfinite(range->lo) || !isfinite(range->hi))
		return NULL;
	pair = json_object_new_array();
	json_object_array_add(pair, json_number(range->lo));
	json_object_array_add(pair, json_number(range->hi));
	return pair;
}

static json_object *case_object(const struct judgement *j)
{
	json_object *object = json_object_new_object();

	put_text(object, "platform", j->scope);
	put_text(object, "call", j->call);
	put_text(object, "form", j->form);
	put_text(object, "padding", j->padding);
	put_text(object, "group", j->group);
	put_text(object, "verdict", verdict_name(j->verdict));
	put_text(object, "why", j->why);
	put_text(object, "unit", j->unit);
	put(object, "baseline", json_number(j->old_figure));
	put(object, "new", json_number(j->new_figure));
	put(object, "change", json_number(j->change));
	put(object, "change_ci95", interval(&j->change_ci95));
	put(object, "noise_floor", json_number(j->noise_floor));
	return object;
}

void show_json(FILE *out, const struct verdict_report *report)
{
	const struct judgements *all = report->all;
	enum verdict overall = judgements_overall(all);
	json_object *root = json_object_new_object();
	json_object *counts = json_object_new_object();
	json_object *notes = json_object_new_array();
	json_object *cases = json_object_new_array();

	for (int v = 0; v < NR_VERDICTS; v++)
		put(counts, verdict_name((enum verdict)v),
		    json_object_new_uint64(
			    judgements_count(all, (enum verdict)v)));
	for (size_t i = 0; i < all->nr_notes; i++)
		json_object_array_add(notes,
				      json_object_new_string(all->notes[i]));
	for (size_t i = 0; i < all->nr; i++)
		json_object_array_add(cases, case_object(&all->list[i]));
	put_text(root, "format", REGRESS_FORMAT);
	put(root, "version", json_object_new_int(REGRESS_VERSION));
	put_text(root, "verdict", verdict_name(overall));
	put(root, "exit_status", json_object_new_int((int)overall));
	put_text(root, "baseline", report->baseline);
	put_text(root, "accepted", report->accepted);
	put_text(root, "reason", report->reason);
	put_text(root, "new", report->new_run);
	put(root, "threshold", json_number(report->threshold));
	put(root, "counts", counts);
	put(root, "not_compared", json_object_new_uint64(all->not_compared));
	put(root, "notes", notes);
	put(root, "cases", cases);
	(void)fprintf(out, "%s\n",
		      json_object_to_json_string_ext(
			      root, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}
