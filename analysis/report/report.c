// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof report - the hot calls of a trace
 */
#include "report.h"

#include <argp.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/options.h"
#include "lib/standard_files.h"
#include "perf/perf_report.h"
#include "vmiprof.h"

#define SORT_BY_NAME "name"

enum form { FORM_TABLE, FORM_JSON, FORM_CSV };

struct options {
	const char *dir;
	const char *sort;
	const char *vmlinux;
	enum form form;
	enum report_by by;
	size_t limit;
	bool perf;
	struct tally_request request;
};

/* Letters are for what is typed often. */
enum { KEY_CSV = 0x200, KEY_LIMIT, KEY_PERF, KEY_THREADS };

static const struct argp_option option_list[] = {
	{"by", 'b', "WHAT", 0,
	 "A row for each call, site, vcpu or mode (default: call)", 0},
	{"sort", 's', "KEY", 0,
	 "Sort by this column, largest first (default: count)", 0},
	{"limit", KEY_LIMIT, "N", 0, "Show N rows at most", 0},
	{"json", 'j', NULL, 0, "Print JSON", 0},
	{"csv", KEY_CSV, NULL, 0, "Print the rows as CSV", 0},
	{"vmlinux", 'k', "FILE", 0,
	 "Symbols of the guest for --by site: an ELF file or a System.map "
	 "(default: the file that the recording names)",
	 0},
	{"perf", KEY_PERF, NULL, 0,
	 "Show where the host spent the time of each call, by what perf "
	 "sampled "
	 "(record --perf)",
	 0},
	{"threads", KEY_THREADS, "N", 0,
	 "Read with N threads (default: one for each CPU)", 0},
	{0}};

static const struct argp_child children[] = {
	{&filter_argp, 0, "Which calls:", 0}, {0}};

/* Says which keys such rows have when key is none of them. */
static void check_sort(struct argp_state *state, const char *key,
		       enum report_by by)
{
	char keys[256] = "";
	FILE *out;

	if (!strcmp(key, SORT_BY_NAME) || report_column(key, by))
		return;
	out = fmemopen(keys, sizeof(keys), "w");
	if (!out)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < report_nr_columns; i++) {
		if (report_columns[i].of & 1u << by)
			(void)fprintf(out, " %s", report_columns[i].key);
	}
	(void)fclose(out);
	argp_error(state,
		   "--sort: found '%s', expected one of: " SORT_BY_NAME "%s",
		   key, keys);
}

static enum report_by get_by(struct argp_state *state, const char *arg)
{
	for (int by = 0; by < NR_REPORT_BY; by++) {
		if (!strcmp(arg, report_by_name[by]))
			return (enum report_by)by;
	}
	argp_error(state, "--by: found '%s', expected call, site, vcpu or mode",
		   arg);
	return REPORT_BY_CALL;
}

/* What does not go together. */
static void check_options(struct argp_state *state,
			  const struct options *options)
{
	check_sort(state, options->sort, options->by);
	if (options->vmlinux && options->by != REPORT_BY_SITE)
		argp_error(state, "--vmlinux names sites: --by site shows "
				  "them");
	if (options->perf &&
	    (options->by != REPORT_BY_CALL || options->form == FORM_CSV))
		argp_error(state, "--perf has lines of its own, for each call: "
				  "leave out --by and --csv");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->request.filter;
		return 0;
	case 'b':
		options->by = get_by(state, arg);
		return 0;
	case 'j':
		options->form = FORM_JSON;
		return 0;
	case KEY_PERF:
		options->perf = true;
		return 0;
	case KEY_CSV:
		options->form = FORM_CSV;
		return 0;
	case 'k':
		options->vmlinux = arg;
		return 0;
	case KEY_LIMIT:
		options->limit =
			option_number(state, "limit", arg, 1, UINT_MAX);
		return 0;
	case KEY_THREADS:
		options->request.threads = option_number(state, "threads", arg,
							 1, TRACE_THREADS_MAX);
		return 0;
	case 's':
		options->sort = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (options->dir)
			argp_error(state, "one trace at a time: '%s' too", arg);
		options->dir = arg;
		return 0;
	case ARGP_KEY_END:
		check_options(state, options);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which trace? (the directory that "
				  "vmiprof record -o made)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print(const struct report *report, enum form form)
{
	switch (form) {
	case FORM_JSON:
		report_print_json(report);
		break;
	case FORM_CSV:
		report_print_csv(report);
		break;
	default:
		report_print_table(report);
	}
}

/* Without events there are calls only. */
static bool fits_level(const struct profile *profile,
		       const struct options *options)
{
	if (!profile->info->totals || options->by == REPORT_BY_CALL)
		return true;
	warnx("%s: recorded at level %s, which keeps sums per call: --by %s "
	      "needs events (record --level=event)",
	      options->dir, run_levels[profile->info->level].name,
	      report_by_name[options->by]);
	return false;
}

static int report(struct profile *profile, const struct options *options)
{
	struct places *places = NULL;
	struct report_rows *rows;

	if (!fits_level(profile, options))
		return VMIPROF_ERROR;
	if (options->by == REPORT_BY_SITE) {
		places = places_open(profile->info, options->vmlinux,
				     &profile->trace->problems);
		if (!places)
			return VMIPROF_ERROR;
	}
	report_sort(profile, report_column(options->sort, REPORT_BY_CALL));
	rows = report_rows_new(profile, options->by, places);
	report_sort_rows(rows, report_column(options->sort, options->by));
	print(&(struct report){profile, rows, options->limit, places},
	      options->form);
	report_rows_free(rows);
	if (places)
		places_free(places);
	return profile_exit_status(profile);
}

int cmd_report(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "DIR",
		.doc = "Show the hot calls of the trace in DIR.",
		.children = children,
	};
	struct options options = {.sort = "count", .limit = SIZE_MAX};
	struct profile *profile;
	int status;

	options_parse(&argp, argc, argv, 0, &options);
	options.request.sites = options.by == REPORT_BY_SITE;
	options.request.streams = options.by == REPORT_BY_VCPU;
	options.request.modes = options.by == REPORT_BY_MODE;
	if (options.perf) {
		status = perf_report(&(struct perf_report_request){
			options.dir, options.request.filter, options.limit,
			options.form == FORM_JSON});
	} else {
		profile = profile_read(options.dir, &options.request);
		if (!profile)
			return VMIPROF_ERROR;
		status = report(profile, &options);
		profile_free(profile);
	}
	if (!standard_output_flush())
		return VMIPROF_ERROR;
	return status;
}
