// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results as JSON text.  The order of members is fixed and numbers are as short
 * as they can be, so that equal results are equal bytes.
 */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"
#include "lib/whole_file.h"
#include "results.h"

#define WHOLE_MAX	9007199254740992.0	/* 2^53 */

static json_object *number(double value)
{
	char text[40];

	if (value == floor(value) && fabs(value) < WHOLE_MAX)
		return json_object_new_int64((int64_t)value);
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return json_object_new_double_s(value, text);
}

static json_object *text_or_null(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

static void put(json_object *object, const char *name, json_object *value)
{
	json_object_object_add(object, name, value);
}

static json_object *interval(const struct interval *range)
{
	json_object *pair = json_object_new_array_ext(2);

	json_object_array_add(pair, number(range->lo));
	json_object_array_add(pair, number(range->hi));
	return pair;
}

static json_object *platforms_object(const struct results *results)
{
	static const char *const status[] = {
		[PLATFORM_RAN] = "ran",
		[PLATFORM_NOT_SUPPORTED] = "not supported",
		[PLATFORM_FAILED] = "failed",
	};
	json_object *platforms = json_object_new_object();

	for (int i = 0; i < NR_PLATFORMS; i++) {
		const struct platform_run *run = &results->platform[i];
		json_object *platform;

		if (run->status == PLATFORM_NOT_ASKED)
			continue;
		platform = json_object_new_object();
		put(platform, "status",
		    json_object_new_string(status[run->status]));
		put(platform, "reason", text_or_null(run->reason));
		put(platform, "accelerator",
		    json_object_new_string(platform_table[i].accelerator));
		put(platform, "repetitions",
		    json_object_new_int64(run->repetitions));
		put(platform, "perf", text_or_null(run->perf));
		put(platforms, platform_table[i].name, platform);
	}
	return platforms;
}

static json_object *case_object(const struct result_case *c)
{
	json_object *object = json_object_new_object();
	json_object *samples = json_object_new_array_ext((int)c->nr_samples);
	json_object *repetitions = json_object_new_array();
	json_object *ratio = NULL;

	if (c->has_ratio) {
		ratio = json_object_new_object();
		put(ratio, "median", number(c->ratio_to_native.median));
		put(ratio, "ci95", interval(&c->ratio_to_native.ci95));
	}
	for (size_t i = 0; i < c->nr_samples; i++)
		json_object_array_add(samples, number(c->samples[i]));
	put(object, "call", json_object_new_string(c->call));
	put(object, "form", json_object_new_string(form_name(c->form)));
	put(object, "padding", text_or_null(c->padding));
	put(object, "platform",
	    json_object_new_string(platform_table[c->platform].name));
	put(object, "unit", json_object_new_string(unit_name(c->unit)));
	put(object, "group", json_object_new_string(c->group));
	put(object, "resolution",
	    c->resolution > 0 ? number(c->resolution) : NULL);
	put(object, "min", number(c->stats.min));
	put(object, "median", number(c->stats.median));
	put(object, "p95", number(c->stats.p95));
	put(object, "ci95", interval(&c->stats.ci95));
	put(object, "ratio_to_native", ratio);
	for (unsigned int i = 0; i <= c->repetition; i++)
		json_object_array_add(repetitions,
				      json_object_new_uint64(
					      c->nr_of_repetition[i]));
	put(object, "repetitions", repetitions);
	put(object, "samples", samples);
	return object;
}

static json_object *cases_array(const struct results *results)
{
	json_object *cases = json_object_new_array();

	for (size_t i = 0; i < results->nr_cases; i++)
		json_object_array_add(cases, case_object(&results->cases[i]));
	return cases;
}

static json_object *skips_array(const struct results *results)
{
	json_object *skips = json_object_new_array();

	for (size_t i = 0; i < results->nr_skips; i++) {
		const struct result_skip *skip = &results->skips[i];
		json_object *object = json_object_new_object();

		put(object, "call", json_object_new_string(skip->call));
		put(object, "form", json_object_new_string(form_name(skip->form)));
		put(object, "padding", text_or_null(skip->padding));
		put(object, "platform",
		    json_object_new_string(
			    platform_table[skip->platform].name));
		put(object, "why", json_object_new_string(skip->why));
		json_object_array_add(skips, object);
	}
	return skips;
}

static json_object *root_object(const struct results *results)
{
	json_object *root = json_object_new_object();
	json_object *sets = json_object_new_array();
	json_object *machine = json_object_new_object();
	json_object *tools = json_object_new_object();
	json_object *baseline = NULL;

	for (char **set = results->sets; set && *set; set++)
		json_object_array_add(sets, json_object_new_string(*set));
	put(machine, "cpu", text_or_null(results->machine.cpu));
	put(machine, "kernel", text_or_null(results->machine.kernel));
	put(machine, "cores", json_object_new_int64(results->machine.cores));
	put(machine, "tsc_step",
	    results->machine.tsc_step
		    ? json_object_new_int64(results->machine.tsc_step)
		    : NULL);
	put(tools, "vmiprof", text_or_null(results->tools.vmiprof));
	put(tools, "qemu", text_or_null(results->tools.qemu));
	put(tools, "gcc", text_or_null(results->tools.gcc));
	put(root, "format", json_object_new_string(RESULTS_FORMAT));
	put(root, "version", json_object_new_int64(RESULTS_VERSION));
	put(root, "started", text_or_null(results->started));
	put(root, "sets", sets);
	put(root, "machine", machine);
	put(root, "tools", tools);
	if (results->baseline.reason) {
		baseline = json_object_new_object();
		put(baseline, "reason", text_or_null(results->baseline.reason));
		put(baseline, "accepted",
		    text_or_null(results->baseline.accepted));
	}
	put(root, "baseline", baseline);
	put(root, "platforms", platforms_object(results));
	put(root, "skipped", skips_array(results));
	put(root, "cases", cases_array(results));
	return root;
}

/*
 * The members of the root one below the other, of its lists an element a line:
 * a difference of two files is then one of cases.
 */
static void print_root(FILE *file, json_object *root)
{
	const int flags = JSON_C_TO_STRING_SPACED |
			  JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *separator = "{";

	json_object_object_foreach(root, name, value)
	{
		(void)fprintf(file, "%s\n  \"%s\": ", separator, name);
		separator = ",";
		if (strcmp(name, "cases") != 0 && strcmp(name, "skipped") != 0) {
			(void)fputs(json_object_to_json_string_ext(value, flags),
				    file);
			continue;
		}
		for (size_t i = 0; i < json_object_array_length(value); i++)
			(void)fprintf(file, "%s\n    %s", i ? "," : "[",
				      json_object_to_json_string_ext(
					      json_object_array_get_idx(value,
									i),
					      flags));
		(void)fputs(json_object_array_length(value) ? "\n  ]" : "[]",
			    file);
	}
	(void)fputs("\n}\n", file);
}

bool results_save(struct results *results, const char *path, char *why,
		  size_t why_bytes)
{
	struct whole_file file;
	json_object *root;
	int error = whole_file_open(&file, path);

	if (!error) {
		results_pair(results);
		root = root_object(results);
		print_root(file.out, root);
		json_object_put(root);
		error = whole_file_commit(&file);
	}
	if (error)
		text_set(why, why_bytes, "cannot write %s: %s", path,
			 strerror(error));
	return !error;
}
