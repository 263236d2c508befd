// SPDX-License-Identifier: GPL-2.0-only
/*
 * What perf stat wrote, in words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "bench/counters.h"

static void check(const char *written, const char *expected)
{
	char *dir = scratch_new();
	char *path, *text;
	FILE *file;

	assert_true(asprintf(&path, "%s/image", dir) > 0);
	if (written) {
		file = fopen(path, "w");
		assert_non_null(file);
		assert_true(fputs(written, file) >= 0);
		assert_int_equal(fclose(file), 0);
	}
	text = counters_text(path);
	assert_string_equal(text, expected);
	free(text);
	free(path);
	scratch_remove(dir);
}

static void counted(void **state)
{
	(void)state;
	check("# started on Fri Nov 20 19:13:34 2026\n\n"
	      "123456,,cycles,1000,100.00,,\n"
	      "234567,,instructions,1000,100.00,1.90,insn per cycle\n",
	      "cycles 123456, instructions 234567");
}

/* Of some CPUs some. */
static void partly(void **state)
{
	(void)state;
	check("123456,,cycles,1000,100.00,,\n"
	      "<not supported>,,branches,0,100.00,,\n"
	      "<not counted>,,branch-misses,0,0.00,,\n",
	      "cycles 123456");
}

static void not_supported(void **state)
{
	(void)state;
	check("# started on Fri Nov 20 19:13:34 2026\n\n"
	      "<not supported>,,cycles,0,100.00,,\n"
	      "<not supported>,,instructions,0,100.00,,\n",
	      "not supported on this CPU");
}

static void no_perf(void **state)
{
	static const char expected[] =
		"not counted: perf is not installed or failed";

	(void)state;
	check(NULL, expected);
	check("", expected);
	check("# started on Fri Nov 20 19:13:34 2026\n\n", expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counted),
		cmocka_unit_test(partly),
		cmocka_unit_test(not_supported),
		cmocka_unit_test(no_perf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
