/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json.h - members of JSON objects, written and read back without trust
 */
#ifndef JSON_H
#define JSON_H

#include <json-c/json.h>
#include <stddef.h>

/* Add a member; NULL is JSON's null.  The object takes the value over. */
void json_add(struct json_object *object, const char *key,
	      struct json_object *value);

/* Add text with what is not fit to be printed replaced (text_clean()). */
void json_add_text(struct json_object *object, const char *key,
		   const char *text);

/*
 * Whole numbers as such, others with 9 digits; NULL, which is JSON's null, for
 * what is not finite.
 */
struct json_object *json_number(double value);

/* The member of that name and type, else NULL; any object will do, NULL too. */
struct json_object *json_member(struct json_object *object, const char *name,
				enum json_type type);

/* Its text, which lives as long as the object; NULL if it has none. */
const char *json_member_text(struct json_object *object, const char *name);

/*
 * The JSON value that a regular file of up to bytes_max bytes holds, and nothing
 * but white space behind it.  NULL: why says what is wrong, and where.
 */
struct json_object *json_read(const char *path, size_t bytes_max, char *why,
			      size_t why_bytes);

#endif /* JSON_H */
