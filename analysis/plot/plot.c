// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof plot - draw the hot calls of a trace, or what calls cost by results
 */
#include <argp.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/options.h"
#include "lib/whole_file.h"
#include "plot_figure.h"
#include "report/report.h"
#include "vmiprof.h"

struct options {
	const char *input;	/* the directory of a trace, or a file */
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
		if (options->input)
			argp_error(state, "one trace or file at a time: '%s' too",
				   arg);
		options->input = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which trace or results? (the directory "
				  "that vmiprof record -o made, or the file of "
				  "vmiprof bench -o)");
		return 0;
	case ARGP_KEY_END:
		if (!options->output)
			argp_error(state, "which file to draw into? (-o FILE)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What is to be drawn: a trace, or results. */
struct subject {
	const struct profile *profile;
	const struct timeline *timeline;
	const struct results *results;
};

/* Run gnuplot; the picture goes to fd. */
static bool run_gnuplot(const struct subject *subject,
			const struct options *options, int fd)
{
	char *argv[] = {"gnuplot", "-", NULL};
	struct child gnuplot;
	int error, status;

	/* Names may be UTF-8, which gnuplot takes only from such a locale. */
	setenv("LC_ALL", "C.UTF-8", 1);
	/* When gnuplot fails, its exit status tells it. */
	(void)signal(SIGPIPE, SIG_IGN);
	error = child_open_filter(&gnuplot, argv, fd);
	if (error) {
		if (error == ENOENT)
			warnx("gnuplot not found: install gnuplot-nox");
		else
			warnx("gnuplot: %s", strerror(error));
		return false;
	}
	if (subject->results)
		figure_write_results(gnuplot.pipe, options->format,
				     subject->results);
	else
		figure_write(gnuplot.pipe, options->format, subject->profile,
			     subject->timeline);
	status = child_close(&gnuplot);
	if (status)
		warnx("gnuplot: exit status %d; %s was not drawn", status,
		      options->output);
	return status == 0;
}

/* gnuplot does not look whether its writes succeed. */
static bool is_whole(const char *picture, size_t bytes,
		     enum figure_format format)
{
	static const struct {
		const char *text;
		size_t bytes;
	} ends[] = {
		[FIGURE_PNG] = {"IEND\xae\x42\x60\x82", 8},
		[FIGURE_SVG] = {"</svg>", 6},
	};

	while (format == FIGURE_SVG && bytes &&
	       isspace((unsigned char)picture[bytes - 1]))
		bytes--;
	return bytes >= ends[format].bytes &&
	       !memcmp(picture + bytes - ends[format].bytes, ends[format].text,
		       ends[format].bytes);
}

/* Copy the picture in the memory file fd to where it shall be. */
static bool put_picture(const struct options *options, int fd, FILE *out)
{
	off_t bytes = lseek(fd, 0, SEEK_END);
	void *picture = bytes > 0 ? mmap(NULL, (size_t)bytes, PROT_READ,
					 MAP_SHARED, fd, 0)
				  : MAP_FAILED;
	bool whole = picture != MAP_FAILED &&
		     is_whole(picture, (size_t)bytes, options->format);

	if (whole)
		(void)fwrite(picture, 1, (size_t)bytes, out);
	else
		warnx("gnuplot: %lld bytes of a picture, and not its end; %s was not drawn",
		      (long long)bytes, options->output);
	if (picture != MAP_FAILED)
		munmap(picture, (size_t)bytes);
	return whole;
}

static bool draw(const struct subject *subject, const struct options *options,
		 FILE *out)
{
	int fd = memfd_create("picture", MFD_CLOEXEC);
	bool drawn;

	if (fd < 0) {
		warn("no memory for the picture");
		return false;
	}
	drawn = run_gnuplot(subject, options, fd) &&
		put_picture(options, fd, out);
	close(fd);
	return drawn;
}

static int plot_trace(const struct options *options, FILE *out)
{
	struct profile *profile = profile_load(options->input);
	struct subject subject = {.profile = profile};
	struct timeline *timeline;
	int status = VMIPROF_ERROR;

	if (!profile)
		return VMIPROF_ERROR;
	if (!profile->stats->events) {
		warnx("%s: no events, nothing to draw: the guest made no VMI "
		      "call, or its ROM does not record",
		      options->input);
	} else {
		report_sort(profile, report_column("count", REPORT_BY_CALL));
		timeline = profile->info->totals
				   ? NULL
				   : timeline_read(profile->trace,
						   profile->stats);
		subject.timeline = timeline;
		if (draw(&subject, options, out))
			status = profile_exit_status(profile);
		free(timeline);
	}
	profile_free(profile);
	return status;
}

static int plot_results(const struct options *options, FILE *out)
{
	struct problems problems = {0};
	struct results *results = results_load_sound(options->input, &problems);
	const struct subject subject = {.results = results};
	int status = VMIPROF_ERROR;

	problems_close(&problems);
	if (results && !results->nr_cases)
		warnx("%s: no cases, nothing to draw", options->input);
	else if (results && draw(&subject, options, out))
		status = problems.nr ? VMIPROF_PARTIAL : VMIPROF_OK;
	problems_free(&problems);
	results_free(results);
	return status;
}

static bool is_file(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISREG(status.st_mode);
}

int cmd_plot(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "DIR|FILE",
		.doc = "Draw the hot calls of the trace in DIR, or what calls "
		       "cost by the results in FILE.",
	};
	struct options options = {0};
	struct whole_file file;
	int status, error;

	options_parse(&argp, argc, argv, 0, &options);
	error = whole_file_open(&file, options.output);
	if (error) {
		warnx("cannot write %s: %s", options.output, strerror(error));
		return VMIPROF_ERROR;
	}
	status = is_file(options.input) ? plot_results(&options, file.out)
					: plot_trace(&options, file.out);
	if (status == VMIPROF_ERROR) {
		whole_file_drop(&file);
		return status;
	}
	error = whole_file_commit(&file);
	if (error) {
		warnx("cannot write %s: %s", options.output, strerror(error));
		return VMIPROF_ERROR;
	}
	return status;
}
