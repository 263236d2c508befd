// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a recorder rests: the decision, not the time that it takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/backoff.h"

#define PAUSE_NS	2500
#define SECOND_NS	1000000000ull

static void test_busy(void **state)
{
	struct backoff backoff = { .spin_ns = 50000 };
	uint64_t before = 0;

	(void)state;
	backoff_reset(&backoff, 0);
	/* Awake at first; never more than a ring may be left alone meanwhile. */
	assert_int_equal(backoff_next(&backoff, 10000, PAUSE_NS), 0);
	for (uint64_t idle = 60000; idle < BACKOFF_IDLE_AFTER_NS;) {
		uint64_t nap = backoff_next(&backoff, idle, PAUSE_NS);

		assert_true(nap >= before && nap <= BACKOFF_BUSY_NS);
		before = nap;
		idle += nap;
	}
	assert_int_equal(before, BACKOFF_BUSY_NS);
	backoff_came(&backoff, 2, SECOND_NS);
	assert_int_equal(backoff.busy_ns, SECOND_NS);
	assert_true(backoff_next(&backoff, 60000, PAUSE_NS) < BACKOFF_BUSY_NS);
}

/* In ten seconds without a call: some 600 looks a second, not 5,000. */
static void test_idle(void **state)
{
	struct backoff backoff = { 0 };
	unsigned int looks = 0;

	(void)state;
	backoff_reset(&backoff, 0);
	for (uint64_t idle = 0; idle < 10 * SECOND_NS; looks++)
		idle += backoff_next(&backoff, idle, PAUSE_NS);
	assert_true(looks < 6000);
	assert_true(backoff_tick_ns(SECOND_NS) > backoff_tick_ns(0));
}

/* A large ring may be left alone for longer from the start. */
static void test_large_ring(void **state)
{
	struct backoff backoff = { .spin_ns = 50000 };

	(void)state;
	backoff_reset(&backoff, 0);
	assert_int_equal(backoff_next(&backoff, 0, 100000), 100000);
	/* But not for longer than it takes to fill half of it. */
	for (int i = 0; i < 20; i++)
		assert_true(backoff_next(&backoff, 60000, 100000) <= 400000);
}

/* The timer of an idle guest fills a packet now and then; a burst more. */
static void test_trickle(void **state)
{
	struct backoff backoff = { 0 };
	uint64_t now = 0;

	(void)state;
	backoff_reset(&backoff, now);
	for (int i = 0; i < 20; i++)
		backoff_came(&backoff, 1, now += BACKOFF_TRICKLE_NS);
	assert_int_equal(backoff.busy_ns, 0);
	backoff_came(&backoff, 1, now += BACKOFF_TRICKLE_NS - 1);
	assert_int_equal(backoff.busy_ns, now);
	backoff_came(&backoff, 2, now += SECOND_NS);
	assert_int_equal(backoff.busy_ns, now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_large_ring),
		cmocka_unit_test(test_trickle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
