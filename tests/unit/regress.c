// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verdicts: what weighs more, what a change is, and where noise begins.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "regress/compare.h"
#include "regress/show.h"
#include "results/results.h"

#define ROUNDS 24

static char why[300];

/* One call natively and as a stub that takes so many times as long. */
static struct results *run_of(double times, double wobble, const char *cpu)
{
	struct results *r = results_new();
	double native[ROUNDS], stub[ROUNDS];
	struct result_case c = {
		.call = (char *)"CLTS",
		.form = FORM_NATIVE,
		.platform = PLATFORM_HOST,
		.unit = UNIT_CYCLES,
		.group = (char *)"g",
		.samples = native,
		.nr_samples = ROUNDS,
	};

	for (int i = 0; i < ROUNDS; i++) {
		native[i] = 100 + i;
		stub[i] = native[i] * times * (1 + (i % 2 ? wobble : -wobble));
	}
	r->machine.cpu = strdup(cpu);
	r->platform[PLATFORM_HOST].status = PLATFORM_RAN;
	assert_true(results_add(r, &c, why, sizeof(why)));
	c.form = FORM_STUB;
	c.samples = stub;
	assert_true(results_add(r, &c, why, sizeof(why)));
	results_pair(r);
	return r;
}

static void add_count(struct results *r, double count)
{
	double samples[3] = {count, count, count};
	const struct result_case c = {
		.call = (char *)"CLTS",
		.form = FORM_STUB,
		.platform = PLATFORM_EXACT,
		.unit = UNIT_INSTRUCTIONS,
		.group = (char *)"g",
		.samples = samples,
		.nr_samples = 3,
	};

	r->platform[PLATFORM_EXACT].status = PLATFORM_RAN;
	assert_true(results_add(r, &c, why, sizeof(why)));
}

/* Judge and give back all but the judgements that pass. */
static enum verdict judged(struct results *old, struct results *new,
			   double threshold, struct judgements *all)
{
	struct comparison comparison = {
		.baseline = old, .new_run = new, .threshold = threshold};

	*all = (struct judgements){0};
	memset(comparison.wanted, true, sizeof(comparison.wanted));
	compare(&comparison, all);
	judgements_sort(all);
	results_free(old);
	results_free(new);
	return judgements_overall(all);
}

static void graver(void **state)
{
	static const enum verdict order[] = {
		VERDICT_PASS,  VERDICT_NO_BASELINE, VERDICT_INCONCLUSIVE,
		VERDICT_ERROR, VERDICT_FAIL,
	};

	(void)state;
	for (size_t i = 0; i < NR_VERDICTS; i++) {
		struct judgements all = {0};

		assert_int_equal(judgements_overall(&all), VERDICT_ERROR);
		for (size_t k = 0; k <= i; k++)
			judge(&all, order[k], "s", "c");
		judge(&all, VERDICT_PASS, "s", "last");
		assert_int_equal(judgements_overall(&all), order[i]);
		assert_int_equal(judgements_count(&all, order[i]), i ? 1 : 2);
		judgements_sort(&all);
		assert_int_equal(all.list[0].verdict, order[i]);
		assert_string_equal(all.list[all.nr - 1].call, "last");
		judgements_free(&all);
	}
}

static void changes(void **state)
{
	const struct sample_ratio old = {2, {1.9, 2.1}};
	const struct sample_ratio new = {3, {2.8, 3.2}};
	const struct sample_ratio none = {1, {0, 2}};
	struct interval ci95;
	double change;

	(void)state;
	assert_true(ratio_change(&old, &new, &change, &ci95));
	assert_float_equal(change, 0.5, 1e-12);
	assert_float_equal(ci95.lo, 2.8 / 2.1 - 1, 1e-12);
	assert_float_equal(ci95.hi, 3.2 / 1.9 - 1, 1e-12);
	assert_false(ratio_change(&none, &new, &change, &ci95));
	assert_false(ratio_change(&old, &none, &change, &ci95));
}

static void floors(void **state)
{
	const double native[] = {1, 2, 4, 1, 2, 4, 8};
	const double same[] = {3, 6, 12, 7, 6, 12, 24};
	const double later[] = {3, 6, 12, 0, 9, 18, 36};
	const double zero[] = {1, 0, 4, 1, 2, 4, 8};

	(void)state;
	/* The middle round is in neither half. */
	assert_float_equal(noise_floor(same, native, 7), 0, 1e-12);
	assert_float_equal(noise_floor(later, native, 7), 0.5, 1e-12);
	assert_true(isinf(noise_floor(same, native, 1)));
	assert_true(isinf(noise_floor(same, zero, 7)));
}

/* One file against itself passes, however noisy it is, and without ratios too. */
static void itself(void **state)
{
	struct judgements all;
	struct results *r, *s;
	double rate[7] = {1e6, 9e6, 2e6, 8e6, 3e6, 7e6, 5e6};
	const struct result_case c = {
		.call = (char *)"drain",
		.form = FORM_VMIPROF,
		.platform = PLATFORM_THROUGHPUT,
		.unit = UNIT_EVENTS_PER_S,
		.group = (char *)"g",
		.samples = rate,
		.nr_samples = 7,
	};

	(void)state;
	assert_int_equal(judged(run_of(2, .9, "a"), run_of(2, .9, "a"), 0.05,
				&all),
			 VERDICT_PASS);
	judgements_free(&all);
	r = results_new();
	s = results_new();
	r->machine.cpu = strdup("a");
	s->machine.cpu = strdup("a");
	r->platform[PLATFORM_THROUGHPUT].status = PLATFORM_RAN;
	s->platform[PLATFORM_THROUGHPUT].status = PLATFORM_RAN;
	assert_true(results_add(r, &c, why, sizeof(why)));
	rate[3] = 4e6;
	assert_true(results_add(s, &c, why, sizeof(why)));
	/* Another measurement is not the same one. */
	(void)judged(r, s, 0.05, &all);
	assert_int_equal(all.nr, 0);
	assert_int_equal(all.not_compared, 1);
	judgements_free(&all);
}

static void thresholds(void **state)
{
	struct judgements all;

	(void)state;
	assert_int_equal(
		judged(run_of(2, .001, "a"), run_of(2, .0011, "a"), 0.05, &all),
		VERDICT_PASS);
	/* Native is the same to the digit in both. */
	assert_int_equal(all.nr, 2);
	assert_int_equal(all.not_compared, 0);
	judgements_free(&all);
	assert_int_equal(judged(run_of(2, .001, "a"), run_of(2.2, .001, "a"),
				0.05, &all),
			 VERDICT_FAIL);
	assert_float_equal(all.list[0].change, 0.1, 1e-3);
	judgements_free(&all);
	/* The interval just reaches over the threshold, from either side. */
	assert_int_equal(judged(run_of(2, .001, "a"), run_of(2.2, .001, "a"),
				0.0999, &all),
			 VERDICT_INCONCLUSIVE);
	judgements_free(&all);
	assert_int_equal(judged(run_of(2, .001, "a"), run_of(2.2, .001, "a"),
				0.11, &all),
			 VERDICT_PASS);
	judgements_free(&all);
	assert_int_equal(
		judged(run_of(2, .001, "a"), run_of(1, .001, "a"), 0.05, &all),
		VERDICT_PASS);
	judgements_free(&all);
}

static void machines(void **state)
{
	struct results *old = run_of(2, .001, "a");
	struct results *new = run_of(2, .001, "b");
	struct judgements all;

	(void)state;
	add_count(old, 5);
	add_count(new, 6);
	assert_int_equal(judged(old, new, 0.05, &all), VERDICT_FAIL);
	assert_int_equal(all.nr, 2);
	assert_string_equal(all.list[0].scope, "exact");
	assert_int_equal(all.list[1].verdict, VERDICT_ERROR);
	assert_string_equal(all.list[1].scope, "host");
	judgements_free(&all);

	old = run_of(2, .001, "a");
	new = run_of(2, .001, "a");
	free(new->machine.cpu);
	new->machine.cpu = NULL;
	assert_int_equal(judged(old, new, 0.05, &all), VERDICT_ERROR);
	judgements_free(&all);
}

static void too_few_rounds(void **state)
{
	struct results *old = results_new(), *new = results_new();
	double native = 1, stub = 2;
	struct result_case c = {
		.call = (char *)"CLTS",
		.form = FORM_NATIVE,
		.platform = PLATFORM_EMULATED,
		.unit = UNIT_TCG_CYCLES,
		.group = (char *)"g",
		.samples = &native,
		.nr_samples = 1,
	};
	struct judgements all;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct results *r = i ? new : old;

		r->machine.cpu = strdup("a");
		stub += i;
		r->platform[PLATFORM_EMULATED].status = PLATFORM_RAN;
		c.form = FORM_NATIVE;
		c.samples = &native;
		assert_true(results_add(r, &c, why, sizeof(why)));
		c.form = FORM_STUB;
		c.samples = &stub;
		assert_true(results_add(r, &c, why, sizeof(why)));
		results_pair(r);
	}
	assert_int_equal(judged(old, new, 0.05, &all), VERDICT_INCONCLUSIVE);
	judgements_free(&all);
}

/* What a name from outside does to XML and TAP. */
static void escapes(void **state)
{
	struct judgements all = {0};
	struct verdict_report report = {.new_run = "n", .all = &all};
	char text[2000];
	FILE *out;

	(void)state;
	judge_why(judge(&all, VERDICT_FAIL, "a<b", "x\"y&z\n# TODO"), "<&>");
	out = fmemopen(text, sizeof(text), "w");
	assert_non_null(out);
	show_junit(out, &report);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "classname=\"a&lt;b\""));
	assert_non_null(strstr(text, "name=\"x&quot;y&amp;z?# TODO\""));
	assert_non_null(strstr(text, "message=\"fail: &lt;&amp;&gt;\""));
	out = fmemopen(text, sizeof(text), "w");
	assert_non_null(out);
	show_tap(out, &report);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "\nnot ok 1 - a<b x\"y&z?  TODO\n"));
	judgements_free(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(itself), cmocka_unit_test(graver),   cmocka_unit_test(changes),
		cmocka_unit_test(floors),   cmocka_unit_test(thresholds),
		cmocka_unit_test(machines), cmocka_unit_test(too_few_rounds),
		cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests_name("regress", tests, NULL, NULL);
}
