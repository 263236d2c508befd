// SPDX-License-Identifier: GPL-2.0-only
#include "view.h"

#include <inttypes.h>
#include <math.h>

#include "lib/call_table.h"
#include "lib/json.h"
#include "lib/text.h"

static void add_number(struct json_object *object, const char *key,
		       double value)
{
	json_add(object, key,
		 isfinite(value) ? json_object_new_double(value) : NULL);
}

static void add_site(struct json_object *object, const struct view *view,
		     uint32_t ret)
{
	struct symbol_place place;
	char text[256];

	text_set(text, sizeof(text), "0x%08" PRIx32, ret);
	json_add_text(object, "ret", text);
	if (!places_find(view->places, ret, &place)) {
		json_add(object, "site", NULL);
		return;
	}
	symbol_place_text(&place, text, sizeof(text));
	json_add_text(object, "site", text);
	json_add(object, "file", NULL);
	if (place.file) {
		json_add_text(object, "file", place.file);
		json_add(object, "line",
			 json_object_new_int((int32_t)place.line));
	}
}

static struct json_object *row_object(const struct view *view,
				      const struct live_row *row)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "call", call_table[row->nr].name);
	if (view->sites)
		add_site(object, view, row->ret);
	add_number(object, "calls_per_s", row->per_s);
	add_number(object, "share_calls", row->share_calls);
	add_number(object, "share_cycles", row->share_cycles);
	add_number(object, "share_time", row->share_time);
	add_number(object, "mean_cycles", row->mean_cycles);
	add_number(object, "max_cycles", row->max_cycles);
	return object;
}

static struct json_object *rows_array(const struct view *view,
				      const struct live_shot *shot)
{
	const struct live_row *row = view->sites ? shot->site : shot->call;
	size_t nr = view->sites ? shot->nr_sites : shot->nr_calls;
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < nr && i < view->rows; i++)
		json_object_array_add(array, row_object(view, &row[i]));
	return array;
}

static struct json_object *vcpus_array(const struct live_shot *shot)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < shot->nr_vcpus; i++) {
		struct json_object *vcpu = json_object_new_object();

		json_add(vcpu, "vcpu", json_object_new_int((int32_t)i));
		add_number(vcpu, "calls_per_s", shot->vcpu[i].per_s);
		json_object_array_add(array, vcpu);
	}
	return array;
}

void view_print_json(const struct view *view, const struct live *live,
		     const struct live_shot *shot, FILE *out)
{
	struct json_object *root = json_object_new_object();
	const bool event = live->on && run_levels[live->level].events;

	json_add(root, "pid", json_object_new_int(view->pid));
	json_add_text(root, "level",
		      live->on ? run_levels[live->level].name : "none");
	add_number(root, "seconds", shot->seconds);
	json_add(root, "calls", json_object_new_uint64(shot->calls));
	add_number(root, "calls_per_s", shot->per_s);
	add_number(root, "lost_per_s", event ? shot->lost_per_s : NAN);
	json_add(root, "lost",
		 event ? json_object_new_uint64(shot->lost) : NULL);
	add_number(root, "share_wait", event ? shot->share_wait : NAN);
	add_number(root, "sampled", event ? shot->sampled : NAN);
	json_add(root, "vcpus", vcpus_array(shot));
	json_add(root, "rows", rows_array(view, shot));
	(void)fprintf(out, "%s\n",
		      json_object_to_json_string_ext(
			      root, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}
