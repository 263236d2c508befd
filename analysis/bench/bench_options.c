// SPDX-License-Identifier: GPL-2.0-only
#include "bench_options.h"
#include "lib/options.h"

#include <argp.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>


#define SAMPLES_MAX	10000
#define REPEAT_MAX	1000
#define EVENTS_MIN	100000
#define EVENTS_MAX	2000000000
#define TIMEOUT_MAX_S	(24ul * 3600)

enum {
	KEY_SET = 0x100,
	KEY_PLATFORM,
	KEY_SAMPLES,
	KEY_REPEAT,
	KEY_ONLY,
	KEY_EVENTS,
	KEY_TIMEOUT,
};

static const struct argp_option options_table[] = {
	{ "set", KEY_SET, "NAME[,NAME...]", 0,
	  "what to measure: quick (default: guest and host, under a minute), full (all, with more samples), or sets by name: guest, host, linux, drain, report",
	  1 },
	{ "platform", KEY_PLATFORM, "NAME[,NAME...]", 0,
	  "where: exact, emulated, host, kvm, throughput (default: all that the sets have)",
	  1 },
	{ "only", KEY_ONLY, "NAME[,NAME...]", 0,
	  "of the guest only these calls, of Linux only these benchmarks, of drain and report only these forms", 1 },
	{ "output", 'o', "FILE", 0, "write the results into FILE", 2 },
	{ "samples", KEY_SAMPLES, "N", 0, "samples of each case in a boot", 3 },
	{ "repeat", KEY_REPEAT, "N", 0, "boot everything N times", 3 },
	{ "events", KEY_EVENTS, "N", 0,
	  "calls that drain (default 32 million) and report (100 million) record", 3 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0,
	  "end a boot or program that takes longer (default 1800)", 3 },
	{ "quiet", 'q', NULL, 0, "no progress and no table", 4 },
	{ 0 },
};

const char *const bench_set_names[NR_SETS] = {
	[SET_GUEST] = "guest",
	[SET_HOST] = "host",
	[SET_LINUX] = "linux",
	[SET_DRAIN] = "drain",
	[SET_REPORT] = "report",
};

bool bench_set_has(enum bench_set set, enum result_platform platform)
{
	switch (platform) {
	case PLATFORM_EXACT:
	case PLATFORM_EMULATED:
	case PLATFORM_KVM:
		return set == SET_GUEST;
	case PLATFORM_HOST:
		return set == SET_HOST;
	case PLATFORM_THROUGHPUT:
		return set == SET_DRAIN || set == SET_REPORT;
	default:
		return set == SET_LINUX;
	}
}

/* What a word of --platform stands for: of Linux the same, by a longer name. */
static bool choose_platform(struct bench_options *options, const char *word)
{
	static const struct {
		const char *word;
		enum result_platform linux_too;
	} pairs[] = {
		{ "exact", PLATFORM_LINUX_EXACT },
		{ "emulated", PLATFORM_LINUX_EMULATED },
		{ "kvm", PLATFORM_LINUX_KVM },
	};
	int nr = platform_by_name(word);

	if (nr < 0)
		return false;
	options->platform[nr] = true;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (!strcmp(pairs[i].word, word))
			options->platform[pairs[i].linux_too] = true;
	}
	return true;
}

static bool choose_set(struct bench_options *options, const char *word)
{
	bool full = !strcmp(word, "full");

	if (full || !strcmp(word, "quick")) {
		options->full |= full;
		options->set[SET_GUEST] = true;
		options->set[SET_HOST] = true;
		options->set[SET_LINUX] |= full;
		options->set[SET_DRAIN] |= full;
		options->set[SET_REPORT] |= full;
		return true;
	}
	for (int i = 0; i < NR_SETS; i++) {
		if (!strcmp(word, bench_set_names[i])) {
			options->set[i] = true;
			return true;
		}
	}
	return false;
}

static void parse_list(struct argp_state *state, const char *option,
		       const char *arg, const char *expected,
		       bool (*choose)(struct bench_options *, const char *))
{
	char *list = strdup(arg), *rest = list, *word;

	if (!list)
		err(EXIT_FAILURE, "memory");
	while ((word = strsep(&rest, ","))) {
		if (!choose(state->input, word))
			argp_error(state, "--%s: found '%s', expected %s",
				   option, word, expected);
	}
	free(list);
}

/* They become words of a kernel command line. */
static bool check_name(struct bench_options *options, const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	(void)options;
	return n && !word[n];
}

static void set_sets(struct bench_options *options, const char *arg,
		     struct argp_state *state)
{
	memset(options->set, 0, sizeof(options->set));
	free(options->set_text);
	options->set_text = strdup(arg);
	if (!options->set_text)
		err(EXIT_FAILURE, "memory");
	parse_list(state, "set", arg, "quick, full, guest, host, linux, drain or report",
		   choose_set);
}

/* Only what both sets and platforms ask for; misuse if that is nothing. */
static void finish(struct bench_options *options, struct argp_state *state)
{
	bool any = false;

	for (int p = 0; p < NR_PLATFORMS; p++) {
		bool wanted = false;

		for (int s = 0; s < NR_SETS; s++)
			wanted |= options->set[s] &&
				  bench_set_has((enum bench_set)s,
						(enum result_platform)p);
		if (options->platform_named)
			wanted &= options->platform[p];
		options->platform[p] = wanted;
		any |= wanted;
	}
	if (!any)
		argp_error(state, "--set=%s has nothing on that platform: guest runs on exact, emulated and kvm, linux too, host on host, drain and report on throughput",
			   options->set_text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct bench_options *options = state->input;

	switch (key) {
	case KEY_SET:
		set_sets(options, arg, state);
		return 0;
	case KEY_PLATFORM:
		options->platform_named = true;
		parse_list(state, "platform", arg,
			   "exact, emulated, host, kvm or throughput", choose_platform);
		return 0;
	case KEY_ONLY:
		parse_list(state, "only", arg, "names of calls or benchmarks",
			   check_name);
		options->only = arg;
		return 0;
	case 'o':
		options->output = arg;
		return 0;
	case KEY_SAMPLES:
		/* With fewer there is no interval of 95 %. */
		options->samples = option_number(state, "samples", arg,
						 SAMPLES_MIN_CI95, SAMPLES_MAX);
		return 0;
	case KEY_REPEAT:
		options->repeat =
			option_number(state, "repeat", arg, 1, REPEAT_MAX);
		return 0;
	case KEY_EVENTS:
		options->events = option_number(state, "events", arg,
						EVENTS_MIN, EVENTS_MAX);
		return 0;
	case KEY_TIMEOUT:
		options->timeout_s =
			option_number(state, "timeout", arg, 1, TIMEOUT_MAX_S);
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is no option", arg);
		return 0;
	case ARGP_KEY_END:
		finish(options, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void bench_options_parse(struct bench_options *options, int argc, char **argv)
{
	static const struct argp argp = {
		.options = options_table,
		.parser = parse,
		.doc = "Measure what a VMI call costs in each form, and how many are recorded and read a second.\v"
		       "The exit status is 0 when everything asked for was measured, 2 when something failed or a platform "
		       "named by --platform is not supported here (what could be measured is in FILE), 1 when nothing was.\n\n"
		       "QEMU in the environment names another QEMU.",
	};

	*options = (struct bench_options){
		.set_text = strdup("quick"),
		.set = { [SET_GUEST] = true, [SET_HOST] = true },
		.timeout_s = 1800,
	};
	if (options_parse(&argp, argc, argv, 0, options))
		exit(argp_err_exit_status);
}

void bench_options_free(struct bench_options *options)
{
	free(options->set_text);
}
