// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results: written, read back, and refused when something does not fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "results/results.h"

static char why[400];

static bool add(struct results *r, const char *call, enum result_form form,
		char *padding, enum result_unit unit, const char *group,
		double first)
{
	double samples[] = { first, first + 0.1, first + 1, first + 2,
			     first + 3, first + 4 };
	const struct result_case c = {
		.call = (char *)call,
		.form = form,
		.padding = padding,
		.platform = PLATFORM_EMULATED,
		.unit = unit,
		.group = (char *)group,
		.samples = samples,
		.nr_samples = 6,
	};

	return results_add(r, &c, why, sizeof(why));
}

static struct results *some_results(void)
{
	struct results *r = results_new();
	const struct result_skip skip = {
		.call = "Halt",
		.form = FORM_STUB,
		.platform = PLATFORM_EMULATED,
		.why = "waits",
	};

	r->started = strdup("2026-01-02T03:04:05Z");
	r->machine.cpu = strdup("Test \"CPU\"");
	r->machine.cores = 2;
	r->platform[PLATFORM_EMULATED].status = PLATFORM_RAN;
	r->platform[PLATFORM_EMULATED].repetitions = 1;
	r->platform[PLATFORM_KVM].status = PLATFORM_NOT_SUPPORTED;
	r->platform[PLATFORM_KVM].reason = strdup("no kvm_intel");
	assert_true(add(r, "EnableInterrupts", FORM_NATIVE, NULL,
			UNIT_TCG_CYCLES, "g", 10));
	assert_true(add(r, "EnableInterrupts", FORM_STUB, NULL,
			UNIT_TCG_CYCLES, "g", 20));
	assert_true(add(r, "EnableInterrupts", FORM_PADDED, (char *)"nopl",
			UNIT_TCG_CYCLES, "g", 11));
	assert_true(add(r, "EnableInterrupts", FORM_NATIVE, NULL,
			UNIT_TCG_CYCLES, "h", 15));
	results_skip(r, &skip);
	return r;
}

static char *file_in(const char *dir, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	return path;
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 65536);

	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) > 0);
	(void)fclose(file);
	return text;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void written_and_read(void **state)
{
	char *dir = scratch_new();
	char *path = file_in(dir, "results.json");
	char *again = file_in(dir, "again.json");
	struct results *r = some_results(), *read;
	const struct result_case *c;
	char *first, *second;

	(void)state;
	assert_true(results_save(r, path, why, sizeof(why)));
	read = results_load(path, why, sizeof(why));
	assert_non_null(read);
	assert_int_equal(read->nr_cases, 4);
	assert_string_equal(read->machine.cpu, "Test \"CPU\"");
	assert_int_equal(read->platform[PLATFORM_KVM].status,
			 PLATFORM_NOT_SUPPORTED);
	assert_int_equal(read->nr_skips, 1);
	assert_string_equal(read->skips[0].why, "waits");
	c = results_find(read, "EnableInterrupts", FORM_STUB,
			 PLATFORM_EMULATED, NULL);
	assert_non_null(c);
	assert_true(c->has_ratio);
	assert_float_equal(c->stats.median, 21.5, 1e-12);
	assert_float_equal(c->samples[1], 20.1, 0);
	/* The middle two of six: 21/11 and 22/12. */
	assert_float_equal(c->ratio_to_native.median,
			   (21.0 / 11 + 22.0 / 12) / 2, 1e-12);
	/* Written again it is the same to the byte. */
	assert_true(results_save(read, again, why, sizeof(why)));
	first = read_file(path);
	second = read_file(again);
	assert_string_equal(first, second);
	free(first);
	free(second);
	results_free(r);
	results_free(read);
	free(path);
	free(again);
	scratch_remove(dir);
}

static void found_by_key(void **state)
{
	struct results *r = some_results();
	const struct result_case *c;

	(void)state;
	c = results_find(r, "EnableInterrupts", FORM_NATIVE,
			 PLATFORM_EMULATED, NULL);
	assert_string_equal(c->group, "g");
	c = results_find_in(r, "h", "EnableInterrupts", FORM_NATIVE,
			    PLATFORM_EMULATED, NULL);
	assert_string_equal(c->group, "h");
	assert_null(results_find(r, "EnableInterrupts", FORM_PADDED,
				 PLATFORM_EMULATED, NULL));
	assert_non_null(results_find(r, "EnableInterrupts", FORM_PADDED,
				     PLATFORM_EMULATED, "nopl"));
	assert_null(results_find(r, "EnableInterrupts", FORM_NATIVE,
				 PLATFORM_HOST, NULL));
	results_free(r);
}

static void refuses_what_does_not_fit(void **state)
{
	struct results *r = some_results();

	(void)state;
	assert_false(add(r, "RDTSC", FORM_NATIVE, NULL, UNIT_CYCLES, "g", 1));
	assert_non_null(strstr(why, "unit: found 'cycles'"));
	assert_false(add(r, "RDTSC", FORM_NATIVE, NULL, UNIT_INSTRUCTIONS, "g",
			 1));
	assert_false(add(r, "RDTSC", FORM_PADDED, NULL, UNIT_TCG_CYCLES, "g",
			 1));
	assert_non_null(strstr(why, "padding: found '(none)'"));
	assert_false(add(r, "RDTSC", FORM_PADDED, (char *)"nop", UNIT_TCG_CYCLES,
			 "g", 1));
	assert_false(add(r, "EnableInterrupts", FORM_STUB, NULL,
			 UNIT_TCG_CYCLES, "g", 1));
	assert_non_null(strstr(why, "twice"));
	assert_int_equal(r->nr_cases, 4);
	results_free(r);
}

/* A sound file in which `from` became `to` is refused, naming what. */
static void refused(const char *from, const char *to, const char *expected)
{
	char *dir = scratch_new();
	char *path = file_in(dir, "results.json");
	struct results *r = some_results();
	char *text, *at, *edited;

	assert_true(results_save(r, path, why, sizeof(why)));
	text = read_file(path);
	at = strstr(text, from);
	assert_non_null(at);
	assert_true(asprintf(&edited, "%.*s%s%s", (int)(at - text), text, to,
			     at + strlen(from)) > 0);
	write_file(path, edited);
	assert_null(results_load(path, why, sizeof(why)));
	if (!strstr(why, expected))
		fail_msg("'%s' is not in '%s'", expected, why);
	free(edited);
	free(text);
	results_free(r);
	free(path);
	scratch_remove(dir);
}

static void refuses_damage(void **state)
{
	(void)state;
	refused("vmiprof-results", "vmiprof-run", "found 'vmiprof-run'");
	refused("\"version\": 1", "\"version\": 2",
		"found 2, expected 1");
	refused("\"accelerator\": \"tcg\"", "\"accelerator\": \"kvm\"",
		"platforms.emulated: accelerator: found 'kvm', expected 'tcg'");
	refused("\"status\": \"ran\"", "\"status\": \"not supported\"",
		"and yet has a figure");
	refused("\"platform\": \"emulated\", \"unit\"",
		"\"platform\": \"host\", \"unit\"", "host is not in platforms");
	refused("\"platform\": \"emulated\", \"unit\"",
		"\"platform\": \"kvm\", \"unit\"", "kvm is not supported");
	refused("\"unit\": \"tcg-cycles\"", "\"unit\": \"cycles\"",
		"unit: found 'cycles'");
	refused("\"unit\": \"tcg-cycles\"", "\"unit\": 5", "unit: found '(none)'");
	refused("\"form\": \"stub\", \"padding\"",
		"\"form\": \"tub\", \"padding\"", "form: found 'tub'");
	refused("\"median\": 11.5", "\"median\": 11.4",
		"median: found 11.4, but its samples give 11.5");
	refused("\"samples\": [ 10,", "\"samples\": [ 9,", "min: found 10");
	refused("\"samples\": [ 10,", "\"samples\": [ null,", "is no number");
	refused("\"repetitions\": [ 6 ]", "\"repetitions\": [ 5 ]",
		"add up to 6 samples");
	refused("\"group\": \"h\"", "\"group\": \"g\"", "twice in group 'g'");
	refused("\"cases\"", "\"bases\"", "cases: missing");
	refused("\n}\n", "\n", "no JSON");
}

static void keeps_what_is_sound(void **state)
{
	char *dir = scratch_new();
	char *path = file_in(dir, "results.json");
	struct results *r = some_results(), *read;
	struct problems problems = { 0 };
	char *text, *at;
	int saved;

	(void)state;
	assert_true(results_save(r, path, why, sizeof(why)));
	text = read_file(path);
	at = strstr(text, "\"median\": 21.5");
	assert_non_null(at);
	at[strlen("\"median\": 2")] = '7';
	write_file(path, text);
	assert_null(results_load(path, why, sizeof(why)));
	saved = scratch_quiet();
	read = results_load_sound(path, &problems);
	scratch_loud(saved);
	assert_non_null(read);
	assert_int_equal(problems.nr, 1);
	assert_non_null(strstr(problems.text[0], "median: found 27.5"));
	assert_int_equal(read->nr_cases, 3);
	assert_null(results_find(read, "EnableInterrupts", FORM_STUB,
				 PLATFORM_EMULATED, NULL));
	results_free(read);
	problems_free(&problems);

	/* A platform of which nothing can be believed is told once. */
	at = strstr(text, "\"accelerator\": \"tcg\"");
	assert_non_null(at);
	at = strstr(at, "tcg");
	at[0] = 'k';
	at[1] = 'v';
	at[2] = 'm';
	write_file(path, text);
	saved = scratch_quiet();
	read = results_load_sound(path, &problems);
	scratch_loud(saved);
	assert_non_null(read);
	assert_int_equal(problems.nr, 1);
	assert_int_equal(read->nr_cases, 0);
	results_free(read);
	problems_free(&problems);
	free(text);
	results_free(r);
	free(path);
	scratch_remove(dir);
}

/* Rounds of two boots; one case is missing in the first, one in the second. */
static void repetitions(void **state)
{
	char *dir = scratch_new();
	char *path = file_in(dir, "results.json");
	struct results *r = results_new();
	double samples[] = { 1, 2, 3, 4, 5, 6 };
	struct result_case c = {
		.call = (char *)"pipe",
		.group = (char *)"g",
		.platform = PLATFORM_LINUX_EMULATED,
		.unit = UNIT_TCG_CYCLES,
		.samples = samples,
		.nr_samples = 6,
	};
	const enum result_form first[] = { FORM_NATIVE, FORM_INLINE, FORM_STUB };
	const enum result_form second[] = { FORM_NATIVE, FORM_INLINE, FORM_TRACE };
	const struct result_case *found;
	struct results *read;

	(void)state;
	for (c.repetition = 0; c.repetition < 2; c.repetition++) {
		for (size_t i = 0; i < 3; i++) {
			c.form = c.repetition ? second[i] : first[i];
			assert_true(results_add(r, &c, why, sizeof(why)));
		}
	}
	c.repetition = 1;
	assert_false(results_add(r, &c, why, sizeof(why)));
	assert_non_null(strstr(why, "twice"));
	r->platform[PLATFORM_LINUX_EMULATED].status = PLATFORM_RAN;
	assert_true(results_save(r, path, why, sizeof(why)));
	read = results_load(path, why, sizeof(why));
	assert_non_null(read);
	found = results_find(read, "pipe", FORM_INLINE, c.platform, NULL);
	assert_int_equal(found->nr_samples, 12);
	assert_int_equal(found->nr_of_repetition[0], 6);
	assert_int_equal(found->nr_of_repetition[1], 6);
	assert_true(found->has_ratio);
	/* As many samples as native has, or of its other boot: no pairs. */
	assert_false(results_find(read, "pipe", FORM_STUB, c.platform, NULL)
			     ->has_ratio);
	found = results_find(read, "pipe", FORM_TRACE, c.platform, NULL);
	assert_int_equal(found->nr_of_repetition[0], 0);
	assert_false(found->has_ratio);
	results_free(r);
	results_free(read);
	free(path);
	scratch_remove(dir);
}

static void refuses_no_file(void **state)
{
	(void)state;
	assert_null(results_load("/nonexistent/results.json", why,
				 sizeof(why)));
	assert_non_null(strstr(why, "No such file"));
}

static void says_why_not_written(void **state)
{
	struct results *r = some_results();

	(void)state;
	assert_false(results_save(r, "/nonexistent/results.json", why,
				  sizeof(why)));
	assert_non_null(strstr(why, "cannot write /nonexistent/results.json"));
	results_free(r);
}

/* No ratio of, or to, less than the clock tells; it stays so in the file. */
static void below_step(void **state)
{
	static const double native[] = { 0.2, 30, 30 }, stub[] = { 5, 20, 300 };
	struct results *r = results_new();
	double samples[6];
	struct result_case c = {
		.call = (char *)"CLTS",
		.platform = PLATFORM_HOST,
		.unit = UNIT_CYCLES,
		.samples = samples,
		.nr_samples = 6,
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		c.group = (char *[]){ (char *)"a", (char *)"b", (char *)"c" }[i];
		c.resolution = i ? 26 : 0.04;
		for (int form = 0; form < 2; form++) {
			for (int k = 0; k < 6; k++)
				samples[k] = form ? stub[i] : native[i];
			c.form = form ? FORM_STUB : FORM_NATIVE;
			assert_true(results_add(r, &c, why, sizeof(why)));
		}
	}
	results_pair(r);
	assert_true(result_below_step(&r->cases[0]));
	assert_false(r->cases[1].has_ratio);
	assert_false(result_below_step(&r->cases[2]));
	assert_true(result_below_step(&r->cases[3]));
	assert_false(r->cases[3].has_ratio);
	assert_true(r->cases[5].has_ratio);
	assert_true(r->cases[5].resolution == 26);
	results_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below_step),
		cmocka_unit_test(written_and_read),
		cmocka_unit_test(found_by_key),
		cmocka_unit_test(refuses_what_does_not_fit),
		cmocka_unit_test(refuses_damage),
		cmocka_unit_test(keeps_what_is_sound),
		cmocka_unit_test(repetitions),
		cmocka_unit_test(refuses_no_file),
		cmocka_unit_test(says_why_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
