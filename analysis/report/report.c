// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof report - the hot calls of a trace
 */
#include "report.h"

#include <argp.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmiprof.h"

#define SORT_BY_NAME "name"

struct options {
	const char *dir;
	const char *sort;
	bool json;
};

static const struct argp_option option_list[] = {
	{"json", 'j', NULL, 0, "Print JSON", 0},
	{"sort", 's', "KEY", 0,
	 "Sort by this column, largest first (default: count)", 0},
	{0}};

/* Says which keys there are when key is none of them. */
static void check_sort(struct argp_state *state, const char *key)
{
	char keys[256] = "";
	FILE *out;

	if (!strcmp(key, SORT_BY_NAME) || report_column(key))
		return;
	out = fmemopen(keys, sizeof(keys), "w");
	if (!out)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < report_nr_columns; i++)
		(void)fprintf(out, " %s", report_columns[i].key);
	(void)fclose(out);
	argp_error(state,
		   "--sort: found '%s', expected one of: " SORT_BY_NAME "%s",
		   key, keys);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'j':
		options->json = true;
		return 0;
	case 's':
		check_sort(state, arg);
		options->sort = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (options->dir)
			argp_error(state, "one trace at a time: '%s' too", arg);
		options->dir = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which trace? (the directory that "
				  "vmiprof record -o made)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_report(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "DIR",
		.doc = "Show the hot calls of the trace in DIR.",
	};
	struct options options = {.sort = "count"};
	struct profile *profile;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	profile = profile_load(options.dir);
	if (!profile)
		return VMIPROF_ERROR;
	report_sort(profile, report_column(options.sort));
	if (options.json)
		report_print_json(profile);
	else
		report_print_table(profile);
	status = profile_exit_status(profile);
	profile_free(profile);
	if (fflush(stdout) || ferror(stdout)) {
		warn("standard output");
		return VMIPROF_ERROR;
	}
	return status;
}
