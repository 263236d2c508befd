// SPDX-License-Identifier: GPL-2.0-only
#include "run_members.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define SECONDS_MAX	4e9

void run_wrong(const struct run_object *in, const char *key,
	       struct json_object *value, const char *expected)
{
	problems_add(in->problems, "%s: %s%s: found %.60s, expected %s",
		     in->path, in->name, key,
		     value ? json_object_to_json_string_ext(
				     value, JSON_C_TO_STRING_NOSLASHESCAPE)
			   : "nothing",
		     expected);
}

static const char *type_name(enum json_type type)
{
	switch (type) {
	case json_type_object:
		return "an object";
	case json_type_array:
		return "an array";
	case json_type_string:
		return "a string";
	default:
		return "true or false";
	}
}

/* The member, whatever it is; NULL: not there, or null. */
static struct json_object *get(const struct run_object *in, const char *key)
{
	struct json_object *value = NULL;

	if (in->object)
		json_object_object_get_ex(in->object, key, &value);
	return value;
}

struct json_object *run_member(const struct run_object *in, const char *key,
			       enum json_type type)
{
	struct json_object *value = get(in, key);

	if (!value || json_object_is_type(value, type))
		return value;
	run_wrong(in, key, value, type_name(type));
	return NULL;
}

struct run_object run_part(const struct run_object *in, const char *key)
{
	struct run_object part = *in;

	part.object = run_member(in, key, json_type_object);
	text_append(part.name, sizeof(part.name), "%s.", key);
	return part;
}

char *run_text(const struct run_object *in, const char *key)
{
	struct json_object *value = run_member(in, key, json_type_string);
	char *text;

	if (!value)
		return NULL;
	text = strdup(json_object_get_string(value));
	if (!text)
		err(EXIT_FAILURE, "memory");
	text_clean(text);
	return text;
}

bool run_bool(const struct run_object *in, const char *key)
{
	return json_object_get_boolean(run_member(in, key, json_type_boolean));
}

bool run_count(const struct run_object *in, const char *key, uint64_t max,
	       uint64_t *count)
{
	struct json_object *value = get(in, key);

	if (!value)
		return false;
	/* What is below 0 is 0 as an unsigned number. */
	if (!json_object_is_type(value, json_type_int) ||
	    json_object_get_int64(value) < 0 ||
	    json_object_get_uint64(value) > max) {
		run_wrong(in, key, value, max == RUN_COUNT_MAX
						  ? "a number of calls"
						  : "a whole number");
		return false;
	}
	*count = json_object_get_uint64(value);
	return true;
}

bool run_required(const struct run_object *in, const char *key, uint64_t max,
		  uint64_t *count)
{
	if (in->object && !get(in, key))
		run_wrong(in, key, NULL, "a number of calls");
	return run_count(in, key, max, count);
}

double run_seconds(const struct run_object *in, const char *key)
{
	struct json_object *value = get(in, key);
	double seconds;

	if (!value)
		return 0;
	seconds = json_object_get_double(value);
	if ((json_object_is_type(value, json_type_double) ||
	     json_object_is_type(value, json_type_int)) &&
	    seconds >= 0 && seconds <= SECONDS_MAX)
		return seconds;
	run_wrong(in, key, value, "seconds");
	return 0;
}
