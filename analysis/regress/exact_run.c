// SPDX-License-Identifier: GPL-2.0-only
#include "exact_run.h"

#include <string.h>

#include "lib/json.h"
#include "lib/text.h"
#include "linux_gate.h"

#define EXACT_BYTES_MAX	((size_t)32 << 20)

/* A whole number from 0 on, else -1. */
static int64_t count_of(json_object *object, const char *name)
{
	json_object *value = json_member(object, name, json_type_int);
	int64_t count = value ? json_object_get_int64(value) : -1;

	return count < 0 ? -1 : count;
}

static bool check(struct exact_run *run, char *why, size_t why_bytes)
{
	const char *format = json_member_text(run->root, "format");
	int64_t version = count_of(run->root, "version");

	run->variants = json_member(run->root, "variants", json_type_array);
	if (!format || strcmp(format, LINUX_GATE_FORMAT) != 0)
		text_set(why, why_bytes, "format: found '%s', expected '%s'",
			 format ? format : "(none)", LINUX_GATE_FORMAT);
	else if (version != LINUX_GATE_VERSION)
		text_set(why, why_bytes, "version: found %lld, expected %d",
			 (long long)version, LINUX_GATE_VERSION);
	else if (!run->variants)
		text_set(why, why_bytes, "variants: missing");
	else
		return true;
	return false;
}

bool exact_run_load(struct exact_run *run, const char *path, char *why,
		    size_t why_bytes)
{
	*run = (struct exact_run){0};
	run->root = json_read(path, EXACT_BYTES_MAX, why, why_bytes);
	if (!run->root)
		return false;
	if (check(run, why, why_bytes))
		return true;
	text_clean(why);
	exact_run_free(run);
	return false;
}

json_object *exact_variant(const struct exact_run *run, const char *name)
{
	for (size_t i = 0; i < json_object_array_length(run->variants); i++) {
		json_object *variant =
			json_object_array_get_idx(run->variants, i);
		const char *found = json_member_text(variant, "name");

		if (found && !strcmp(found, name))
			return variant;
	}
	return NULL;
}

static json_object *operation_of(json_object *variant, const char *operation)
{
	return json_member(json_member(variant, "operations", json_type_object),
			   operation, json_type_object);
}

bool exact_figure(json_object *variant, const char *operation,
		  struct exact_figure *figure)
{
	json_object *object = operation_of(variant, operation);

	figure->instructions = count_of(object, "instructions");
	figure->rounds = count_of(object, "rounds");
	figure->hits = count_of(object, "hits");
	return figure->instructions >= 0 && figure->rounds > 0 &&
	       figure->hits > 0;
}

int64_t exact_calls(json_object *traced, const char *operation,
		    const char *call)
{
	json_object *calls = json_member(operation_of(traced, operation),
					 "calls", json_type_object);
	int64_t count = count_of(calls, call);

	return count < 0 ? 0 : count;
}

bool exact_sites(json_object *variant, const char *call, int64_t *stub,
		 int64_t *inlined)
{
	json_object *sites = json_member(
		json_member(variant, "call_sites", json_type_object), call,
		json_type_object);

	*stub = count_of(sites, "stub");
	*inlined = count_of(sites, "inline");
	return *stub >= 0 && *inlined >= 0;
}

const char *exact_rom(json_object *variant)
{
	return json_member_text(json_member(variant, "rom", json_type_object),
				"file");
}

void exact_run_free(struct exact_run *run)
{
	json_object_put(run->root);
	*run = (struct exact_run){0};
}
