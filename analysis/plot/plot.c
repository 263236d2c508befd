// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof plot - draw the hot calls of a trace
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/child.h"
#include "plot_figure.h"
#include "report/report.h"
#include "vmiprof.h"

struct options {
	const char *dir;
	const char *output;
	enum figure_format format;
};

static const struct argp_option option_list[] = {
	{"output", 'o', "FILE", 0, "Draw into FILE.png or FILE.svg", 0}, {0}};

static bool has_suffix(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	return n > m && !strcmp(text + n - m, suffix);
}

static void set_output(struct options *options, const char *path,
		       struct argp_state *state)
{
	options->output = path;
	if (has_suffix(path, ".png"))
		options->format = FIGURE_PNG;
	else if (has_suffix(path, ".svg"))
		options->format = FIGURE_SVG;
	else
		argp_error(state,
			   "--output: found '%s', expected a name that ends in "
			   ".png or .svg",
			   path);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'o':
		set_output(options, arg, state);
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
	case ARGP_KEY_END:
		if (!options->output)
			argp_error(state, "which file to draw into? (-o FILE)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* gnuplot's own message for this is not a good one. */
static bool can_write(const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file) {
		warn("%s", path);
		return false;
	}
	(void)fclose(file);
	return true;
}

static bool draw(const struct profile *profile, const struct timeline *timeline,
		 const struct options *options)
{
	char *argv[] = {"gnuplot", "-", NULL};
	struct child gnuplot;
	int error, status;

	if (!can_write(options->output))
		return false;
	/* Names may be UTF-8, which gnuplot takes only from such a locale. */
	setenv("LC_ALL", "C.UTF-8", 1);
	/* When gnuplot fails, its exit status tells it. */
	(void)signal(SIGPIPE, SIG_IGN);
	error = child_open(&gnuplot, argv, CHILD_STDIN);
	if (error) {
		(void)remove(options->output);
		if (error == ENOENT)
			warnx("gnuplot not found: install gnuplot-nox");
		else
			warnx("gnuplot: %s", strerror(error));
		return false;
	}
	figure_write(gnuplot.pipe, options->format, options->output, profile,
		     timeline);
	status = child_close(&gnuplot);
	if (status) {
		(void)remove(options->output);
		warnx("gnuplot: exit status %d; %s was not drawn", status,
		      options->output);
	}
	return status == 0;
}

int cmd_plot(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "DIR",
		.doc = "Draw the hot calls of the trace in DIR.",
	};
	struct options options = {0};
	struct profile *profile;
	struct timeline *timeline;
	int status = VMIPROF_ERROR;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	profile = profile_load(options.dir);
	if (!profile)
		return VMIPROF_ERROR;
	if (!profile->stats->events) {
		warnx("%s: no events, nothing to draw: the guest made no VMI "
		      "call, or its ROM does not record",
		      options.dir);
	} else {
		report_sort(profile, report_column("count"));
		timeline = timeline_read(profile->trace, profile->stats);
		if (draw(profile, timeline, &options))
			status = profile_exit_status(profile);
		free(timeline);
	}
	profile_free(profile);
	return status;
}
