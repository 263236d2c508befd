// SPDX-License-Identifier: GPL-2.0-only
/*
 * The buckets of a histogram cover all values, and quantiles keep what the
 * header promises: exact below 256, 0.4 % above.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "trace/histogram.h"

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005 + 1442695040888963407;
	return *state >> 11;
}

static void buckets_are_seamless(void **state)
{
	(void)state;
	assert_int_equal(histogram_low(0), 0);
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		assert_true(histogram_low(i) <= histogram_high(i));
		assert_int_equal(histogram_bucket(histogram_low(i)), i);
		assert_int_equal(histogram_bucket(histogram_high(i)), i);
		if (i + 1 < HISTOGRAM_BUCKETS)
			assert_int_equal(histogram_low(i + 1),
					 histogram_high(i) + 1);
	}
	assert_true(histogram_high(HISTOGRAM_BUCKETS - 1) == UINT64_MAX);
}

static void middle_is_near(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t value = next_random(&seed) >> (i % 50);
		unsigned int bucket = histogram_bucket(value);
		uint64_t middle =
			histogram_low(bucket) +
			(histogram_high(bucket) - histogram_low(bucket)) / 2;
		uint64_t off = middle > value ? middle - value : value - middle;

		if (value < 256)
			assert_int_equal(off, 0);
		assert_true(off <= value / 256);
	}
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Against the sorted values themselves. */
static void quantiles_are_near(void **state)
{
	enum { N = 10001 };
	static const double quantiles[] = {0, 0.001, 0.25, 0.5, 0.99, 1};
	struct histogram *histogram = calloc(1, sizeof(*histogram));
	uint64_t *values = calloc(N, sizeof(*values));
	uint64_t seed = 7;

	(void)state;
	assert_non_null(histogram);
	assert_non_null(values);
	assert_int_equal(histogram_quantile(histogram, 0.5), 0);
	for (int i = 0; i < N; i++) {
		values[i] = next_random(&seed) >> (next_random(&seed) % 53);
		histogram->count[histogram_bucket(values[i])]++;
	}
	assert_int_equal(histogram_total(histogram), N);
	qsort(values, N, sizeof(*values), compare);
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
		double at = quantiles[i] * N;
		size_t rank = (size_t)at + (at > (double)(size_t)at);
		uint64_t exact = values[rank ? rank - 1 : 0];
		uint64_t found = histogram_quantile(histogram, quantiles[i]);
		uint64_t off = found > exact ? found - exact : exact - found;

		assert_true(off <= exact / 256);
	}
	free(values);
	free(histogram);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_are_seamless),
		cmocka_unit_test(middle_is_near),
		cmocka_unit_test(quantiles_are_near),
	};

	return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
