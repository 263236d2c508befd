// SPDX-License-Identifier: GPL-2.0-only
#include "json.h"

#include <err.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input_file.h"
#include "text.h"

/* What a document may take in memory, by what json-c takes for its parts. */
#define MEMORY_BYTES_MAX	((size_t)160 << 20)
#define CONTAINER_BYTES		800
#define VALUE_BYTES		110

void json_add(struct json_object *object, const char *key,
	      struct json_object *value)
{
	json_object_object_add(object, key, value);
}

void json_add_text(struct json_object *object, const char *key,
		   const char *text)
{
	char *copy = text_clean_copy(text);

	json_add(object, key, copy ? json_object_new_string(copy) : NULL);
	free(copy);
}

struct json_object *json_number(double value)
{
	char text[32];

	if (!isfinite(value))
		return NULL;
	if (value == floor(value) && fabs(value) < 0x1p53)
		return json_object_new_int64((int64_t)value);
	(void)snprintf(text, sizeof(text), "%.9g", value);
	return json_object_new_double_s(value, text);
}

struct json_object *json_member(struct json_object *object, const char *name,
				enum json_type type)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, type))
		return NULL;
	return value;
}

const char *json_member_text(struct json_object *object, const char *name)
{
	struct json_object *value = json_member(object, name, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

/*
 * A few bytes of text can be a few hundred in memory: an array of empty arrays.
 * Brackets and commas in strings are counted as well, which errs little.
 */
static bool is_too_large(const char *text, size_t bytes)
{
	size_t memory = 2 * bytes;

	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '[' || text[i] == '{')
			memory += CONTAINER_BYTES;
		else if (text[i] == ',')
			memory += VALUE_BYTES;
	}
	return memory > MEMORY_BYTES_MAX;
}

/* Behind the white space that stands there. */
static size_t skip_space(const char *text, size_t at)
{
	return at + strspn(text + at, " \t\r\n");
}

static struct json_object *parse(const char *text, size_t bytes, char *why,
				 size_t why_bytes)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *value;
	enum json_tokener_error error;
	size_t end;

	if (!tokener)
		err(EXIT_FAILURE, "memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
						JSON_TOKENER_ALLOW_TRAILING_CHARS);
	value = json_tokener_parse_ex(tokener, text, (int)bytes);
	end = skip_space(text, json_tokener_get_parse_end(tokener));
	/* A number may go on until something else stands behind it. */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		value = json_tokener_parse_ex(tokener, "", 1);
	error = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	if (error != json_tokener_success)
		text_set(why, why_bytes, "no JSON: %s at byte %zu",
			 json_tokener_error_desc(error), end);
	else if (end < bytes)
		text_set(why, why_bytes,
			 "no JSON: found something behind the value, at byte "
			 "%zu, expected the end of the file",
			 end);
	else if (!value)
		text_set(why, why_bytes, "no JSON: found null");
	else
		return value;
	json_object_put(value);
	return NULL;
}

struct json_object *json_read(const char *path, size_t bytes_max, char *why,
			      size_t why_bytes)
{
	char reason[INPUT_WHY_BYTES];
	struct json_object *value = NULL;
	size_t bytes;
	char *text = input_text(path, bytes_max, &bytes, reason);

	if (!text) {
		text_set(why, why_bytes, "%s", reason);
		return NULL;
	}
	if (is_too_large(text, bytes))
		text_set(why, why_bytes,
			 "no JSON that is read here: it has too many parts");
	else
		value = parse(text, bytes, why, why_bytes);
	free(text);
	return value;
}
