// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results from JSON text that may be damaged, edited or of another version.
 */
#include <err.h>
#include <json-c/json.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "lib/text.h"
#include "results.h"

#define RESULTS_BYTES_MAX	((size_t)32 << 20)
#define SAME_WITHIN	1e-9	/* of a statistic that was printed and read */

struct loading {
	struct results *results;
	const char *path;
	/* Where faults are told: kept apart, or else the first one in why. */
	struct problems *problems;
	char *why;
	size_t why_bytes;
	bool left_out[NR_PLATFORMS];
};

__attribute__((format(printf, 2, 3)))
static bool fault(struct loading *l, const char *format, ...)
{
	char text[400];
	va_list args;

	text_set(text, sizeof(text), "%s: ", l->path);
	va_start(args, format);
	text_vappend(text, sizeof(text), format, args);
	va_end(args);
	text[strcspn(text, "\n")] = '\0';
	text_clean(text);
	if (l->problems)
		problems_add(l->problems, "%s", text);
	else
		text_set(l->why, l->why_bytes, "%s", text);
	return false;
}

static char *text_copy(json_object *object, const char *name)
{
	return text_clean_copy(json_member_text(object, name));
}

/* NAN: no number. */
static double number_of(json_object *value)
{
	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return NAN;
	return json_object_get_double(value);
}

static unsigned int count_member(json_object *object, const char *name)
{
	json_object *value = json_member(object, name, json_type_int);
	int64_t count = value ? json_object_get_int64(value) : 0;

	return count < 0 || count > 1000000 ? 0 : (unsigned int)count;
}

static bool check_format(struct loading *l, json_object *root)
{
	const char *format = json_member_text(root, "format");
	json_object *version = json_member(root, "version", json_type_int);

	if (!format || strcmp(format, RESULTS_FORMAT) != 0)
		return fault(l, "format: found '%s', expected '%s'",
			     format ? format : "(none)", RESULTS_FORMAT);
	if (!version || json_object_get_int64(version) != RESULTS_VERSION)
		return fault(l, "version: found %s, expected %d; measure anew with this vmiprof",
			     version ? json_object_get_string(version)
				     : "(none)",
			     RESULTS_VERSION);
	return true;
}

static void read_head(struct loading *l, json_object *root)
{
	json_object *machine = json_member(root, "machine", json_type_object);
	json_object *tools = json_member(root, "tools", json_type_object);
	json_object *baseline = json_member(root, "baseline", json_type_object);
	json_object *sets = json_member(root, "sets", json_type_array);
	size_t nr = sets ? json_object_array_length(sets) : 0;
	struct results *r = l->results;

	r->started = text_copy(root, "started");
	r->baseline.reason = text_copy(baseline, "reason");
	r->baseline.accepted = text_copy(baseline, "accepted");
	r->machine.cpu = text_copy(machine, "cpu");
	r->machine.kernel = text_copy(machine, "kernel");
	r->machine.cores = count_member(machine, "cores");
	r->machine.tsc_step = count_member(machine, "tsc_step");
	r->tools.vmiprof = text_copy(tools, "vmiprof");
	r->tools.qemu = text_copy(tools, "qemu");
	r->tools.gcc = text_copy(tools, "gcc");
	r->sets = calloc(nr + 1, sizeof(*r->sets));
	if (!r->sets)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < nr; i++) {
		const char *name = json_object_get_string(
			json_object_array_get_idx(sets, i));

		r->sets[i] = strdup(name ? name : "");
		if (!r->sets[i])
			err(EXIT_FAILURE, "memory");
		text_clean(r->sets[i]);
	}
}

static bool read_platform(struct loading *l, const char *name,
			  json_object *object)
{
	int nr = platform_by_name(name);
	const char *status = json_member_text(object, "status");
	const char *accelerator = json_member_text(object, "accelerator");
	struct platform_run *run;

	if (nr < 0)
		return fault(l, "platforms: found '%s', which is not a platform",
			     name);
	l->left_out[nr] = true;
	if (!accelerator ||
	    strcmp(accelerator, platform_table[nr].accelerator) != 0)
		return fault(l, "platforms.%s: accelerator: found '%s', expected '%s'",
			     name, accelerator ? accelerator : "(none)",
			     platform_table[nr].accelerator);
	run = &l->results->platform[nr];
	run->status = PLATFORM_NOT_ASKED;
	if (status && !strcmp(status, "ran"))
		run->status = PLATFORM_RAN;
	else if (status && !strcmp(status, "not supported"))
		run->status = PLATFORM_NOT_SUPPORTED;
	else if (status && !strcmp(status, "failed"))
		run->status = PLATFORM_FAILED;
	else
		return fault(l, "platforms.%s: status: found '%s', expected ran, not supported or failed",
			     name, status ? status : "(none)");
	run->reason = text_copy(object, "reason");
	run->perf = text_copy(object, "perf");
	run->repetitions = count_member(object, "repetitions");
	l->left_out[nr] = false;
	return true;
}

static bool read_platforms(struct loading *l, json_object *root)
{
	json_object *platforms =
		json_member(root, "platforms", json_type_object);

	if (!platforms)
		return fault(l, "platforms: missing");
	json_object_object_foreach(platforms, name, object)
	{
		if (!read_platform(l, name, object) && !l->problems)
			return false;
	}
	return true;
}

static bool read_samples(struct loading *l, size_t nr, json_object *object,
			 struct result_case *c)
{
	json_object *list = json_member(object, "samples", json_type_array);

	c->nr_samples = list ? json_object_array_length(list) : 0;
	if (!c->nr_samples)
		return fault(l, "cases[%zu]: samples: found none", nr);
	c->samples = calloc(c->nr_samples, sizeof(*c->samples));
	if (!c->samples)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < c->nr_samples; i++) {
		c->samples[i] = number_of(json_object_array_get_idx(list, i));
		if (!isfinite(c->samples[i]))
			return fault(l, "cases[%zu]: samples[%zu] is no number",
				     nr, i);
	}
	return true;
}

/* Missing in files of before. */
static bool read_resolution(struct loading *l, size_t nr, json_object *object,
			    struct result_case *c)
{
	json_object *value = NULL;

	json_object_object_get_ex(object, "resolution", &value);
	c->resolution = value ? number_of(value) : 0;
	if (c->resolution >= 0 && isfinite(c->resolution))
		return true;
	return fault(l, "cases[%zu]: resolution: found %s, expected a number from 0 on, or null",
		     nr, json_object_get_string(value));
}

static bool same(double a, double b)
{
	return fabs(a - b) <= SAME_WITHIN * fmax(fabs(a), fabs(b));
}

static bool check_number(struct loading *l, size_t nr, const char *name,
			 json_object *value, double expected)
{
	double found = number_of(value);

	if (same(found, expected))
		return true;
	return fault(l, "cases[%zu]: %s: found %s, but its samples give %.10g",
		     nr, name, value ? json_object_get_string(value) : "(none)",
		     expected);
}

/* What is printed must be what the samples say. */
static bool check_stats(struct loading *l, size_t nr, json_object *object,
			const struct sample_stats *stats)
{
	json_object *value = NULL;
	json_object *ci95 = json_member(object, "ci95", json_type_array);

	json_object_object_get_ex(object, "min", &value);
	if (!check_number(l, nr, "min", value, stats->min))
		return false;
	value = NULL;
	json_object_object_get_ex(object, "median", &value);
	if (!check_number(l, nr, "median", value, stats->median))
		return false;
	value = NULL;
	json_object_object_get_ex(object, "p95", &value);
	if (!check_number(l, nr, "p95", value, stats->p95))
		return false;
	if (!ci95 || json_object_array_length(ci95) != 2)
		return fault(l, "cases[%zu]: ci95: expected two numbers", nr);
	return check_number(l, nr, "ci95[0]",
			    json_object_array_get_idx(ci95, 0),
			    stats->ci95.lo) &&
	       check_number(l, nr, "ci95[1]",
			    json_object_array_get_idx(ci95, 1),
			    stats->ci95.hi);
}

/* A name out of a closed set; -1 after a fault. */
static int choice(struct loading *l, const char *list, size_t nr,
		  json_object *object, const char *name,
		  int (*by_name)(const char *))
{
	const char *text = json_member_text(object, name);
	int value = text ? by_name(text) : -1;

	if (value < 0)
		fault(l, "%s[%zu]: %s: found '%s', which is not one", list, nr,
		      name, text ? text : "(none)");
	return value;
}

/* Add the case, its samples repetition by repetition. */
static bool add_case(struct loading *l, size_t nr, json_object *object,
		     const struct result_case *c)
{
	json_object *list = json_member(object, "repetitions", json_type_array);
	size_t nr_repetitions = list ? json_object_array_length(list) : 0;
	size_t done = 0;
	char why[300] = "";

	if (results_find_in(l->results, c->group, c->call, c->form,
			    c->platform, c->padding))
		return fault(l, "cases[%zu]: %s %s: twice in group '%s' of platform %s",
			     nr, c->call, form_name(c->form), c->group,
			     platform_table[c->platform].name);
	if (!list)
		return results_add(l->results, c, why, sizeof(why)) ||
		       fault(l, "cases[%zu]: %s", nr, why);
	for (size_t i = 0; i < nr_repetitions; i++) {
		int64_t own = json_object_get_int64(
			json_object_array_get_idx(list, i));

		done += own > 0 ? (size_t)own : 0;
		if (own < 0 || done > c->nr_samples)
			break;
	}
	if (done != c->nr_samples)
		return fault(l, "cases[%zu]: repetitions: expected numbers that add up to %zu samples",
			     nr, c->nr_samples);
	done = 0;
	for (size_t i = 0; i < nr_repetitions; i++) {
		struct result_case part = *c;

		part.repetition = (unsigned int)i;
		part.samples = c->samples + done;
		part.nr_samples = json_object_get_uint64(
			json_object_array_get_idx(list, i));
		done += part.nr_samples;
		if (part.nr_samples &&
		    !results_add(l->results, &part, why, sizeof(why)))
			return fault(l, "cases[%zu]: %s", nr, why);
	}
	return true;
}

/* Whether there may be figures of this platform in the file. */
static bool check_platform(struct loading *l, size_t nr, int platform)
{
	enum platform_status status = l->results->platform[platform].status;

	/* Told once, for the platform. */
	if (l->left_out[platform])
		return false;
	if (status == PLATFORM_NOT_ASKED)
		return fault(l, "cases[%zu]: platform %s is not in platforms",
			     nr, platform_table[platform].name);
	if (status == PLATFORM_NOT_SUPPORTED)
		return fault(l, "cases[%zu]: platform %s is not supported, and yet has a figure",
			     nr, platform_table[platform].name);
	return true;
}

static bool read_case(struct loading *l, size_t nr, json_object *object)
{
	struct result_case c = { 0 };
	int form = choice(l, "cases", nr, object, "form", form_by_name);
	int platform = form < 0 ? -1 : choice(l, "cases", nr, object,
					      "platform", platform_by_name);
	int unit = platform < 0 ? -1 : choice(l, "cases", nr, object, "unit",
					      unit_by_name);
	bool ok = false;

	if (unit < 0 || !check_platform(l, nr, platform))
		return false;
	c.call = text_copy(object, "call");
	/* Files of others need not have all that ours have. */
	c.group =
		text_copy(object, json_member(object, "group", json_type_string)
					  ? "group"
					  : "call");
	c.padding = text_copy(object, "padding");
	c.form = (enum result_form)form;
	c.platform = (enum result_platform)platform;
	c.unit = (enum result_unit)unit;
	if (!c.call) {
		fault(l, "cases[%zu]: call: missing", nr);
	} else if (read_samples(l, nr, object, &c) &&
		   read_resolution(l, nr, object, &c)) {
		sample_stats(&c.stats, c.samples, c.nr_samples);
		ok = check_stats(l, nr, object, &c.stats) &&
		     add_case(l, nr, object, &c);
	}
	free(c.call);
	free(c.group);
	free(c.padding);
	free(c.samples);
	return ok;
}

static bool read_cases(struct loading *l, json_object *root)
{
	json_object *cases = json_member(root, "cases", json_type_array);

	if (!cases)
		return fault(l, "cases: missing");
	for (size_t i = 0; i < json_object_array_length(cases); i++) {
		if (!read_case(l, i, json_object_array_get_idx(cases, i)) &&
		    !l->problems)
			return false;
	}
	results_pair(l->results);
	return true;
}

static bool read_skips(struct loading *l, json_object *root)
{
	json_object *skips = json_member(root, "skipped", json_type_array);
	size_t nr = skips ? json_object_array_length(skips) : 0;

	for (size_t i = 0; i < nr; i++) {
		json_object *object = json_object_array_get_idx(skips, i);
		int form = choice(l, "skipped", i, object, "form",
				  form_by_name);
		int platform = form < 0 ? -1 : choice(l, "skipped", i, object,
						      "platform",
						      platform_by_name);
		struct result_skip skip = {
			.call = text_copy(object, "call"),
			.why = text_copy(object, "why"),
			.padding = text_copy(object, "padding"),
			.form = (enum result_form)form,
			.platform = (enum result_platform)platform,
		};
		bool ok = platform >= 0 && skip.call && skip.why;

		if (ok)
			results_skip(l->results, &skip);
		else if (platform >= 0)
			fault(l, "skipped[%zu]: expected call and why", i);
		free(skip.call);
		free(skip.padding);
		free(skip.why);
		if (!ok && !l->problems)
			return false;
	}
	return true;
}

static struct results *load(struct loading *l)
{
	json_object *root;
	char why[200];
	bool ok;

	root = json_read(l->path, RESULTS_BYTES_MAX, why, sizeof(why));
	if (!root) {
		fault(l, "%s", why);
		return NULL;
	}
	l->results = results_new();
	ok = check_format(l, root);
	if (ok) {
		read_head(l, root);
		ok = read_platforms(l, root) && read_cases(l, root) &&
		     read_skips(l, root);
	}
	json_object_put(root);
	if (!ok) {
		results_free(l->results);
		return NULL;
	}
	return l->results;
}

struct results *results_load(const char *path, char *why, size_t why_bytes)
{
	struct loading l = { .path = path, .why = why, .why_bytes = why_bytes };

	return load(&l);
}

struct results *results_load_sound(const char *path, struct problems *problems)
{
	struct loading l = { .path = path, .problems = problems };

	return load(&l);
}
