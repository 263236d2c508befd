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
#include "lib/text.h"
#include "policy.h"

#define ADVISE_JSON_FORMAT  "vmiprof-advice"
#define ADVISE_JSON_VERSION 1

static void add(struct json_object *object, const char *key,
		struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static void add_text(struct json_object *object, const char *key,
		     const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		err(EXIT_FAILURE, "memory");
	if (copy)
		text_clean(copy);
	add(object, key, copy ? json_object_new_string(copy) : NULL);
	free(copy);
}

static struct json_object *number(double value)
{
	char text[32];

	if (!isfinite(value))
		return NULL;
	(void)snprintf(text, sizeof(text), "%.10g", value);
	return json_object_new_double_s(value, text);
}

static struct json_object *interval(const struct interval *ci95)
{
	struct json_object *array = json_object_new_array();

	json_object_array_add(array, number(ci95->lo));
	json_object_array_add(array, number(ci95->hi));
	return array;
}

/* {"value": 1, "ci95": [0, 2]}, or null. */
static void add_estimate(struct json_object *object, const char *key,
			 bool known, struct estimate estimate)
{
	struct json_object *value = NULL;

	if (known) {
		value = json_object_new_object();
		add(value, "value", number(estimate.value));
		add(value, "ci95", interval(&estimate.ci95));
	}
	add(object, key, value);
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

	add_text(object, "name", call->name);
	add_text(object, "vmi", policy_call_name(call->nr));
	add_text(object, "verdict", kind_name(call->kind));
	add(object, "inline", json_object_new_boolean(call->in_policy));
	add(object, "count", json_object_new_uint64(call->count));
	add(object, "sites",
	    advise->sites->nr ? json_object_new_uint64(call->nr_sites) : NULL);
	add_estimate(object, "stub", call->known, call->stub);
	add_text(object, "against", inlinable ? "inline" : "native");
	add_estimate(object, "other", call->known, call->other);
	add(object, "instructions_around",
	    advise->kernel ? number(call->around) : NULL);
	add(object, "inlines_at_sites",
	    advise->kernel ? number(call->inlines) : NULL);
	add(object, "paired", json_object_new_boolean(call->paired));
	add_estimate(object, "saves_each", call->known, call->each);
	add_estimate(object, "saves", call->known, call->all);
	add(object, "share_of_run",
	    call->known ? number(advise_share(advise, call->all.value)) : NULL);
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

static void add_function(struct json_object *object,
			 const struct kernel_sites *kernel, uint32_t address)
{
	const struct kernel_symbol *symbol =
		kernel ? kernel_sites_function(kernel, address) : NULL;

	add_text(object, "function", symbol ? symbol->name : NULL);
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
		add_text(object, "return_address", address);
		add_text(object, "call", call_table[site->nr].name);
		add(object, "count", json_object_new_uint64(site->count));
		add_function(object, advise->kernel, site->ret);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *policy(const struct advise *advise)
{
	const struct advice *advice = &advise->advice;
	struct json_object *object = json_object_new_object();
	char *words = policy_words(advice->order, advice->nr_policy);

	add_text(object, "vmi", words);
	add(object, "calls", json_object_new_uint64(advice->nr_policy));
	add(object, "sites",
	    advise->sites->nr ? json_object_new_uint64(advice->policy_sites)
			      : NULL);
	add_estimate(object, "saves", true, advice->policy);
	add_estimate(object, "possible", true, advice->possible);
	add(object, "share_of_possible",
	    number(advice->policy.value / advice->possible.value));
	add(object, "share_of_run",
	    number(advise_share(advise, advice->policy.value)));
	add_text(object, "share_unknown_why",
		 *advise->no_share ? advise->no_share : NULL);
	add(object, "saves_per_second",
	    number(advise_per_second(advise, advice->policy.value)));
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

		add(one, "calls", json_object_new_uint64(sum.nr));
		add(one, "count", json_object_new_uint64(sum.count));
		add(one, "count_of_unknown_cost",
		    json_object_new_uint64(sum.unknown_count));
		add_estimate(one, "saves", sum.known, sum.all);
		add(object, kind_name((enum advice_kind)kind), one);
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

		add_text(one, "benchmark", b->name);
		add(one, "calls",
		    b->predicted_known ? number(b->calls) : NULL);
		add(one, "samples", json_object_new_uint64(b->nr_samples));
		add_estimate(one, "stub", true, b->stub);
		add_estimate(one, "policy", true, b->policy);
		add_estimate(one, "predicted", b->predicted_known,
			     b->predicted);
		add_estimate(one, "measured", true, b->measured);
		add(one, "intervals_meet",
		    b->predicted_known ? json_object_new_boolean(b->agrees)
				       : NULL);
		json_object_array_add(array, one);
	}
	add(object, "benchmarks", array);
	return object;
}

static struct json_object *passed(const struct advice *advice)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < advice->nr_passed; i++) {
		struct json_object *one = json_object_new_object();

		add_text(one, "platform",
			 platform_table[advice->passed[i].platform].name);
		add_text(one, "why", advice->passed[i].why);
		json_object_array_add(array, one);
	}
	return array;
}

void advise_print_json(const struct advise *advise)
{
	const struct advice *advice = &advise->advice;
	struct json_object *root = json_object_new_object();

	add_text(root, "format", ADVISE_JSON_FORMAT);
	add(root, "version", json_object_new_int(ADVISE_JSON_VERSION));
	add_text(root, "trace", advise->trace_dir);
	add(root, "partial",
	    json_object_new_boolean(profile_is_partial(advise->profile)));
	add_text(root, "results", advise->results_file);
	add_text(root, "rom", advise->rom_file);
	add_text(root, "kernel", advise->kernel_file);
	add_text(root, "platform", platform_table[advice->platform].name);
	add(root, "passed_over", passed(advice));
	add_text(root, "unit", unit_name(advice->unit));
	add_text(root, "trace_accelerator", advise->profile->accelerator);
	add(root, "calls_made",
	    json_object_new_uint64(advice->nr_calls_made));
	add(root, "share_of_calls_with_costs", number(advice->covered));
	add(root, "policy", policy(advise));
	add(root, "calls", calls(advise));
	add(root, "left", left(advice));
	add(root, "hot_sites", sites(advise));
	add(root, "verify", verified(advise->verify));
	puts(json_object_to_json_string_ext(
		root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}
