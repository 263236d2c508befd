// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics of samples, against numbers known by hand or from tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "results/sample_stats.h"

#define NEAR	1e-12

static void known_samples(void **state)
{
	/* 1 to 20, shuffled. */
	const double samples[] = { 13, 2, 20, 7, 11, 5, 1, 18, 9, 16,
				   3, 14, 19, 6, 10, 4, 17, 8, 15, 12 };
	struct sample_stats stats;

	(void)state;
	sample_stats(&stats, samples, 20);
	assert_float_equal(stats.min, 1, NEAR);
	assert_float_equal(stats.median, 10.5, NEAR);
	assert_float_equal(stats.p95, 19, NEAR);
	/* The sign test's table: for 20, the 6th and the 15th. */
	assert_float_equal(stats.ci95.lo, 6, NEAR);
	assert_float_equal(stats.ci95.hi, 15, NEAR);
	/* They are as they were. */
	assert_float_equal(samples[0], 13, NEAR);
}

static void one_sample(void **state)
{
	const double sample = 4.25;
	struct sample_stats stats;

	(void)state;
	sample_stats(&stats, &sample, 1);
	assert_float_equal(stats.min, 4.25, NEAR);
	assert_float_equal(stats.median, 4.25, NEAR);
	assert_float_equal(stats.p95, 4.25, NEAR);
	assert_float_equal(stats.ci95.lo, 4.25, NEAR);
	assert_float_equal(stats.ci95.hi, 4.25, NEAR);
}

/* Ranks, counted from 1, of the sign test's table for two-sided 95 %. */
static void ranks(void **state)
{
	static const struct {
		size_t nr, lo;
	} table[] = {
		{ 5, 1 },   { 6, 1 },	{ 8, 1 },   { 9, 2 },	{ 11, 2 },
		{ 12, 3 },  { 25, 8 },	{ 30, 10 }, { 50, 18 }, { 100, 40 },
		{ 1000, 469 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t lo, hi;

		sample_ci95_ranks(table[i].nr, &lo, &hi);
		assert_int_equal(lo + 1, table[i].lo);
		assert_int_equal(hi, table[i].nr - 1 - lo);
	}
}

/* Rounds that differ tenfold, in which one always takes twice the other. */
static void paired_ratio(void **state)
{
	const double base[] = { 10, 100, 20, 50, 70, 30, 90 };
	const double samples[] = { 20, 200, 40, 100, 140, 60, 180 };
	struct sample_ratio ratio;

	(void)state;
	assert_true(sample_ratio(&ratio, samples, base, 7));
	assert_float_equal(ratio.median, 2, NEAR);
	assert_float_equal(ratio.ci95.lo, 2, NEAR);
	assert_float_equal(ratio.ci95.hi, 2, NEAR);
}

static void ratio_interval(void **state)
{
	const double base[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	const double samples[] = { 9, 8, 7, 6, 5, 4, 3, 2, 1 };
	struct sample_ratio ratio;

	(void)state;
	assert_true(sample_ratio(&ratio, samples, base, 9));
	assert_float_equal(ratio.median, 5, NEAR);
	assert_float_equal(ratio.ci95.lo, 2, NEAR);
	assert_float_equal(ratio.ci95.hi, 8, NEAR);
}

static void no_ratio(void **state)
{
	const double base[] = { 1, 0 };
	const double samples[] = { 1, 1 };
	struct sample_ratio ratio;

	(void)state;
	assert_false(sample_ratio(&ratio, samples, base, 2));
	assert_false(sample_ratio(&ratio, samples, base, 0));
	assert_true(sample_ratio(&ratio, samples, base, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_samples),
		cmocka_unit_test(one_sample),
		cmocka_unit_test(ranks),
		cmocka_unit_test(paired_ratio),
		cmocka_unit_test(ratio_interval),
		cmocka_unit_test(no_ratio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
