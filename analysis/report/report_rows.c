// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has rows of its own: calls, sites, vCPUs, modes of call sites.
 */
#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "report.h"

const char *const report_by_name[NR_REPORT_BY] = {
	[REPORT_BY_CALL] = "call",
	[REPORT_BY_SITE] = "site",
	[REPORT_BY_VCPU] = "vcpu",
	[REPORT_BY_MODE] = "mode",
};

const struct text_column report_texts[NR_REPORT_BY][REPORT_TEXTS] = {
	[REPORT_BY_CALL] = {{"name", "call", false}},
	[REPORT_BY_SITE] = {{"call", "call", false},
			    {"address", "return to", true},
			    {"site", "function", true},
			    {"line", "line", true}},
	[REPORT_BY_VCPU] = {{"host", "host", false}, {"vcpu", "vCPU", false}},
	[REPORT_BY_MODE] = {{"call", "call", false}, {"mode", "mode", false}},
};

static char *text(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

static char *text(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		err(EXIT_FAILURE, "memory");
	va_end(args);
	return text;
}

static struct report_row *add_row(struct report_rows *rows)
{
	struct report_row *row;

	/* Twice as much each time that a power of two is full. */
	if ((rows->nr & (rows->nr - 1)) == 0) {
		rows->row = reallocarray(rows->row, rows->nr ? 2 * rows->nr : 1,
					 sizeof(*rows->row));
		if (!rows->row)
			err(EXIT_FAILURE, "memory");
	}
	row = &rows->row[rows->nr++];
	*row = (struct report_row){0};
	return row;
}

static void add_calls(struct report_rows *rows, const struct profile *profile)
{
	for (size_t i = 0; i < profile->nr_rows; i++) {
		struct report_row *row = add_row(rows);

		row->numbers = profile->rows[i];
		row->text[0] = text("%s", row->numbers.name);
	}
}

static void add_site(struct report_rows *rows, const struct profile *profile,
		     const struct site *site, struct places *places)
{
	struct report_row *row = add_row(rows);
	char where[128];

	profile_fill_site(&row->numbers, profile, site);
	row->text[0] = text("%s", row->numbers.name);
	row->text[1] = text("0x%08" PRIx32, site->ret);
	if (!places || !places_find(places, site->ret, &row->place))
		return;
	symbol_place_text(&row->place, where, sizeof(where));
	row->text[2] = text("%s", where);
	if (row->place.file)
		row->text[3] =
			text("%s:%u%s%s", row->place.file, row->place.line,
			     row->place.inlined ? " in " : "",
			     row->place.inlined ? row->place.inlined : "");
}

static void add_sites(struct report_rows *rows, const struct profile *profile,
		      struct places *places)
{
	const struct sites *sites = profile->tally->sites;

	for (size_t i = 0; i < sites->size; i++) {
		if (sites->site[i].count)
			add_site(rows, profile, &sites->site[i], places);
	}
}

static void add_vcpus(struct report_rows *rows, const struct profile *profile)
{
	const struct trace_filter *filter = &profile->tally->request->filter;

	for (size_t i = 0; i < profile->trace->nr_streams; i++) {
		const struct trace_stream *stream = &profile->trace->streams[i];
		struct report_row *row;

		if (filter->vcpus_given && !filter->vcpu[stream->vcpu])
			continue;
		row = add_row(rows);
		profile_fill_stream(&row->numbers, profile, stream);
		if (stream->host)
			row->text[0] = text("%s", stream->host);
		row->text[1] = text("%u", stream->vcpu);
		row->numbers.name = row->text[stream->host ? 0 : 1];
	}
}

/* How long the sites of the call were in the mode; NAN: not known. */
static double mode_seconds(const struct run_info *info, unsigned int nr,
			   const char *mode)
{
	const struct run_mode *last = NULL;
	double seconds = 0;

	for (size_t i = 0; i < info->nr_modes; i++) {
		const struct run_mode *change = &info->modes[i];

		if (change->nr != nr)
			continue;
		if (last && !strcmp(last->mode, mode))
			seconds += change->since_s - last->since_s;
		last = change;
	}
	if (last && !strcmp(last->mode, mode))
		seconds += fmax(0, info->duration_s - last->since_s);
	return last && info->duration_s > 0 ? seconds : NAN;
}

/* Sites in these modes do not call the ROM. */
static bool is_silent(const char *mode)
{
	return mode && (!strcmp(mode, "native") || !strcmp(mode, "inline") ||
			!strcmp(mode, "count"));
}

static void add_mode(struct report_rows *rows, const struct profile *profile,
		     unsigned int nr, unsigned int mode)
{
	const struct tally *tally = profile->tally;
	const char *name = mode ? tally->modes->name[mode] : NULL;
	const double seconds =
		name ? mode_seconds(profile->info, nr, name) : NAN;
	const uint64_t count =
		tally->mode[mode] ? tally->mode[mode]->call[nr].count : 0;
	struct report_row *row;

	if (!count && !(seconds > 0 && profile->stats->call[nr].count))
		return;
	row = add_row(rows);
	profile_fill_call(&row->numbers, profile,
			  count ? tally->mode[mode] : profile->stats, nr);
	if (!count) {
		/* No events: nothing is known but for how long. */
		row->numbers = (struct profile_row){
			.name = row->numbers.name,
			.nr = nr,
			.count = is_silent(name) ? NAN : 0,
			.share_calls = is_silent(name) ? NAN : 0,
			.share_cycles = NAN,
			.cycles = NAN,
			.mean_cycles = NAN,
			.p50_cycles = NAN,
			.p99_cycles = NAN,
			.max_cycles = NAN,
			.stolen_cycles = NAN,
			.wait_cycles = NAN,
			.interrupted = NAN,
		};
	}
	row->numbers.seconds = seconds;
	row->text[0] = text("%s", row->numbers.name);
	row->text[1] = text("%s", name ? name : "not known");
}

static void add_modes(struct report_rows *rows, const struct profile *profile)
{
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		for (unsigned int mode = 0;
		     call_table[nr].name && mode < profile->tally->modes->nr;
		     mode++)
			add_mode(rows, profile, nr, mode);
	}
}

struct report_rows *report_rows_new(const struct profile *profile,
				    enum report_by by, struct places *places)
{
	struct report_rows *rows = calloc(1, sizeof(*rows));

	if (!rows)
		err(EXIT_FAILURE, "memory");
	rows->by = by;
	switch (by) {
	case REPORT_BY_SITE:
		add_sites(rows, profile, places);
		break;
	case REPORT_BY_VCPU:
		add_vcpus(rows, profile);
		break;
	case REPORT_BY_MODE:
		add_modes(rows, profile);
		break;
	default:
		add_calls(rows, profile);
	}
	return rows;
}

void report_rows_free(struct report_rows *rows)
{
	for (size_t i = 0; i < rows->nr; i++) {
		for (size_t t = 0; t < REPORT_TEXTS; t++)
			free(rows->row[i].text[t]);
	}
	free(rows->row);
	free(rows);
}
