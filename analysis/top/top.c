// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof top - the hot calls of a guest that is being recorded, live
 */
#include "top.h"

#include <argp.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "find_recording.h"
#include "lib/options.h"
#include "lib/signals.h"
#include "lib/standard_files.h"
#include "lib/tsc.h"
#include "live.h"
#include "screen.h"
#include "view.h"
#include "vmiprof.h"

#define NS_PER_MS	1000000ull
#define CALIBRATE_NS	(20 * NS_PER_MS)

enum {
	KEY_LIMIT = 256,
	KEY_VMLINUX,
};

struct options {
	const char *dir;
	pid_t pid;
	bool batch;
	bool json;
	unsigned int iterations;	/* 0: no limit */
	double delay_s;
	const char *vmlinux;
	struct view view;
};

static const struct argp_option option_list[] = {
	{"pid", 'p', "PID", 0, "Watch the recording of this process", 0},
	{"delay", 'd', "SECONDS", 0,
	 "From one update to the next (default: 2)", 0},
	{"iterations", 'n', "N", 0, "End after so many updates", 0},
	{"batch", 'b', NULL, 0, "Print plain text, for scripts", 0},
	{"json", 'j', NULL, 0, "Print a line of JSON for each update", 0},
	{"sites", 'c', NULL, 0, "Show call sites", 0},
	{"vcpus", '1', NULL, 0, "Show a line for each vCPU", 0},
	{"sort", 's', "KEY", 0,
	 "Sort by calls (the default), cycles, time, mean, max or name", 0},
	{"reverse", 'R', NULL, 0, "Smallest first", 0},
	{"limit", KEY_LIMIT, "N", 0, "Print N rows at most", 0},
	{"vmlinux", KEY_VMLINUX, "FILE", 0,
	 "Names of call sites: vmlinux, another ELF file or a System.map", 0},
	{0}};

static double parse_delay(struct argp_state *state, const char *arg)
{
	char *end;
	double delay_s = strtod(arg, &end);

	if (end == arg || *end ||
	    !(delay_s >= TOP_DELAY_MIN_S && delay_s <= TOP_DELAY_MAX_S))
		argp_error(state,
			   "--delay: found '%s', expected %.1f to %.0f seconds",
			   arg, TOP_DELAY_MIN_S, TOP_DELAY_MAX_S);
	return delay_s;
}

static enum view_sort parse_sort(struct argp_state *state, const char *arg)
{
	int sort = view_sort_by_name(arg);

	if (sort < 0)
		argp_error(state,
			   "--sort: found '%s', expected one of: calls cycles time mean max name",
			   arg);
	return (enum view_sort)sort;
}

static void set_dir(struct argp_state *state, struct options *options,
		    const char *arg)
{
	if (options->dir)
		argp_error(state, "one recording at a time: '%s' too", arg);
	options->dir = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'p':
		options->pid = (pid_t)option_number(state, "pid", arg, 1,
						    INT_MAX);
		return 0;
	case 'd':
		options->delay_s = parse_delay(state, arg);
		return 0;
	case 'n':
		options->iterations =
			option_number(state, "iterations", arg, 1, UINT_MAX);
		return 0;
	case 'j':
		options->json = true;
		options->batch = true;
		return 0;
	case 'b':
		options->batch = true;
		return 0;
	case 'c':
		options->view.sites = true;
		return 0;
	case '1':
		options->view.vcpus = true;
		return 0;
	case 's':
		options->view.sort = parse_sort(state, arg);
		return 0;
	case 'R':
		options->view.reverse = true;
		return 0;
	case KEY_LIMIT:
		options->view.rows =
			option_number(state, "limit", arg, 1, UINT_MAX);
		return 0;
	case KEY_VMLINUX:
		options->vmlinux = arg;
		return 0;
	case ARGP_KEY_ARG:
		set_dir(state, options, arg);
		return 0;
	case ARGP_KEY_END:
		if (options->dir && options->pid)
			argp_error(state, "a directory and --pid: one of them "
					  "names the recording");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool print_shot(const struct options *options, const struct live *live,
		       struct live_shot *shot)
{
	view_sort(&options->view, shot);
	if (options->json) {
		view_print_json(&options->view, live, shot, stdout);
	} else {
		view_print_summary(&options->view, live, shot, stdout);
		view_print_header(&options->view, stdout);
		view_print_rows(&options->view, live, shot, stdout);
		putchar('\n');
	}
	return standard_output_flush();
}

/* False once nothing more comes. */
static bool pass_interval(const struct options *options,
			  const struct recording_place *place,
			  struct live *live)
{
	const uint64_t begin_ns = clock_ns();

	while ((double)(clock_ns() - begin_ns) < options->delay_s * 1e9) {
		if (stop_signal || !live_look(live) || recording_ended(place))
			return false;
		nap(TOP_LOOK_MS * NS_PER_MS);
	}
	return true;
}

/* An interval after the other, from the guest's Init on. */
static int run_batch(const struct options *options,
		     const struct recording_place *place, struct live *live)
{
	struct live_shot *shot = malloc(sizeof(*shot));
	unsigned int shown = 0;
	bool written = true;

	if (!shot)
		err(EXIT_FAILURE, "memory");
	while (written && (!options->iterations || shown < options->iterations) &&
	       pass_interval(options, place, live)) {
		if (!live->on)
			continue;
		live_take(live, shot);
		written = print_shot(options, live, shot);
		free(shot->site);
		shown++;
	}
	free(shot);
	if (!written)
		return VMIPROF_ERROR;
	if (stop_signal || *live->error || !recording_ended(place))
		return VMIPROF_OK;
	if (!shown)
		return VMIPROF_ERROR;
	return shown < options->iterations ? VMIPROF_PARTIAL : VMIPROF_OK;
}

static int run_screen(const struct options *options,
		      const struct recording_place *place, struct live *live)
{
	struct view view = options->view;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		warnx("this is no terminal; --batch prints plain text");
		return VMIPROF_ERROR;
	}
	return screen_run(place, live, &view, options->delay_s,
			  options->iterations)
		       ? VMIPROF_OK
		       : VMIPROF_ERROR;
}

static int watch(const struct options *options,
		 const struct recording_place *place,
		 const struct guest_ram *ram)
{
	static struct live live;
	const struct tsc_sample begin = tsc_sample();
	double tsc_hz = 0;
	int status;

	/* With --icount the guest's clock does not follow the host's. */
	if (!options->view.info->icount)
		tsc_hz = (double)tsc_hz_since(&begin, CALIBRATE_NS);
	live_begin(&live, ram, tsc_hz);
	if (options->view.info->known)
		live_expect(&live, options->view.info->level);
	catch_signals();
	status = options->batch ? run_batch(options, place, &live)
				: run_screen(options, place, &live);
	if (*live.error) {
		warnx("the guest got it wrong: %s", live.error);
		status = VMIPROF_GUEST_CORRUPT;
	} else if (recording_ended(place)) {
		warnx("the recording has ended%s%s", *place->dir ? ": " : "",
		      place->dir);
	}
	live_end(&live);
	if (stop_signal && stop_signal != SIGINT)
		return 128 + stop_signal;
	return status;
}

int cmd_top(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "[DIR]",
		.doc = "Show what a guest does that \"vmiprof record\" records "
		       "now: the recording that writes to DIR, that of --pid, "
		       "or the only one that runs.",
	};
	struct options options = {.delay_s = 2, .view.rows = SIZE_MAX};
	struct problems problems = {.quiet = true};
	struct recording_place place;
	struct guest_ram ram;
	int status = VMIPROF_ERROR;

	options_parse(&argp, argc, argv, 0, &options);
	if (!find_recording(&place, options.dir, options.pid))
		return VMIPROF_ERROR;
	if (!map_recording(&ram, &place)) {
		recording_place_free(&place);
		return VMIPROF_ERROR;
	}
	options.view.pid = place.pid;
	options.view.dir = place.dir;
	/* It says "partial" as long as the recording runs. */
	options.view.info = run_info_read(place.dir, &problems);
	problems.quiet = false;
	options.view.places = places_open(options.view.info, options.vmlinux,
					  &problems);
	if (options.view.places) {
		status = watch(&options, &place, &ram);
		places_free(options.view.places);
	}
	problems_free(&problems);
	run_info_free((struct run_info *)options.view.info);
	unmap_recording(&ram);
	recording_place_free(&place);
	return status;
}
