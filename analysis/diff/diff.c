// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof diff - what is different in two traces, or two results.json
 */
#include "diff.h"

#include <argp.h>
#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/options.h"
#include "lib/standard_files.h"
#include "trace/filter.h"
#include "vmiprof.h"

#define SITES_SHOWN 20

enum { OPTION_CSV = 0x200, OPTION_EXIT_CODE, OPTION_VMLINUX };

struct options {
	const char *path[2];
	int nr_paths;
	struct diff_options diff;
	struct diff_show show;
	bool json, csv, exit_code;
};

static const struct argp_option option_list[] = {
	{"all", 'a', NULL, 0, "Show what did not change as well", 0},
	{"limit", 'n', "N", 0,
	 "Show so many lines of each table; 0: all of them (default: 20)", 0},
	{"threshold", 't', "PERCENT", 0,
	 "From where on a figure that is not exact has changed (default: 5)",
	 0},
	{"json", 'j', NULL, 0, "Print JSON, with everything", 0},
	{"csv", OPTION_CSV, NULL, 0, "Print CSV, with everything", 0},
	{"exit-code", OPTION_EXIT_CODE, NULL, 0,
	 "Exit with 8 when something changed", 0},
	{"vmlinux", OPTION_VMLINUX, "FILE", 0,
	 "Name call sites by this ELF file or System.map (default: as "
	 "recorded)",
	 0},
	{0}};

static double parse_threshold(struct argp_state *state, const char *arg)
{
	char *end;
	double percent = strtod(arg, &end);

	if (end == arg || *end || !(percent >= 0) || !isfinite(percent))
		argp_error(state,
			   "--threshold: found '%s', expected a percentage "
			   "from 0 on",
			   arg);
	return percent / 100;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->diff.request.filter;
		return 0;
	case 'a':
		options->show.everything = true;
		return 0;
	case 'n':
		options->show.limit =
			option_number(state, "limit", arg, 0, 1000000000);
		return 0;
	case 't':
		options->diff.threshold = parse_threshold(state, arg);
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case OPTION_CSV:
		options->csv = true;
		return 0;
	case OPTION_EXIT_CODE:
		options->exit_code = true;
		return 0;
	case OPTION_VMLINUX:
		options->diff.vmlinux = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (options->nr_paths == 2)
			argp_error(state, "two at a time: '%s' too", arg);
		else
			options->path[options->nr_paths++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (options->nr_paths < 2)
			argp_error(state, "which two? (directories of vmiprof "
					  "record -o, or results.json of "
					  "vmiprof bench -o)");
		if (options->json && options->csv)
			argp_error(state, "--json or --csv, not both");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Whether the paths are traces; false after a message when they are no pair. */
static bool get_kind(const struct options *options, bool *traces)
{
	bool is_dir[2];

	for (int i = 0; i < 2; i++) {
		struct stat st;

		if (stat(options->path[i], &st)) {
			warn("%s", options->path[i]);
			return false;
		}
		is_dir[i] = S_ISDIR(st.st_mode);
	}
	if (is_dir[0] != is_dir[1]) {
		warnx("%s is a trace and %s a file of results: expected two of "
		      "a kind",
		      options->path[!is_dir[0]], options->path[is_dir[0]]);
		return false;
	}
	*traces = is_dir[0];
	if (!*traces && filter_given(&options->diff.request.filter)) {
		warnx("--call, --vcpu, --from and --to choose from traces: "
		      "found two files of results");
		return false;
	}
	return true;
}

static int show(const struct diff *diff, const struct options *options)
{
	size_t changed = 0;

	if (options->json)
		diff_show_json(diff);
	else if (options->csv)
		diff_show_csv(diff);
	else
		diff_show_text(diff, &options->show);
	for (size_t i = 0; i < diff->nr_tables; i++)
		changed += diff_nr_changed(&diff->table[i]);
	if (!standard_output_flush())
		return VMIPROF_ERROR;
	if (diff->damaged || diff->problems.nr)
		return VMIPROF_PARTIAL;
	return changed && options->exit_code ? VMIPROF_DIFFERS : VMIPROF_OK;
}

int cmd_diff(int argc, char **argv)
{
	static const struct argp_child children[] = {
		{&filter_argp, 0, "Which calls of traces:", 0}, {0}};
	static const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "OLD NEW",
		.doc = "Show what is different in two traces, or in two files "
		       "of results.",
		.children = children,
	};
	struct options options = {
		.diff = {.threshold = DIFF_THRESHOLD, .request.sites = true},
		.show = {.limit = SITES_SHOWN},
	};
	struct diff diff = {0};
	int status = VMIPROF_ERROR;
	bool traces;

	options_parse(&argp, argc, argv, 0, &options);
	if (!get_kind(&options, &traces))
		return VMIPROF_ERROR;
	diff.old_path = options.path[0];
	diff.new_path = options.path[1];
	diff.threshold = options.diff.threshold;
	if (traces ? diff_traces(&diff, &options.diff) : diff_results(&diff)) {
		diff_sort(&diff);
		status = show(&diff, &options);
	}
	diff_free(&diff);
	return status;
}
