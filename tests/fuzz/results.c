// SPDX-License-Identifier: GPL-2.0-only
/* A results.json of any content.  What was read can be written and read again. */
#include "fuzz.h"

#include "results/results.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file("results.json", data, size);
	struct problems problems = { 0 };
	struct results *results, *again;
	char why[400];

	results = results_load_sound(path, &problems);
	if (results && !problems.nr) {
		path = fuzz_file("saved.json", "", 0);
		must_hold(results_save(results, path, why, sizeof(why)));
		again = results_load(path, why, sizeof(why));
		must_hold(again);
		must_hold(again->nr_cases == results->nr_cases);
		results_free(again);
	}
	if (results)
		results_free(results);
	problems_free(&problems);
	return 0;
}
