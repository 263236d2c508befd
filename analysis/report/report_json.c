// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report as programs read it.  Members are added to, never renamed; what is
 * not known is null.
 */
#include "report.h"
#include "report_levels.h"

#include <err.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/json.h"
#include "lib/text.h"

#define REPORT_JSON_FORMAT  "vmiprof-report"
#define REPORT_JSON_VERSION 1

static void add_count(struct json_object *object, const char *key, bool known,
		      uint64_t count)
{
	json_add(object, key, known ? json_object_new_uint64(count) : NULL);
}

static struct json_object *rom(const struct run_info *info)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "file", info->rom_file);
	json_add_text(object, "name", info->rom_name);
	json_add_text(object, "api", info->rom_api);
	return object;
}

/* null: the trace is of the whole recording. */
static struct json_object *dump(const struct run_info *info)
{
	struct json_object *object;

	if (!info->dump_why)
		return NULL;
	object = json_object_new_object();
	add_count(object, "number", true, info->dump_number);
	json_add_text(object, "why", info->dump_why);
	return object;
}

static struct json_object *host(const struct run_info *info)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "cpu", info->cpu);
	json_add_text(object, "kernel", info->kernel);
	json_add_text(object, "qemu", info->qemu);
	json_add_text(object, "vmiprof", info->vmiprof);
	return object;
}

static struct json_object *problems(const struct profile *profile)
{
	const struct problems *kept = &profile->trace->problems;
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < problems_kept(kept); i++)
		json_object_array_add(array,
				      json_object_new_string(kept->text[i]));
	return array;
}

static struct json_object *idle(const struct profile *profile)
{
	const struct idle_stats *stats = &profile->stats->idle;
	struct json_object *object = json_object_new_object();

	add_count(object, "waits", true, stats->nr_known);
	add_count(object, "waits_of_unknown_length", true, stats->nr_unknown);
	add_count(object, "cycles", stats->nr_known, stats->cycles);
	add_count(object, "max_cycles", stats->nr_known, stats->max_cycles);
	return object;
}

static void add_numbers(struct json_object *object, enum report_by by,
			const struct profile_row *row)
{
	for (size_t c = 0; c < report_nr_columns; c++) {
		const struct column *column = &report_columns[c];

		if (column->of & 1u << by)
			json_add(object, column->json,
				 json_number(report_value(column, row)));
	}
}

static struct json_object *calls(const struct profile *profile)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < profile->nr_rows; i++) {
		const struct profile_row *row = &profile->rows[i];
		struct json_object *call = json_object_new_object();

		json_add_text(call, "name", row->name);
		add_numbers(call, REPORT_BY_CALL, row);
		json_object_array_add(array, call);
	}
	return array;
}

static void add_place(struct json_object *object,
		      const struct symbol_place *place)
{
	const bool known = place->function;

	json_add_text(object, "function", place->function);
	add_count(object, "offset", known, place->offset);
	json_add_text(object, "file", place->file);
	add_count(object, "line", known && place->file, place->line);
	json_add_text(object, "inlined", place->inlined);
}

static struct json_object *row(enum report_by by, const struct report_row *row)
{
	const struct text_column *texts = report_texts[by];
	struct json_object *object = json_object_new_object();

	if (by == REPORT_BY_SITE) {
		json_add_text(object, "call", row->text[0]);
		json_add_text(object, "address", row->text[1]);
		add_place(object, &row->place);
	} else if (by == REPORT_BY_VCPU) {
		json_add_text(object, "host", row->text[0]);
		json_add(object, "vcpu", json_number(row->numbers.nr));
	} else {
		for (size_t t = 0; t < REPORT_TEXTS && texts[t].json; t++)
			json_add_text(object, texts[t].json, row->text[t]);
	}
	add_numbers(object, by, &row->numbers);
	return object;
}

/* "sites", "vcpus" or "modes"; "calls" are there always. */
static void add_rows(struct json_object *root, const struct report *report)
{
	static const char *const names[NR_REPORT_BY] = {
		[REPORT_BY_SITE] = "sites",
		[REPORT_BY_VCPU] = "vcpus",
		[REPORT_BY_MODE] = "modes",
	};
	const struct report_rows *rows = report->rows;
	struct json_object *array;

	json_add_text(root, "by", report_by_name[rows->by]);
	if (!names[rows->by])
		return;
	array = json_object_new_array();
	for (size_t i = 0; i < rows->nr && i < report->limit; i++)
		json_object_array_add(array, row(rows->by, &rows->row[i]));
	json_add(root, names[rows->by], array);
	if (report->places)
		json_add_text(root, "symbols", places_note(report->places));
}

static struct json_object *filter(const struct profile *profile)
{
	char text[256];

	if (!profile->filtered)
		return NULL;
	filter_text(&profile->tally->request->filter, text, sizeof(text));
	return json_object_new_string(text);
}

/* What the run was. */
static void add_run(struct json_object *root, const struct profile *profile)
{
	const struct run_info *info = profile->info;

	json_add_text(root, "guest", info->guest);
	json_add_text(root, "guest_kernel", info->guest_kernel);
	json_add_text(root, "guest_command_line", info->guest_words);
	json_add(root, "dump", dump(info));
	json_add(root, "rom", rom(info));
	json_add_text(root, "accelerator", profile->accelerator);
	json_add_text(root, "accelerator_reason", info->accelerator_reason);
	json_add_text(root, "cycles_are", profile_cycles_label(profile));
	json_add(root, "icount", json_object_new_boolean(info->icount));
	json_add(root, "lossless", json_object_new_boolean(info->lossless));
	json_add(root, "host", host(info));
	add_count(root, "tsc_hz", true, profile->trace->clock_hz);
	add_count(root, "tsc_step", info->tsc_step > 0, info->tsc_step);
	json_add_text(root, "started", info->started);
	json_add_text(root, "exit", info->exit_kind);
	json_add(root, "duration_s",
		 json_number(profile_seconds(profile)));
}

/* By call, those that their sites counted and that are in no event. */
static struct json_object *site_counts(const struct run_info *info)
{
	struct json_object *counts = json_object_new_object();

	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (call_table[nr].name && info->site_counts[nr])
			add_count(counts, call_table[nr].name, true,
				  info->site_counts[nr]);
	}
	return counts;
}

/* What all calls add up to. */
static void add_totals(struct json_object *root, const struct profile *profile)
{
	const struct run_info *info = profile->info;
	const struct trace_totals *totals = &profile->trace->totals;
	uint64_t interrupted = 0, wait = 0;

	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		interrupted += profile->stats->call[nr].interrupted;
		wait += profile->stats->call[nr].wait_cycles;
	}
	add_count(root, "events_counted", info->counts_known,
		  info->events_counted);
	add_count(root, "events_recorded", true,
		  info->totals ? 0 : profile->stats->events);
	add_count(root, "events_lost", info->counts_known, info->events_lost);
	add_count(root, "events_unread", info->counts_known, profile->unread);
	add_count(root, "events_overwritten", info->counts_known,
		  info->events_overwritten);
	add_count(root, "events_after_end", info->counts_known,
		  info->events_after_end);
	add_count(root, "events_discarded_in_packets", true, totals->lost);
	add_count(root, "events_interrupted", true, interrupted);
	add_count(root, "events_unmeasured", true, profile->unmeasured);
	json_add(root, "cycles_estimated",
		 json_object_new_boolean(profile->unmeasured));
	add_count(root, "measured_every", info->every, info->every);
	add_count(root, "packets", true, totals->packets);
	add_count(root, "total_cycles", true, profile->cycles);
	add_count(root, "wait_cycles", true, wait);
	add_count(root, "stolen_cycles", info->stolen_known,
		  info->stolen_cycles);
	json_add_text(root, "stolen_reason", info->stolen_reason);
	json_add(root, "site_counts", site_counts(info));
	json_add(root, "idle", idle(profile));
}

void report_print_json(const struct report *report)
{
	const struct profile *profile = report->profile;
	struct json_object *root = json_object_new_object();

	json_add_text(root, "format", REPORT_JSON_FORMAT);
	add_count(root, "version", true, REPORT_JSON_VERSION);
	json_add_text(root, "trace", profile->trace->dir);
	json_add(root, "partial",
		 json_object_new_boolean(profile_is_partial(profile)));
	json_add_text(root, "status", profile->info->status);
	json_add_text(root, "reason", profile->info->reason);
	json_add(root, "problems", problems(profile));
	add_run(root, profile);
	add_totals(root, profile);
	json_add(root, "filter", filter(profile));
	json_add(root, "calls", calls(profile));
	add_rows(root, report);
	json_add_text(root, "level", run_levels[profile->info->level].name);
	json_add(root, "totals", report_levels_json(profile));
	puts(json_object_to_json_string_ext(
		root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}
