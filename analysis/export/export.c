// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof export - a trace for other tools
 */
#include "export.h"

#include <argp.h>
#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "export_file.h"
#include "lib/call_table.h"
#include "lib/options.h"
#include "lib/text.h"
#include "trace/lttng_source.h"
#include "vmiprof.h"

#define LABELS_MAX 16

enum { OPTION_VMLINUX = 0x200, OPTION_WEIGHT, OPTION_LABEL, OPTION_CLOCK };

static const struct format {
	const char *name;
	const struct export_events *events;
	void (*summary)(struct export *e);
	bool sites;  /* the summary has them */
	bool levels; /* works without events, on what the guest added up */
} formats[] = {
	{"perf-script", &export_perf_script, NULL, false, false},
	{"folded", NULL, export_folded, true, false},
	{"chrome", &export_chrome, NULL, false, false},
	{"csv", &export_csv, NULL, false, false},
	{"openmetrics", NULL, export_openmetrics, false, true},
	{"prometheus", NULL, export_prometheus, false, true},
};

#define NR_FORMATS (sizeof(formats) / sizeof(formats[0]))

struct options {
	const char *dir, *output, *vmlinux;
	const struct format *format;
	enum export_weight weight;
	bool monotonic;
	struct tally_request request;
	struct export_label label[LABELS_MAX];
	size_t nr_labels;
};

static const struct argp_option option_list[] = {
	{"format", 'f', "perf-script|folded|chrome|csv|openmetrics|prometheus",
	 0, "Write this format", 0},
	{"output", 'o', "FILE", 0,
	 "Write FILE, whole or not at all (default: standard output)", 0},
	{"vmlinux", OPTION_VMLINUX, "FILE", 0,
	 "Name call sites by this ELF file or System.map (default: as "
	 "recorded)",
	 0},
	{"weight", OPTION_WEIGHT, "cycles|calls", 0,
	 "What folded and perf-script weigh a call by (default: cycles)", 0},
	{"clock", OPTION_CLOCK, "begin|monotonic", 0,
	 "Times of perf-script, chrome and csv: from the trace's begin, or of "
	 "the host's CLOCK_MONOTONIC (default: begin)",
	 0},
	{"label", OPTION_LABEL, "NAME=VALUE", 0,
	 "openmetrics, prometheus: put this label on every sample", 0},
	{0}};

static void parse_format(struct argp_state *state, struct options *options,
			 const char *name)
{
	for (size_t i = 0; i < NR_FORMATS; i++) {
		if (!strcmp(formats[i].name, name)) {
			options->format = &formats[i];
			return;
		}
	}
	argp_error(state,
		   "--format: found '%s', expected perf-script, folded, "
		   "chrome, csv, openmetrics or prometheus",
		   name);
}

/* [a-zA-Z_][a-zA-Z0-9_]*, and no name that we or the formats use. */
static bool label_is_good(const char *name, size_t length)
{
	static const char *const taken[] = {
		"call",	  "le",	 "guest",  "rom",  "accelerator",
		"cycles", "cpu", "kernel", "qemu", "started"};

	if (!length || isdigit((unsigned char)*name))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return false;
	}
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (strlen(taken[i]) == length &&
		    !strncmp(taken[i], name, length))
			return false;
	}
	return length < 2 || strncmp(name, "__", 2) != 0;
}

static void parse_label(struct argp_state *state, struct options *options,
			char *arg)
{
	char *equals = strchr(arg, '=');

	if (!equals || !label_is_good(arg, (size_t)(equals - arg))) {
		argp_error(state,
			   "--label=%s: expected NAME=VALUE with a name of "
			   "letters, digits and _ that is not in use",
			   arg);
		return;
	}
	if (options->nr_labels == LABELS_MAX)
		argp_error(state, "--label: more than %d", LABELS_MAX);
	*equals = '\0';
	text_clean(equals + 1);
	for (size_t i = 0; i < options->nr_labels; i++) {
		if (!strcmp(options->label[i].name, arg))
			argp_error(state, "--label: '%s' twice", arg);
	}
	options->label[options->nr_labels].name = arg;
	options->label[options->nr_labels++].value = equals + 1;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->request.filter;
		return 0;
	case 'f':
		parse_format(state, options, arg);
		return 0;
	case 'o':
		options->output = arg;
		return 0;
	case OPTION_VMLINUX:
		options->vmlinux = arg;
		return 0;
	case OPTION_WEIGHT:
		if (!strcmp(arg, "calls"))
			options->weight = WEIGHT_CALLS;
		else if (strcmp(arg, "cycles") != 0)
			argp_error(state,
				   "--weight: found '%s', expected cycles or "
				   "calls",
				   arg);
		return 0;
	case OPTION_CLOCK:
		options->monotonic = !strcmp(arg, "monotonic");
		if (!options->monotonic && strcmp(arg, "begin") != 0)
			argp_error(state,
				   "--clock: found '%s', expected begin or "
				   "monotonic",
				   arg);
		return 0;
	case OPTION_LABEL:
		parse_label(state, options, arg);
		return 0;
	case ARGP_KEY_ARG:
		if (options->dir)
			argp_error(state, "one trace at a time: '%s' too", arg);
		options->dir = arg;
		return 0;
	case ARGP_KEY_END:
		if (!options->dir)
			argp_error(state, "which trace? (the directory that "
					  "vmiprof record -o made)");
		if (!options->format)
			argp_error(state, "which --format? perf-script, folded,"
					  " chrome, csv, openmetrics or "
					  "prometheus");
		else if (options->nr_labels && !options->format->levels)
			argp_error(state, "--label is for openmetrics and "
					  "prometheus");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Streams of one run stand together. */
static bool same_run(const struct trace_stream *a, const struct trace_stream *b)
{
	return a->time_begin == b->time_begin &&
	       (a->host == b->host ||
		(a->host && b->host && !strcmp(a->host, b->host)));
}

unsigned int export_run_number(const struct trace *trace,
			       const struct trace_stream *stream)
{
	unsigned int number = 1;

	for (size_t i = 1; &trace->streams[i] <= stream; i++)
		number += !same_run(&trace->streams[i - 1], &trace->streams[i]);
	return number;
}

void export_process(const struct export *e, const struct trace_stream *stream,
		    char *text, size_t bytes)
{
	const char *guest = e->info->guest ? e->info->guest : "guest";
	const char *slash = strrchr(guest, '/');

	guest = slash && slash[1] ? slash + 1 : guest;
	if (stream && stream->host)
		text_set(text, bytes, "%s:%s", stream->host, guest);
	else
		text_set(text, bytes, "%s%s",
			 isdigit((unsigned char)*guest) ? "guest-" : "", guest);
	text_clean(text);
	for (; *text; text++) {
		if (isspace((unsigned char)*text))
			*text = '_';
	}
}

uint64_t export_weight_of(const struct export *e,
			  const struct vmi_record *record)
{
	if (e->weight == WEIGHT_CALLS)
		return 1;
	/* An interrupted call's cycles are the handler's as well. */
	if (record->word & VMI_REC_INTERRUPTED ||
	    !call_has_cycles(trace_record_call(record)))
		return 0;
	return trace_record_cycles(record);
}

struct reading {
	struct export *e;
	const struct export_events *events;
	uint64_t count[VMI_NR_SLOTS]; /* of each call, exported or not */
};

static void visit(void *arg, const struct trace_packet *packet)
{
	struct reading *reading = arg;
	struct filter_window window;

	for (const char *p = packet->begin; p < packet->end;
	     p += trace_record_bytes(p))
		reading->count[trace_record_call(
			(const struct vmi_record *)p)]++;
	if (ferror(reading->e->out->file))
		return;
	if (filter_packet(reading->e->filter, packet, &window))
		reading->events->visit(reading->e, packet, &window);
	else if (reading->events->skip)
		reading->events->skip(reading->e, packet);
}

/* False after a message: CLOCK_MONOTONIC is asked for and not known. */
static bool set_clock(struct export *e, const struct options *options)
{
	const struct run_info *info = e->info;

	if (!options->monotonic)
		return true;
	if (!info->clock_known || info->clock_offset_ns < 0) {
		warnx("%s: --clock=monotonic: the recording does not know "
		      "the host's clock%s%s",
		      options->dir, info->clock_how ? ": " : "",
		      info->clock_how ? info->clock_how : "");
		return false;
	}
	warnx("times are of CLOCK_MONOTONIC, to within %.3g us",
	      (double)info->clock_error_ns / 1e3);
	e->monotonic = true;
	e->zero_ns = (uint64_t)info->clock_offset_ns;
	return true;
}

/* What has no place for it in the format is told here. */
static void tell_partial(const struct options *options,
			 const struct run_info *info)
{
	if (info->status && !run_info_is_complete(info))
		warnx("%s: partial: the recording was cut short: %s",
		      options->dir, or_unknown(info->reason));
}

static void tell_level(const struct options *options,
		       const struct run_info *info)
{
	if (info->totals && !options->format->levels)
		warnx("%s: recorded at level %s: there are no events in it",
		      options->dir, run_levels[info->level].name);
}

/* False after a message: the file that was named cannot be read. */
static bool open_sites(struct export *e, const struct options *options)
{
	e->places = places_open(e->info, options->vmlinux, &e->problems);
	if (!e->places)
		return false;
	e->sites = export_sites_new(e->places, options->vmlinux
						       ? options->vmlinux
						       : e->info->symbols_file);
	return true;
}

static void close_sites(struct export *e)
{
	export_sites_free(e->sites);
	places_free(e->places);
}

/* A weight is each call's own, and most have no cycles at some levels. */
static void choose_weight(struct export *e, const struct options *options)
{
	if (options->format->events != &export_perf_script ||
	    e->weight != WEIGHT_CYCLES ||
	    !run_levels[e->info->level].sampled)
		return;
	warnx("%s: recorded at level %s: few calls have cycles, so each weighs 1; "
	      "folded has estimates",
	      options->dir, run_levels[e->info->level].name);
	e->weight = WEIGHT_CALLS;
}

/* Event by event; memory stays flat.  Returns the exit status. */
static int write_events(struct export *e, const struct options *options)
{
	struct reading reading = {e, options->format->events, {0}};
	struct run_info *info;
	int status = VMIPROF_ERROR;

	e->trace = trace_open(options->dir);
	if (!e->trace)
		return VMIPROF_ERROR;
	info = trace_run_info(e->trace, &e->problems);
	e->info = info;
	if (set_clock(e, options) && open_sites(e, options)) {
		choose_weight(e, options);
		options->format->events->begin(e);
		trace_read(e->trace, visit, &reading);
		run_info_compare(info, e->trace, &e->problems);
		run_info_compare_calls(info, e->trace, reading.count,
				       &e->problems);
		options->format->events->end(e);
		tell_level(options, info);
		tell_partial(options, info);
		status = export_is_damaged(e) ? VMIPROF_PARTIAL : VMIPROF_OK;
		close_sites(e);
	}
	run_info_free(info);
	trace_close(e->trace);
	return status;
}

/* What the trace adds up to. */
static int write_summary(struct export *e, const struct options *options)
{
	struct profile *profile = profile_read(options->dir, &options->request);
	int status = VMIPROF_ERROR;

	if (!profile)
		return VMIPROF_ERROR;
	e->profile = profile;
	e->trace = profile->trace;
	e->info = profile->info;
	if (open_sites(e, options)) {
		options->format->summary(e);
		tell_level(options, e->info);
		tell_partial(options, e->info);
		status = export_is_damaged(e) ? VMIPROF_PARTIAL : VMIPROF_OK;
		close_sites(e);
	}
	profile_free(profile);
	return status;
}

int cmd_export(int argc, char **argv)
{
	static const struct argp_child children[] = {
		{&filter_argp, 0, "Which calls:", 0}, {0}};
	static const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "DIR",
		.doc = "Write the trace in DIR in a format of other tools.",
		.children = children,
	};
	struct options options = {0};
	struct export_file file;
	struct export e = {0};
	int status;

	options_parse(&argp, argc, argv, 0, &options);
	options.request.sites = options.format->sites;
	if (!export_file_open(&file, options.output))
		return VMIPROF_ERROR;
	e.out = &file.out;
	e.filter = &options.request.filter;
	e.weight = options.weight;
	e.labels = options.label;
	e.nr_labels = options.nr_labels;
	if (options.format->events)
		status = write_events(&e, &options);
	else
		status = write_summary(&e, &options);
	problems_free(&e.problems);
	if (status == VMIPROF_ERROR) {
		export_file_drop(&file);
		return status;
	}
	return export_file_close(&file) ? status : VMIPROF_ERROR;
}
