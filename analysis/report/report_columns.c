// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void report_format_count(char cell[REPORT_CELL_BYTES], double value)
{
	char digits[REPORT_CELL_BYTES];
	int n = snprintf(digits, sizeof(digits), "%.0f", value);
	char *out = cell;

	/* 20 digits and 6 commas at most: a count comes from 64 bits. */
	for (int i = 0; i < n; i++) {
		*out++ = digits[i];
		if ((n - i) % 3 == 1 && i + 1 < n && digits[i] != '-')
			*out++ = ',';
	}
	*out = '\0';
}

void report_format_time(char cell[REPORT_CELL_BYTES], double seconds)
{
	static const struct {
		double scale;
		const char *unit;
	} units[] = {{1, "s"}, {1e3, "ms"}, {1e6, "us"}, {1e9, "ns"}};
	size_t i = 0;

	while (i < 3 && seconds * units[i].scale < 1)
		i++;
	(void)snprintf(cell, REPORT_CELL_BYTES, "%.3g %s",
		       seconds * units[i].scale, units[i].unit);
}

static void format_percent(char cell[REPORT_CELL_BYTES], double value)
{
	(void)snprintf(cell, REPORT_CELL_BYTES, "%.2f", 100 * value);
}

static void format_mean(char cell[REPORT_CELL_BYTES], double value)
{
	(void)snprintf(cell, REPORT_CELL_BYTES, "%.1f", value);
}

static void format_seconds(char cell[REPORT_CELL_BYTES], double value)
{
	(void)snprintf(cell, REPORT_CELL_BYTES, "%.2f", value);
}

#define FIELD(name) offsetof(struct profile_row, name)

#define OF_STATS (REPORT_OF(CALL) | REPORT_OF(VCPU) | REPORT_OF(MODE))

const struct column report_columns[] = {
	{"nr", "nr", "nr", SHOW_JSON, REPORT_OF(CALL) | REPORT_OF(SITE),
	 FIELD(nr), report_format_count, false},
	{"count", "count", "count", SHOW_ALWAYS, REPORT_OF_ALL, FIELD(count),
	 report_format_count, false},
	{"calls", "share_calls", "calls %", SHOW_ALWAYS, REPORT_OF_ALL,
	 FIELD(share_calls), format_percent, false},
	{"cycles", "share_cycles", "cycles %", SHOW_ALWAYS, REPORT_OF_ALL,
	 FIELD(share_cycles), format_percent, true},
	{"mean", "mean_cycles", "mean", SHOW_ALWAYS, REPORT_OF_ALL,
	 FIELD(mean_cycles), format_mean, true},
	{"error", "mean_ci95_half_cycles", "+-95 %", SHOW_NONZERO, REPORT_OF_ALL,
	 FIELD(mean_error), format_mean, false},
	{"measured", "measured", "measured", SHOW_JSON, REPORT_OF_ALL,
	 FIELD(measured), report_format_count, false},
	{"p50", "p50_cycles", "p50", SHOW_ALWAYS, OF_STATS, FIELD(p50_cycles),
	 report_format_count, true},
	{"p99", "p99_cycles", "p99", SHOW_ALWAYS, OF_STATS, FIELD(p99_cycles),
	 report_format_count, true},
	{"max", "max_cycles", "max", SHOW_ALWAYS, REPORT_OF_ALL,
	 FIELD(max_cycles), report_format_count, false},
	{"stolen", "stolen_cycles", "stolen", SHOW_ALWAYS, OF_STATS,
	 FIELD(stolen_cycles), report_format_count, false},
	{"wait", "wait_cycles", "wait", SHOW_NONZERO, OF_STATS,
	 FIELD(wait_cycles), report_format_count, false},
	{"interrupted", "interrupted", "interrupted", SHOW_NONZERO,
	 REPORT_OF_ALL, FIELD(interrupted), report_format_count, false},
	{"lost", "lost", "lost", SHOW_NONZERO,
	 REPORT_OF(CALL) | REPORT_OF(VCPU), FIELD(lost), report_format_count, false},
	{"unread", "unread", "unread", SHOW_NONZERO, REPORT_OF(CALL),
	 FIELD(unread), report_format_count, false},
	{"counted", "counted", "counted", SHOW_JSON, REPORT_OF(CALL),
	 FIELD(counted), report_format_count, false},
	{"total", "total_cycles", "total", SHOW_JSON, REPORT_OF_ALL,
	 FIELD(cycles), report_format_count, true},
	{"idle", "idle_cycles", "idle", SHOW_JSON, REPORT_OF(CALL),
	 FIELD(idle_cycles), report_format_count, false},
	{"idle", "idle_cycles", "idle", SHOW_NONZERO, REPORT_OF(VCPU),
	 FIELD(idle_cycles), report_format_count, false},
	{"seconds", "seconds", "seconds", SHOW_ALWAYS, REPORT_OF(MODE),
	 FIELD(seconds), format_seconds, false},
};

const size_t report_nr_columns =
	sizeof(report_columns) / sizeof(report_columns[0]);

const struct column *report_column(const char *key, enum report_by by)
{
	for (size_t i = 0; i < report_nr_columns; i++) {
		if (!(report_columns[i].of & 1u << by))
			continue;
		if (!strcmp(report_columns[i].key, key) ||
		    !strcmp(report_columns[i].json, key))
			return &report_columns[i];
	}
	return NULL;
}

double report_value(const struct column *column, const struct profile_row *row)
{
	double value;

	memcpy(&value, (const char *)row + column->offset, sizeof(value));
	return value;
}

static int by_column(const void *a, const void *b, void *arg)
{
	const struct profile_row *x = a, *y = b;
	const struct column *column = arg;
	const double vx = report_value(column, x);
	const double vy = report_value(column, y);

	if (isnan(vx) != isnan(vy))
		return isnan(vx) ? 1 : -1;
	if (vx != vy && !isnan(vx))
		return vx < vy ? 1 : -1;
	if (x->count != y->count && !isnan(x->count) && !isnan(y->count))
		return x->count < y->count ? 1 : -1;
	return (x->nr > y->nr) - (x->nr < y->nr);
}

static int by_name(const void *a, const void *b)
{
	const struct profile_row *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void report_sort_rows(struct report_rows *rows, const struct column *column)
{
	if (!rows->nr)
		return;
	if (column)
		qsort_r(rows->row, rows->nr, sizeof(rows->row[0]), by_column,
			(void *)column);
	else
		qsort(rows->row, rows->nr, sizeof(rows->row[0]), by_name);
}

void report_sort(struct profile *profile, const struct column *column)
{
	if (column)
		qsort_r(profile->rows, profile->nr_rows,
			sizeof(profile->rows[0]), by_column, (void *)column);
	else
		qsort(profile->rows, profile->nr_rows, sizeof(profile->rows[0]),
		      by_name);
}
