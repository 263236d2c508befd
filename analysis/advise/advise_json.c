// SPDX-License-Identifier: GPL-2.0-only
/*
 * The advice as programs read it.  Members are added to, never renamed; what is
 * not known is null.
 */
#include <err.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise.h"
#include "lib/call_table.h"
#include "lib/json.h"
#include "lib/text.h"
#include "policy.h"

#define ADVISE_JSON_FORMAT  "vmiprof-advice"
#define ADVISE_JSON_VERSION 1

static struct json_object *interval(const struct interval *ci95)
{
	struct json_object *array = json_object_new_array();

	json_object_array_add(array, json_number(ci95->lo));
	json_object_array_add(array, json_number(ci95->hi));
	return array;
}

/* {"value": 1, "ci95": [0, 2]}, or null. */
static void add_estimate(struct json_object *object, const char *key,
			 bool known, struct estimate estimate)
{
	struct json_object *value = NULL;

	if (known) {
		value = json_object_new_object();
		json_add(value, "value", json_number(estimate.value));
		json_add(value, "ci95", interval(&estimate.ci95));
	}
	json_add(object, key, value);
}

static const char *kind_name(enum advice_kind kind)
{
	switch (kind) {
	case ADVICE_INLINE:
		return "saves";
	case ADVICE_NO_GAIN:
		return "no-saving-shown";
	case ADVICE_NO_BODY:
		return "not-inlinable";
	case ADVICE_NO_COST:
		return "cost-unknown";
	}
	return NULL;
}

static struct json_object *call_object(const struct advise *advise,
				       const struct advice_call *call)
{
	struct json_object *object = json_object_new_object();
	const bool inlinable = call->kind != ADVICE_NO_BODY;

	json_add_text(object, "name", call->name);
	json_add_text(object, "vmi", policy_call_name(call->nr));
	json_add_text(object, "verdict", kind_name(call->kind));
	json_add(object, "inline", json_object_new_boolean(call->in_policy));
	json_add(object, "count", json_object_new_uint64(call->count));
	json_add(object, "sites",
		 advise->sites->nr ? json_object_new_uint64(call->nr_sites)
				   : NULL);
	add_estimate(object, "stub", call->known, call->stub);
	json_add_text(object, "against", inlinable ? "inline" : "native");
	add_estimate(object, "other", call->known, call->other);
	json_add(object, "instructions_around",
		 advise->kernel ? json_number(call->around) : NULL);
	json_add(object, "inlines_at_sites",
		 advise->kernel ? json_number(call->inlines) : NULL);
	json_add(object, "paired", json_object_new_boolean(call->paired));
	add_estimate(object, "saves_each", call->known, call->each);
	add_estimate(object, "saves", call->known, call->all);
	json_add(object, "share_of_run",
		 call->known ? json_number(advise_share(advise, call->all.value))
			     : NULL);
	return object;
}

static struct json_object *calls(const struct advise *advise)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < advise->advice.nr; i++)
		json_object_array_add(
			array, call_object(advise, &advise->advice.call[i]));
	return array;
}

static void add_function(struct json_object *object, struct places *places,
			 uint32_t ret)
{
	struct symbol_place place;

	json_add_text(object, "function",
		      places && places_find(places, ret, &place)
			      ? place.function
			      : NULL);
}

static struct json_object *sites(const struct advise *advise)
{
	struct json_object *array = json_object_new_array();
	char address[16];

	for (size_t i = 0;
	     i < advise->sites->nr && i < advise->show_sites; i++) {
		const struct site *site = &advise->sites->site[i];
		struct json_object *object = json_object_new_object();

		(void)snprintf(address, sizeof(address), "0x%08" PRIx32,
			       site->ret);
		json_add_text(object, "return_address", address);
		json_add_text(object, "call", call_table[site->nr].name);
		json_add(object, "count", json_object_new_uint64(site->count));
		add_function(object, advise->places, site->ret);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *policy(const struct advise *advise)
{
	const struct advice *advice = &advise->advice;
	struct json_object *object = json_object_new_object();
	char *words = policy_words(advice->order, advice->nr_policy);

	json_add_text(object, "vmi", words);
	json_add(object, "calls", json_object_new_uint64(advice->nr_policy));
	json_add(object, "sites",
		 advise->sites->nr
			 ? json_object_new_uint64(advice->policy_sites)
			 : NULL);
	add_estimate(object, "saves", true, advice->policy);
	add_estimate(object, "possible", true, advice->possible);
	json_add(object, "share_of_possible",
		 json_number(advice->policy.value / advice->possible.value));
	json_add(object, "share_of_run",
		 json_number(advise_share(advise, advice->policy.value)));
	json_add_text(object, "share_unknown_why",
		      *advise->no_share ? advise->no_share : NULL);
	json_add(object, "saves_per_second",
		 json_number(advise_per_second(advise, advice->policy.value)));
	free(words);
	return object;
}

static struct json_object *left(const struct advice *advice)
{
	struct json_object *object = json_object_new_object();

	for (int kind = ADVICE_INLINE; kind <= ADVICE_NO_COST; kind++) {
		const struct advise_sum sum =
			advise_left(advice, (enum advice_kind)kind);
		struct json_object *one = json_object_new_object();

		json_add(one, "calls", json_object_new_uint64(sum.nr));
		json_add(one, "count", json_object_new_uint64(sum.count));
		json_add(one, "count_of_unknown_cost",
			 json_object_new_uint64(sum.unknown_count));
		add_estimate(one, "saves", sum.known, sum.all);
		json_add(object, kind_name((enum advice_kind)kind), one);
	}
	return object;
}

static struct json_object *verified(const struct verify *verify)
{
	struct json_object *object, *array;

	if (!verify)
		return NULL;
	object = json_object_new_object();
	array = json_object_new_array();
	for (size_t i = 0; i < verify->nr; i++) {
		const struct verify_benchmark *b = &verify->benchmark[i];
		struct json_object *one = json_object_new_object();

		json_add_text(one, "benchmark", b->name);
		json_add(one, "calls",
			 b->predicted_known ? json_number(b->calls) : NULL);
		json_add(one, "samples", json_object_new_uint64(b->nr_samples));
		add_estimate(one, "stub", true, b->stub);
		add_estimate(one, "policy", true, b->policy);
		add_estimate(one, "predicted", b->predicted_known,
			     b->predicted);
		add_estimate(one, "measured", true, b->measured);
		json_add(one, "intervals_meet",
			 b->predicted_known ? json_object_new_boolean(b->agrees)
					    : NULL);
		json_object_array_add(array, one);
	}
	json_add(object, "benchmarks", array);
	return object;
}

static struct json_object *passed(const struct advice *advice)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < advice->nr_passed; i++) {
		struct json_object *one = json_object_new_object();

		json_add_text(one, "platform",
			      platform_table[advice->passed[i].platform].name);
		json_add_text(one, "why", advice->passed[i].why);
		json_object_array_add(array, one);
	}
	return array;
}

void advise_print_json(const struct advise *advise)
{
	const struct advice *advice = &advise->advice;
	struct json_object *root = json_object_new_object();

	json_add_text(root, "format", ADVISE_JSON_FORMAT);
	json_add(root, "version", json_object_new_int(ADVISE_JSON_VERSION));
	json_add_text(root, "trace", advise->trace_dir);
	json_add(root, "partial",
		 json_object_new_boolean(profile_is_partial(advise->profile)));
	json_add_text(root, "results", advise->results_file);
	json_add_text(root, "rom", advise->rom_file);
	json_add_text(root, "kernel", advise->kernel_file);
	json_add_text(root, "platform", platform_table[advice->platform].name);
	json_add(root, "passed_over", passed(advice));
	json_add_text(root, "unit", unit_name(advice->unit));
	json_add_text(root, "trace_accelerator", advise->profile->accelerator);
	json_add(root, "calls_made",
		 json_object_new_uint64(advice->nr_calls_made));
	json_add(root, "share_of_calls_with_costs", json_number(advice->covered));
	json_add(root, "policy", policy(advise));
	json_add(root, "calls", calls(advise));
	json_add(root, "left", left(advice));
	json_add(root, "hot_sites", sites(advise));
	json_add(root, "verify", verified(advise->verify));
	puts(json_object_to_json_string_ext(
		root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}
