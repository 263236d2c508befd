/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run_members.h - members of run.json, their types and ranges checked
 *
 * What is not there, or null, is not known.  What is there but cannot be what
 * the recorder writes is a problem, told with its name, and not known either.
 */
#ifndef RUN_MEMBERS_H
#define RUN_MEMBERS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/problems.h"

/*
 * More calls than a guest makes in a year on all vCPUs, more cycles than in a
 * century: sums over 256 vCPUs do not overflow.
 */
#define RUN_COUNT_MAX	((uint64_t)1 << 54)
#define RUN_CYCLES_MAX	((uint64_t)1 << 63)

/* An object of the document. */
struct run_object {
	const char *path;		/* of the file, for messages */
	struct problems *problems;
	struct json_object *object;	/* NULL: not there */
	char name[48];			/* "" or "vcpus[0]." */
};

/* Tell that a member is not what was expected: "a whole number from 0 on". */
void run_wrong(const struct run_object *in, const char *key,
	       struct json_object *value, const char *expected);

/* The member of that type; NULL: it is not there, or a problem. */
struct json_object *run_member(const struct run_object *in, const char *key,
			       enum json_type type);

/* An object in it, which may be missing. */
struct run_object run_part(const struct run_object *in, const char *key);

/* A copy of a text, cleaned; NULL when it is not there. */
char *run_text(const struct run_object *in, const char *key);

/* false when it is not there */
bool run_bool(const struct run_object *in, const char *key);

/* A whole number from 0 to max; false when it is not there. */
bool run_count(const struct run_object *in, const char *key, uint64_t max,
	       uint64_t *count);

/* The same, but to be missing is a problem, too. */
bool run_required(const struct run_object *in, const char *key, uint64_t max,
		  uint64_t *count);

/* Seconds, up to a century; 0 when it is not there. */
double run_seconds(const struct run_object *in, const char *key);

#endif /* RUN_MEMBERS_H */
