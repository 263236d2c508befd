// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report as people read it: what ran, the table, what to know about it.
 */
#include "lib/label.h"
#include "lib/text.h"
#include "report.h"
#include "report_levels.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/histogram.h"

/* Two spaces between columns; the name's is filled on the right. */
#define GAP 2

static void print_rom(const struct run_info *info)
{
	if (!info->rom_name && !info->rom_file) {
		print_label("ROM", "not known");
		return;
	}
	print_label("ROM", "%s%s%s%s%s%s", or_unknown(info->rom_name),
		    info->rom_api ? ", API " : "",
		    info->rom_api ? info->rom_api : "",
		    info->rom_file ? " (" : "",
		    info->rom_file ? info->rom_file : "",
		    info->rom_file ? ")" : "");
}

/* Neither in the trace nor lost: the user chose how much to keep. */
static void print_not_kept(const struct run_info *info)
{
	char count[REPORT_CELL_BYTES];

	if (info->events_overwritten) {
		report_format_count(count, (double)info->events_overwritten);
		print_label("", "%s overwritten before, by the flight recorder",
			    count);
	}
	if (info->events_after_end) {
		report_format_count(count, (double)info->events_after_end);
		print_label("", "%s made after the end of the trace", count);
	}
}

static void print_events(const struct profile *profile)
{
	const struct run_info *info = profile->info;
	char counted[REPORT_CELL_BYTES], recorded[REPORT_CELL_BYTES];
	char lost[REPORT_CELL_BYTES];

	/* There are none below level event, and none were lost. */
	if (info->totals)
		return;
	report_format_count(recorded, (double)profile->stats->events);
	if (info->counts_known) {
		report_format_count(counted, (double)info->events_counted);
		report_format_count(lost, (double)info->events_lost);
		print_label("Events",
			    "%s counted by the ROM, %s recorded, %s lost",
			    counted, recorded, lost);
		print_not_kept(info);
	} else {
		report_format_count(lost, (double)profile->trace->totals.lost);
		print_label("Events", "%s recorded, at least %s lost", recorded,
			    lost);
	}
}

static void print_run(const struct profile *profile)
{
	const struct run_info *info = profile->info;

	print_label("Guest", "%s", or_unknown(info->guest));
	print_rom(info);
	print_label("Accelerator", "%s%s%s%s%s", profile->accelerator,
		    info->icount ? ", icount" : "",
		    info->accelerator_reason ? " (" : "",
		    info->accelerator_reason ? info->accelerator_reason : "",
		    info->accelerator_reason ? ")" : "");
	print_label("Cycles", "%s", profile_cycles_meaning(profile));
	print_label("TSC", "%.3f MHz", (double)profile->trace->clock_hz / 1e6);
	print_label("Host CPU", "%s", or_unknown(info->cpu));
	print_label("Kernel", "%s", or_unknown(info->kernel));
	print_label("QEMU", "%s", or_unknown(info->qemu));
	if (info->duration_s > 0)
		print_label("Duration", "%.2f s%s%s", info->duration_s,
			    info->started ? ", started " : "",
			    info->started ? info->started : "");
	else
		print_label("Duration", "not known");
	print_label("Ended", "%s%s%s", or_unknown(info->exit_kind),
		    info->reason ? ": " : "", info->reason ? info->reason : "");
	print_events(profile);
}

/* One column's number of one row; "-" where there is none. */
static void format_cell(char cell[REPORT_CELL_BYTES],
			const struct column *column,
			const struct profile_row *row)
{
	const double value = report_value(column, row);

	if (isnan(value))
		(void)snprintf(cell, REPORT_CELL_BYTES, "-");
	else
		column->format(cell, value);
}

static bool is_shown(const struct column *column, const struct profile *profile)
{
	if (column->show != SHOW_NONZERO)
		return column->show == SHOW_ALWAYS;
	for (size_t i = 0; i < profile->nr_rows; i++) {
		if (report_value(column, &profile->rows[i]) > 0)
			return true;
	}
	return false;
}

static int column_width(const struct column *column,
			const struct profile *profile)
{
	size_t width = strlen(column->header);
	char cell[REPORT_CELL_BYTES];

	for (size_t i = 0; i < profile->nr_rows; i++) {
		format_cell(cell, column, &profile->rows[i]);
		if (strlen(cell) > width)
			width = strlen(cell);
	}
	return (int)width;
}

static void print_rows(const struct profile *profile)
{
	int *widths = calloc(report_nr_columns, sizeof(*widths));
	int name_width = (int)strlen("call");
	char cell[REPORT_CELL_BYTES];

	if (!widths)
		abort();
	for (size_t i = 0; i < profile->nr_rows; i++) {
		if ((int)strlen(profile->rows[i].name) > name_width)
			name_width = (int)strlen(profile->rows[i].name);
	}
	printf("%-*s", name_width, "call");
	for (size_t c = 0; c < report_nr_columns; c++) {
		const struct column *column = &report_columns[c];

		if (!is_shown(column, profile))
			continue;
		widths[c] = GAP + column_width(column, profile);
		printf("%*s", widths[c], column->header);
	}
	putchar('\n');
	for (size_t i = 0; i < profile->nr_rows; i++) {
		printf("%-*s", name_width, profile->rows[i].name);
		for (size_t c = 0; c < report_nr_columns; c++) {
			if (!widths[c])
				continue;
			format_cell(cell, &report_columns[c],
				    &profile->rows[i]);
			printf("%*s", widths[c], cell);
		}
		putchar('\n');
	}
	free(widths);
}

/* "1 wait", "1,234 waits" */
static void print_number(const char *before, uint64_t number, const char *what)
{
	char count[REPORT_CELL_BYTES];

	report_format_count(count, (double)number);
	printf("%s%s %s%s", before, count, what, number == 1 ? "" : "s");
}

static void print_time(const char *before, uint64_t cycles, double hz)
{
	char text[REPORT_CELL_BYTES];

	report_format_time(text, (double)cycles / hz);
	printf("%s%s", before, text);
}

static void print_halt(const struct profile *profile)
{
	const struct idle_stats *idle = &profile->stats->idle;
	const double hz = (double)profile->trace->clock_hz;

	if (!idle->nr_known && !idle->nr_unknown)
		return;
	print_time("Halt: idle for ", idle->cycles, hz);
	print_number(" in ", idle->nr_known, "wait");
	if (idle->nr_known > 1)
		print_time(", the longest ", idle->max_cycles, hz);
	if (idle->nr_unknown)
		print_number("; of unknown length: ", idle->nr_unknown, "wait");
	putchar('\n');
}

static void print_notes(const struct profile *profile)
{
	const struct run_info *info = profile->info;
	uint64_t interrupted = 0, wait = 0;

	puts("mean, p50, p99, max, stolen: cycles of a call; p50 and p99 to "
	     "0.4 %.\n"
	     "\"-\": recorded when it begins, so without cycles of its own, or "
	     "not known.");
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		interrupted += profile->stats->call[nr].interrupted;
		wait += profile->stats->call[nr].wait_cycles;
	}
	if (interrupted) {
		print_number("Interrupted: ", interrupted, "call");
		puts(" in which a handler made calls too; left out of the "
		     "cycles.");
	}
	if (wait) {
		print_number("Wait: ", wait, "cycle");
		puts(" for room in the ring (lossless), not part of the calls' "
		     "own.");
	}
	if (!info->stolen_known)
		printf("Stolen: not known: %s\n",
		       info->stolen_reason ? info->stolen_reason
					   : "the recording does not say");
	print_halt(profile);
}

void report_print_table(const struct profile *profile)
{
	print_run(profile);
	putchar('\n');
	if (profile->info->totals) {
		report_print_levels(profile);
	} else if (profile->nr_rows) {
		print_rows(profile);
		putchar('\n');
		print_notes(profile);
	} else {
		puts("No events: the guest made no VMI call, "
		     "or its ROM does not record.");
	}
	profile_print_partial(profile, "this is not the whole run.");
}
