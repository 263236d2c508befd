// SPDX-License-Identifier: GPL-2.0-only
/*
 * The step of a time stamp counter, from readings of counters made up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/tsc_step.h"

#define NR 2000

static uint64_t readings[NR];

/* Reading i is so many steps behind the one before. */
static void fill(uint64_t step, const unsigned int *steps, size_t nr_steps)
{
	uint64_t now = 123456789;

	for (size_t i = 0; i < NR; i++) {
		readings[i] = now;
		now += step * steps[i % nr_steps];
	}
}

static const unsigned int few[] = {1, 1, 2, 1, 2, 2};

static void known_steps(void **state)
{
	static const uint64_t steps[] = {2, 3, 7, 26, 36, 100};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		fill(steps[i], few, 6);
		assert_int_equal(tsc_step_of(readings, NR), steps[i]);
	}
}

/* Every cycle counts, but a reading takes some twenty of them. */
static void fine(void **state)
{
	static const unsigned int cycles[] = {18, 19, 23, 20, 18, 31};
	static const unsigned int even[] = {18, 20, 22, 20, 24, 18};

	(void)state;
	fill(1, cycles, 6);
	assert_int_equal(tsc_step_of(readings, NR), 1);
	fill(1, even, 6);
	assert_int_equal(tsc_step_of(readings, NR), 2);
}

/* Within a step a reading is one above that before, so that none is twice. */
static void never_twice(void **state)
{
	(void)state;
	fill(26, few, 6);
	for (size_t i = 0; i + 2 < NR; i += 3) {
		readings[i + 1] = readings[i] + 1;
		readings[i + 2] = readings[i] + 2;
	}
	assert_int_equal(tsc_step_of(readings, NR), 26);
	fill(1, (const unsigned int[]){1}, 1);
	assert_int_equal(tsc_step_of(readings, NR), 1);
}

/* A loaded machine takes the CPU away; a host may move the counter by anything. */
static void disturbed(void **state)
{
	uint64_t moved = 0;

	(void)state;
	fill(26, few, 6);
	for (size_t i = 0; i < NR; i++) {
		if (i % 40 == 7)
			moved += 100003;
		readings[i] += moved;
	}
	assert_int_equal(tsc_step_of(readings, NR), 26);
	/* Long absences are whole steps. */
	fill(26, few, 6);
	for (size_t i = 0; i < NR; i++)
		readings[i] += i / 3 * 26 * 1000;
	assert_int_equal(tsc_step_of(readings, NR), 26);
}

static void too_few(void **state)
{
	(void)state;
	fill(26, few, 6);
	assert_int_equal(tsc_step_of(readings, 5), 0);
	assert_int_equal(tsc_step_of(readings, 0), 0);
}

/* Of this machine nothing is known, but that there is one. */
static void this_machine(void **state)
{
	(void)state;
	assert_true(tsc_step() >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_steps), cmocka_unit_test(fine),
		cmocka_unit_test(never_twice), cmocka_unit_test(disturbed),
		cmocka_unit_test(too_few),     cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
