/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report_levels.h - what was added up at the levels below event
 *
 * A percentile is known to the bucket that it lies in: its bounds are shown.
 */
#ifndef REPORT_LEVELS_H
#define REPORT_LEVELS_H

#include <json-c/json.h>

#include "trace/profile.h"

/* The table, most calls first; the run's totals are known. */
/* Calls in the order of the rows, at most `limit` of them. */
void report_print_levels(const struct profile *profile, size_t limit);

/* An array, one object for each call that was made; NULL at level event. */
struct json_object *report_levels_json(const struct profile *profile);

/*
 * Cycles of the bucket that holds the calls' percentile (0 to 1): low to high,
 * high UINT64_MAX in the last one.  Returns false when no bucket holds any.
 */
bool report_bucket_of(const struct call_totals *totals, double percentile,
		      uint64_t *low, uint64_t *high);

#endif /* REPORT_LEVELS_H */
