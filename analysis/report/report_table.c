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

#include "lib/call_table.h"
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

/*
 * Neither read nor lost: the files are damaged, or the user chose how much to
 * keep.
 */
static void print_not_kept(const struct profile *profile)
{
	const struct run_info *info = profile->info;
	char count[REPORT_CELL_BYTES];

	if (profile->unread) {
		report_format_count(count, (double)profile->unread);
		print_label("", "%s recorded, but not to be read", count);
	}
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
	const char *what = profile->unread ? "read" : "recorded";
	char lost[REPORT_CELL_BYTES];
	char filter[256];

	/* There are none below level event, and none were lost. */
	if (info->totals)
		return;
	report_format_count(recorded, (double)profile->stats->events);
	if (profile->filtered) {
		filter_text(&profile->tally->request->filter, filter,
			    sizeof(filter));
		print_label("Events", "%s pass: %s", recorded, filter);
	} else if (info->counts_known) {
		report_format_count(counted, (double)info->events_counted);
		report_format_count(lost, (double)info->events_lost);
		print_label("Events",
			    "%s counted by the ROM, %s %s, %s lost", counted,
			    recorded, what, lost);
		print_not_kept(profile);
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
	if (info->guest_kernel)
		print_label("Guest kernel", "%s", info->guest_kernel);
	if (info->guest_words && *info->guest_words)
		print_label("Command line", "%s", info->guest_words);
	print_rom(info);
	print_label("Level", "%s: %s", run_levels[info->level].name,
		    run_levels[info->level].keeps);
	print_label("Accelerator", "%s%s%s%s%s", profile->accelerator,
		    info->icount ? ", icount" : "",
		    info->accelerator_reason ? " (" : "",
		    info->accelerator_reason ? info->accelerator_reason : "",
		    info->accelerator_reason ? ")" : "");
	print_label("Cycles", "%s", profile_cycles_meaning(profile));
	print_label("TSC", "%.3f MHz", (double)profile->trace->clock_hz / 1e6);
	if (info->tsc_step > 1)
		print_label("", "moves by %" PRIu64 " cycles at a time: a figure below that is no measurement",
			    info->tsc_step);
	print_label("Host CPU", "%s", or_unknown(info->cpu));
	print_label("Host kernel", "%s", or_unknown(info->kernel));
	print_label("QEMU", "%s", or_unknown(info->qemu));
	if (profile_seconds(profile) >= 0)
		print_label("Duration", "%.2f s%s%s", profile_seconds(profile),
			    info->started ? ", started " : "",
			    info->started ? info->started : "");
	else
		print_label("Duration", "not known");
	if (info->dump_why)
		print_label("Dump", "number %" PRIu64 ": %s", info->dump_number,
			    info->dump_why);
	print_label("Ended", "%s%s%s", or_unknown(info->exit_kind),
		    info->reason ? ": " : "", info->reason ? info->reason : "");
	print_events(profile);
}

/* Cycles of single calls, where others are sums, counts or means of many. */
static bool is_of_one_call(const struct column *column)
{
	return !strcmp(column->key, "p50") || !strcmp(column->key, "p99") ||
	       !strcmp(column->key, "max");
}

/* One column's number of one row; "-" where there is none. */
static void format_cell(char cell[REPORT_CELL_BYTES],
			const struct report *report,
			const struct column *column,
			const struct report_row *row)
{
	const double value = report_value(column, &row->numbers);
	char text[REPORT_CELL_BYTES];
	const uint64_t step = report->profile->info->tsc_step;

	if (isnan(value))
		(void)snprintf(cell, REPORT_CELL_BYTES, "-");
	else if (step > 1 && value < (double)step && is_of_one_call(column))
		(void)snprintf(cell, REPORT_CELL_BYTES, "<%" PRIu64, step);
	else
		column->format(cell, value);
	if (isnan(value) || !column->cycles ||
	    !profile_is_estimate(&row->numbers))
		return;
	memcpy(text, cell, sizeof(text));
	text_set(cell, REPORT_CELL_BYTES, "~%s", text);
}

static size_t nr_shown(const struct report *report)
{
	return report->rows->nr < report->limit ? report->rows->nr
						: report->limit;
}

static bool is_shown(const struct column *column, const struct report *report)
{
	if (!(column->of & 1u << report->rows->by))
		return false;
	if (column->show != SHOW_NONZERO)
		return column->show == SHOW_ALWAYS;
	for (size_t i = 0; i < nr_shown(report); i++) {
		if (report_value(column, &report->rows->row[i].numbers) > 0)
			return true;
	}
	return false;
}

/* 0: the column is not shown. */
static int column_width(const struct column *column,
			const struct report *report)
{
	size_t width = strlen(column->header);
	char cell[REPORT_CELL_BYTES];

	if (!is_shown(column, report))
		return 0;
	for (size_t i = 0; i < nr_shown(report); i++) {
		format_cell(cell, report, column, &report->rows->row[i]);
		if (strlen(cell) > width)
			width = strlen(cell);
	}
	return GAP + (int)width;
}

/* The same of a text; those that no row has are not shown. */
static int text_width(size_t t, const struct report *report)
{
	const struct text_column *column = &report_texts[report->rows->by][t];
	size_t width = 0;

	for (size_t i = 0; i < nr_shown(report); i++) {
		const char *text = report->rows->row[i].text[t];

		if (text && strlen(text) > width)
			width = strlen(text);
	}
	if (!width)
		return 0;
	if (strlen(column->header) > width)
		width = strlen(column->header);
	return GAP + (int)width;
}

/* Texts before or behind the numbers; row NULL: their headers. */
static void print_texts(const struct report *report, const int *widths,
			const struct report_row *row, bool behind)
{
	const struct text_column *columns = report_texts[report->rows->by];
	const char *gap = "";

	for (size_t t = 0; t < REPORT_TEXTS && columns[t].json; t++) {
		const char *text = row ? row->text[t] : columns[t].header;

		if (!widths[t] || columns[t].behind != behind)
			continue;
		if (behind)
			printf("  %s%*s", text ? text : "",
			       t + 1 < REPORT_TEXTS && widths[t + 1]
				       ? widths[t] - GAP -
						 (int)strlen(text ? text : "")
				       : 0,
			       "");
		else
			printf("%s%-*s", gap, widths[t] - GAP,
			       text ? text : "");
		gap = "  ";
	}
}

static void print_rows(const struct report *report)
{
	int *widths = calloc(report_nr_columns, sizeof(*widths));
	int text_widths[REPORT_TEXTS];
	char cell[REPORT_CELL_BYTES];

	if (!widths)
		abort();
	for (size_t t = 0; t < REPORT_TEXTS; t++)
		text_widths[t] = text_width(t, report);
	print_texts(report, text_widths, NULL, false);
	for (size_t c = 0; c < report_nr_columns; c++) {
		widths[c] = column_width(&report_columns[c], report);
		if (widths[c])
			printf("%*s", widths[c], report_columns[c].header);
	}
	print_texts(report, text_widths, NULL, true);
	putchar('\n');
	for (size_t i = 0; i < nr_shown(report); i++) {
		const struct report_row *row = &report->rows->row[i];

		print_texts(report, text_widths, row, false);
		for (size_t c = 0; c < report_nr_columns; c++) {
			if (!widths[c])
				continue;
			format_cell(cell, report, &report_columns[c], row);
			printf("%*s", widths[c], cell);
		}
		print_texts(report, text_widths, row, true);
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

/* What the columns mean. */
static void print_legend(const struct report *report)
{
	switch (report->rows->by) {
	case REPORT_BY_SITE:
		puts("mean, max: cycles of a call.  return to: where the call "
		     "comes back to.");
		printf("Symbols: %s\n", places_note(report->places));
		break;
	default:
		puts("mean, p50, p99, max, stolen: cycles of a call; p50 and "
		     "p99 to 0.4 %.");
	}
	if (report->profile->info->tsc_step > 1)
		puts("\"<\": below the step of the time stamp counter.");
	puts("\"-\": recorded when it begins, so without cycles of its own, or "
	     "not known.");
	if (report->rows->by == REPORT_BY_MODE &&
	    !report->profile->info->nr_modes)
		puts("The recording does not say in which modes the guest's "
		     "call sites were.");
	else if (report->rows->by == REPORT_BY_MODE)
		puts("Calls are recorded where sites call the ROM (stub); in "
		     "other modes they leave no events.");
	if (nr_shown(report) < report->rows->nr)
		printf("Not shown: %zu more; --limit says how many are.\n",
		       report->rows->nr - nr_shown(report));
}

/* A call in mode count is not recorded, but neither is it unknown. */
static void print_site_counts(const struct run_info *info)
{
	uint64_t all = 0;

	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
		all += info->site_counts[nr];
	if (!all)
		return;
	print_number("Counted: ", all, "call");
	fputs(" by their sites, in no event", stdout);
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		char count[REPORT_CELL_BYTES];

		if (!info->site_counts[nr])
			continue;
		report_format_count(count, (double)info->site_counts[nr]);
		printf("%s %s %s", all ? ":" : ",", call_table[nr].name, count);
		all = 0;
	}
	puts(".");
}

/* What "~" and "+-95 %" mean. */
static void print_estimates(const struct profile *profile)
{
	char measured[REPORT_CELL_BYTES], all[REPORT_CELL_BYTES];
	uint64_t calls = 0;

	if (!profile->unmeasured)
		return;
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		const struct call_stats *call = &profile->stats->call[nr];

		if (call_has_cycles(nr))
			calls += call->count - call->interrupted;
	}
	report_format_count(measured, (double)(calls - profile->unmeasured));
	report_format_count(all, (double)calls);
	printf("~: estimated from %s of %s calls, those that were measured; "
	       "+-95 %%: half of the mean's 95 %% interval.\n",
	       measured, all);
}

static void print_notes(const struct report *report)
{
	const struct profile *profile = report->profile;
	const struct run_info *info = profile->info;
	const struct sites *sites = profile->tally->sites;
	uint64_t interrupted = 0, wait = 0;

	print_legend(report);
	print_estimates(profile);
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		interrupted += profile->stats->call[nr].interrupted;
		wait += profile->stats->call[nr].wait_cycles;
	}
	if (sites && sites->others) {
		print_number("Left out: ", sites->others, "call");
		puts(" at more sites than are kept.");
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
	print_site_counts(info);
	if (!info->stolen_known)
		printf("Stolen: not known: %s\n",
		       info->stolen_reason ? info->stolen_reason
					   : "the recording does not say");
	print_halt(profile);
}

void report_print_table(const struct report *report)
{
	const struct profile *profile = report->profile;

	print_run(profile);
	putchar('\n');
	if (profile->info->totals) {
		report_print_levels(profile, report->limit);
	} else if (report->rows->nr) {
		print_rows(report);
		putchar('\n');
		print_notes(report);
	} else if (profile->filtered) {
		puts("No events pass the filter.");
	} else {
		puts("No events: the guest made no VMI call, "
		     "or its ROM does not record.");
	}
	profile_print_partial(profile, "this is not the whole run.");
}
