// SPDX-License-Identifier: GPL-2.0-only
#include "results.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define LIST_STEP	32	/* cases that are allocated at a time */

const struct platform_info platform_table[NR_PLATFORMS] = {
	[PLATFORM_EXACT] = {
		"exact", "tcg-icount",
		"instructions, counted: the same in every run",
		{ [UNIT_INSTRUCTIONS] = true } },
	[PLATFORM_EMULATED] = {
		"emulated", "tcg",
		"TCG cycles: emulated, not hardware cycles",
		{ [UNIT_TCG_CYCLES] = true } },
	[PLATFORM_HOST] = {
		"host", "none",
		"TSC cycles of the real CPU, ring 3",
		{ [UNIT_CYCLES] = true, [UNIT_NS] = true } },
	[PLATFORM_KVM] = {
		"kvm", "kvm",
		"TSC cycles of the real CPU, ring 0 in a guest",
		{ [UNIT_CYCLES] = true, [UNIT_NS] = true } },
	[PLATFORM_LINUX_EXACT] = {
		"linux-exact", "tcg-icount",
		"instructions per operation of Linux, counted",
		{ [UNIT_INSTRUCTIONS] = true } },
	[PLATFORM_LINUX_EMULATED] = {
		"linux-emulated", "tcg",
		"TCG cycles per operation of Linux: emulated, not hardware cycles",
		{ [UNIT_TCG_CYCLES] = true } },
	[PLATFORM_LINUX_KVM] = {
		"linux-kvm", "kvm",
		"TSC cycles per operation of Linux in a guest",
		{ [UNIT_CYCLES] = true, [UNIT_NS] = true } },
	[PLATFORM_THROUGHPUT] = {
		"throughput", "none",
		"events per second of whole programs on the real CPU: more is better",
		{ [UNIT_EVENTS_PER_S] = true } },
};

static const char *const form_names[NR_FORMS] = {
	[FORM_NATIVE] = "native",	[FORM_PADDED] = "padded",
	[FORM_INLINE] = "inline",	[FORM_COUNT] = "count",
	[FORM_STUB] = "stub",		[FORM_STAMP] = "stamp",
	[FORM_AGGREGATE] = "aggregate",
	[FORM_TRACE] = "trace",		[FORM_TRAP] = "trap",
	[FORM_REFERENCE] = "reference", [FORM_VMIPROF] = "vmiprof",
	[FORM_VMIPROF_PREFILLED] = "vmiprof-prefilled",
	[FORM_RECORDER_ALONE] = "recorder-alone",
	[FORM_PLAIN_WRITE] = "plain-write",
	[FORM_LTTNG_UST] = "lttng-ust",
	[FORM_BABELTRACE2_DUMMY] = "babeltrace2-dummy",
	[FORM_LIBBABELTRACE2_HISTOGRAM] = "libbabeltrace2-histogram",
};

static const char *const unit_names[NR_UNITS] = {
	[UNIT_INSTRUCTIONS] = "instructions",
	[UNIT_CYCLES] = "cycles",
	[UNIT_TCG_CYCLES] = "tcg-cycles",
	[UNIT_NS] = "ns",
	[UNIT_EVENTS_PER_S] = "events/s",
};

static int index_of(const char *name, const char *const *names, int nr)
{
	for (int i = 0; i < nr; i++) {
		if (!strcmp(names[i], name))
			return i;
	}
	return -1;
}

const char *form_name(enum result_form form)
{
	return form_names[form];
}

int form_by_name(const char *name)
{
	return index_of(name, form_names, NR_FORMS);
}

const char *unit_name(enum result_unit unit)
{
	return unit_names[unit];
}

int unit_by_name(const char *name)
{
	return index_of(name, unit_names, NR_UNITS);
}

bool unit_more_is_better(enum result_unit unit)
{
	return unit == UNIT_EVENTS_PER_S;
}

int platform_by_name(const char *name)
{
	for (int i = 0; i < NR_PLATFORMS; i++) {
		if (!strcmp(platform_table[i].name, name))
			return i;
	}
	return -1;
}

bool padding_is_known(const char *padding)
{
	static const char *const known[] = { "0x66", "nopl", "prefix" };

	return index_of(padding, known, sizeof(known) / sizeof(known[0])) >= 0;
}

static char *copy_of(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		err(EXIT_FAILURE, "memory");
	return copy;
}

struct results *results_new(void)
{
	struct results *results = calloc(1, sizeof(*results));

	if (!results)
		err(EXIT_FAILURE, "memory");
	return results;
}

/* The list with room for one more. */
static void *grown(void *list, size_t nr, size_t bytes)
{
	if (nr % LIST_STEP)
		return list;
	list = realloc(list, (nr + LIST_STEP) * bytes);
	if (!list)
		err(EXIT_FAILURE, "memory");
	return list;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static const struct result_case *find(const struct results *results,
				      const char *group, const char *call,
				      enum result_form form,
				      enum result_platform platform,
				      const char *padding)
{
	for (size_t i = 0; i < results->nr_cases; i++) {
		const struct result_case *c = &results->cases[i];

		if (c->form == form && c->platform == platform &&
		    !strcmp(c->call, call) && same_text(c->padding, padding) &&
		    (!group || !strcmp(c->group, group)))
			return c;
	}
	return NULL;
}

const struct result_case *results_find(const struct results *results,
				       const char *call, enum result_form form,
				       enum result_platform platform,
				       const char *padding)
{
	return find(results, NULL, call, form, platform, padding);
}

const struct result_case *results_find_in(const struct results *results,
					  const char *group, const char *call,
					  enum result_form form,
					  enum result_platform platform,
					  const char *padding)
{
	return find(results, group, call, form, platform, padding);
}

/* Whether the case makes sense on its platform; else why not. */
static bool fits(const struct results *results, const struct result_case *c,
		 char *why, size_t why_bytes)
{
	const struct platform_info *platform = &platform_table[c->platform];
	const struct result_case *there =
		find(results, c->group, c->call, c->form, c->platform,
		     c->padding);

	if (!platform->allows[c->unit])
		text_set(why, why_bytes,
			 "%s %s: unit: found '%s', which is not one of platform %s (accelerator %s)",
			 c->call, form_name(c->form), unit_name(c->unit),
			 platform->name, platform->accelerator);
	else if ((c->form == FORM_PADDED) != !!c->padding ||
		 (c->padding && !padding_is_known(c->padding)))
		text_set(why, why_bytes,
			 "%s %s: padding: found '%s', expected 0x66, nopl or prefix with the form padded and none with others",
			 c->call, form_name(c->form),
			 c->padding ? c->padding : "(none)");
	else if (there && there->unit != c->unit)
		text_set(why, why_bytes, "%s %s: unit: found '%s', before it was '%s'",
			 c->call, form_name(c->form), unit_name(c->unit),
			 unit_name(there->unit));
	else if (there && there->repetition >= c->repetition)
		text_set(why, why_bytes, "%s %s: twice in group '%s' of platform %s",
			 c->call, form_name(c->form), c->group, platform->name);
	else
		return true;
	return false;
}

static bool samples_are_sound(const struct result_case *c, char *why,
			      size_t why_bytes)
{
	if (!c->nr_samples) {
		text_set(why, why_bytes, "%s %s: no samples", c->call,
			 form_name(c->form));
		return false;
	}
	for (size_t i = 0; i < c->nr_samples; i++) {
		if (isfinite(c->samples[i]))
			continue;
		text_set(why, why_bytes, "%s %s: sample %zu is no number",
			 c->call, form_name(c->form), i);
		return false;
	}
	return true;
}

/* A case without samples yet. */
static struct result_case *new_case(struct results *results,
				    const struct result_case *wanted)
{
	struct result_case *c;

	results->cases = grown(results->cases, results->nr_cases, sizeof(*c));
	c = &results->cases[results->nr_cases++];
	*c = (struct result_case){
		.call = copy_of(wanted->call),
		.form = wanted->form,
		.padding = copy_of(wanted->padding),
		.platform = wanted->platform,
		.unit = wanted->unit,
		.group = copy_of(wanted->group),
		.resolution = wanted->resolution,
	};
	return c;
}

static void append_samples(struct result_case *c,
			   const struct result_case *more)
{
	unsigned int known = c->nr_of_repetition ? c->repetition + 1 : 0;
	size_t nr = c->nr_samples + more->nr_samples;

	c->samples = reallocarray(c->samples, nr, sizeof(*c->samples));
	c->nr_of_repetition = reallocarray(c->nr_of_repetition,
					   more->repetition + 1,
					   sizeof(*c->nr_of_repetition));
	if (!c->samples || !c->nr_of_repetition)
		err(EXIT_FAILURE, "memory");
	memcpy(c->samples + c->nr_samples, more->samples,
	       more->nr_samples * sizeof(*c->samples));
	/* In repetitions in between the case was missing. */
	while (known < more->repetition)
		c->nr_of_repetition[known++] = 0;
	c->nr_of_repetition[more->repetition] = more->nr_samples;
	c->repetition = more->repetition;
	c->nr_samples = nr;
	sample_stats(&c->stats, c->samples, c->nr_samples);
}

bool results_add(struct results *results, const struct result_case *wanted,
		 char *why, size_t why_bytes)
{
	struct result_case *c;

	if (!samples_are_sound(wanted, why, why_bytes) ||
	    !fits(results, wanted, why, why_bytes))
		return false;
	c = (struct result_case *)find(results, wanted->group, wanted->call,
				       wanted->form, wanted->platform,
				       wanted->padding);
	append_samples(c ? c : new_case(results, wanted), wanted);
	return true;
}

void results_skip(struct results *results, const struct result_skip *wanted)
{
	struct result_skip *skip;

	for (size_t i = 0; i < results->nr_skips; i++) {
		skip = &results->skips[i];
		if (skip->form == wanted->form &&
		    skip->platform == wanted->platform &&
		    same_text(skip->padding, wanted->padding) &&
		    !strcmp(skip->call, wanted->call))
			return;
	}
	results->skips = grown(results->skips, results->nr_skips,
			       sizeof(*skip));
	skip = &results->skips[results->nr_skips++];
	*skip = *wanted;
	skip->call = copy_of(wanted->call);
	skip->padding = copy_of(wanted->padding);
	skip->why = copy_of(wanted->why);
}

/* Whether sample i of both is of the same round, for all i. */
static bool same_rounds(const struct result_case *a,
			const struct result_case *b)
{
	return a->repetition == b->repetition &&
	       !memcmp(a->nr_of_repetition, b->nr_of_repetition,
		       (a->repetition + 1) * sizeof(*a->nr_of_repetition));
}

bool result_below_step(const struct result_case *c)
{
	const bool cycles = c->unit == UNIT_CYCLES ||
			    c->unit == UNIT_TCG_CYCLES;

	return (cycles && c->stats.median < 1) ||
	       c->stats.median < c->resolution;
}

void results_pair(struct results *results)
{
	for (size_t i = 0; i < results->nr_cases; i++) {
		struct result_case *c = &results->cases[i];
		const struct result_case *native =
			find(results, c->group, c->call, FORM_NATIVE,
			     c->platform, NULL);

		c->has_ratio = native && native != c &&
			       native->unit == c->unit &&
			       same_rounds(native, c) &&
			       !result_below_step(native) &&
			       !result_below_step(c) &&
			       sample_ratio(&c->ratio_to_native, c->samples,
					    native->samples, c->nr_samples);
	}
}

void results_free(struct results *results)
{
	if (!results)
		return;
	free(results->started);
	for (char **set = results->sets; set && *set; set++)
		free(*set);
	free(results->sets);
	free(results->machine.cpu);
	free(results->machine.kernel);
	free(results->tools.vmiprof);
	free(results->tools.qemu);
	free(results->tools.gcc);
	free(results->baseline.reason);
	free(results->baseline.accepted);
	for (int i = 0; i < NR_PLATFORMS; i++) {
		free(results->platform[i].reason);
		free(results->platform[i].perf);
	}
	for (size_t i = 0; i < results->nr_cases; i++) {
		free(results->cases[i].call);
		free(results->cases[i].padding);
		free(results->cases[i].group);
		free(results->cases[i].samples);
		free(results->cases[i].nr_of_repetition);
	}
	free(results->cases);
	for (size_t i = 0; i < results->nr_skips; i++) {
		free(results->skips[i].call);
		free(results->skips[i].padding);
		free(results->skips[i].why);
	}
	free(results->skips);
	free(results);
}
