// SPDX-License-Identifier: GPL-2.0-only
#include "report_levels.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/call_table.h"
#include "report.h"

#define NAME_WIDTH	24

static uint64_t in_buckets(const struct call_totals *totals)
{
	uint64_t count = 0;

	for (int b = 0; b < VMI_AGG_BUCKETS; b++)
		count += totals->bucket[b];
	return count;
}

bool report_bucket_of(const struct call_totals *totals, double percentile,
		      uint64_t *low, uint64_t *high)
{
	const uint64_t count = in_buckets(totals);
	uint64_t below = 0;

	for (int b = 0; b < VMI_AGG_BUCKETS; b++) {
		below += totals->bucket[b];
		if (!count || (double)below < ceil(percentile * (double)count))
			continue;
		*low = b ? 1ull << (b - 1) : 0;
		*high = b ? (1ull << b) - 1 : 0;
		if (b == VMI_AGG_BUCKETS - 1)
			*high = UINT64_MAX;
		return true;
	}
	return false;
}

static double mean(const struct call_totals *totals)
{
	const uint64_t count = in_buckets(totals);

	return count ? (double)totals->sum_cycles / (double)count : NAN;
}

/* The calls that were made, in the order of the rows; returns their number. */
static size_t order(const struct profile *profile,
		    unsigned char calls[VMI_NR_SLOTS], uint64_t *sum)
{
	size_t nr_calls = 0;

	*sum = 0;
	for (size_t i = 0; i < profile->nr_rows; i++) {
		const unsigned int nr = (unsigned int)profile->rows[i].nr;

		*sum += profile->info->totals[nr].count;
		calls[nr_calls++] = (unsigned char)nr;
	}
	return nr_calls;
}

static void print_percentile(const struct call_totals *totals,
			     double percentile)
{
	uint64_t low, high;
	char text[48] = "-";

	if (report_bucket_of(totals, percentile, &low, &high)) {
		if (high == UINT64_MAX)
			(void)snprintf(text, sizeof(text), "%" PRIu64 "-", low);
		else if (low == high)
			(void)snprintf(text, sizeof(text), "%" PRIu64, low);
		else
			(void)snprintf(text, sizeof(text),
				       "%" PRIu64 "-%" PRIu64, low, high);
	}
	printf("  %15s", text);
}

static void print_cycles(unsigned int nr, const struct call_totals *totals)
{
	char cell[REPORT_CELL_BYTES];

	if (call_has_cycles(nr) && in_buckets(totals)) {
		printf("  %12.1f", mean(totals));
		print_percentile(totals, 0.50);
		print_percentile(totals, 0.99);
	} else {
		printf("  %12s  %15s  %15s", "-", "-", "-");
	}
	report_format_count(cell, (double)totals->interrupted);
	printf("  %12s", cell);
}

void report_print_levels(const struct profile *profile, size_t limit)
{
	const struct level_traits *level = &run_levels[profile->info->level];
	const bool cycles = level->cycles;
	unsigned char calls[VMI_NR_SLOTS];
	char cell[REPORT_CELL_BYTES];
	uint64_t sum;
	const size_t nr_calls = order(profile, calls, &sum);

	report_format_count(cell, (double)sum);
	printf("Level %s: %s calls\n\n%-*s  %14s  %7s",
	       level->name, cell, NAME_WIDTH, "call",
	       "count", "calls %");
	if (cycles)
		printf("  %12s  %15s  %15s  %12s", "mean", "p50 (bucket)",
		       "p99 (bucket)", "interrupted");
	putchar('\n');
	for (size_t i = 0; i < nr_calls && i < limit; i++) {
		const struct call_totals *totals =
			&profile->info->totals[calls[i]];

		report_format_count(cell, (double)totals->count);
		printf("%-*s  %14s  %7.2f", NAME_WIDTH,
		       call_table[calls[i]].name, cell,
		       100 * (double)totals->count / (double)sum);
		if (cycles)
			print_cycles(calls[i], totals);
		putchar('\n');
	}
	printf("\n%s\n", level->note);
	if (limit < nr_calls)
		printf("Not shown: %zu more; --limit says how many are.\n",
		       nr_calls - limit);
}

static struct json_object *bounds(const struct call_totals *totals,
				  double percentile)
{
	struct json_object *object;
	uint64_t low, high;

	if (!report_bucket_of(totals, percentile, &low, &high))
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "low", json_object_new_uint64(low));
	json_object_object_add(object, "high",
			       high == UINT64_MAX
				       ? NULL
				       : json_object_new_uint64(high));
	return object;
}

struct json_object *report_levels_json(const struct profile *profile)
{
	unsigned char calls[VMI_NR_SLOTS];
	struct json_object *array;
	uint64_t sum;
	size_t nr_calls;

	if (!profile->info->totals)
		return NULL;
	array = json_object_new_array();
	nr_calls = order(profile, calls, &sum);
	for (size_t i = 0; i < nr_calls; i++) {
		const struct call_totals *totals =
			&profile->info->totals[calls[i]];
		const bool cycles =
			call_has_cycles(calls[i]) && in_buckets(totals);
		struct json_object *call = json_object_new_object();

		json_object_object_add(
			call, "name",
			json_object_new_string(call_table[calls[i]].name));
		json_object_object_add(call, "count",
				       json_object_new_uint64(totals->count));
		json_object_object_add(
			call, "share_calls",
			json_object_new_double((double)totals->count /
					       (double)sum));
		json_object_object_add(
			call, "interrupted",
			json_object_new_uint64(totals->interrupted));
		json_object_object_add(
			call, "mean_cycles",
			cycles ? json_object_new_double(mean(totals)) : NULL);
		json_object_object_add(call, "p50_cycles",
				       cycles ? bounds(totals, 0.50) : NULL);
		json_object_object_add(call, "p99_cycles",
				       cycles ? bounds(totals, 0.99) : NULL);
		json_object_array_add(array, call);
	}
	return array;
}
