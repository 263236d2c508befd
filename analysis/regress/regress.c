// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof regress - judge results by a baseline, or a Linux run by itself
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compare.h"
#include "lib/options.h"
#include "lib/standard_files.h"
#include "lib/whole_file.h"
#include "linux_gate.h"
#include "results/results.h"
#include "show.h"
#include "vmiprof.h"

enum {
	OPTION_TAP = 0x100,
	OPTION_JUNIT,
	OPTION_UPDATE,
	OPTION_REASON,
	OPTION_AGAIN,
	OPTION_LINUX,
	OPTION_ROM
};

struct options {
	const char *baseline, *new_run;
	const char *again;
	const char *junit;
	const char *reason;
	const char *linux_run, *rom;
	double threshold;
	bool wanted[NR_PLATFORMS];
	bool some_platforms, everything, json, tap, update;
};

static const struct argp_option option_list[] = {
	{"all", 'a', NULL, 0, "Show what passed as well", 0},
	{"platform", 'p', "NAME[,NAME...]", 0,
	 "Judge these platforms only (default: all)", 0},
	{"threshold", 't', "PERCENT", 0,
	 "How much a ratio of times may grow (default: 5)", 0},
	{"again", OPTION_AGAIN, "FILE", 0,
	 "Results of what made BASELINE, measured once more: the noise floor",
	 0},
	{"json", 'j', NULL, 0, "Print JSON", 0},
	{"tap", OPTION_TAP, NULL, 0, "Print TAP", 0},
	{"junit", OPTION_JUNIT, "FILE", 0, "Write JUnit's XML to FILE", 0},
	{"update", OPTION_UPDATE, NULL, 0,
	 "Make NEW the baseline; wants --reason", 0},
	{"reason", OPTION_REASON, "TEXT", 0,
	 "Why the new baseline is accepted; kept in it", 0},
	{"linux", OPTION_LINUX, "FILE", 0,
	 "Judge by itself what bench/linux/exact.sh -i wrote", 0},
	{"rom", OPTION_ROM, "FILE", 0,
	 "With --linux: the ROM that was inlined (default: as FILE says)", 0},
	{0}};

static void parse_platforms(struct argp_state *state, struct options *options,
			    const char *list)
{
	char *copy = strdup(list), *rest = copy, *name;

	if (!copy)
		err(VERDICT_ERROR, "memory");
	memset(options->wanted, 0, sizeof(options->wanted));
	options->some_platforms = true;
	while ((name = strsep(&rest, ","))) {
		int platform = platform_by_name(name);

		if (platform < 0)
			argp_error(state,
				   "--platform: found '%s', which is not "
				   "one; docs/results.md lists them",
				   name);
		else
			options->wanted[platform] = true;
	}
	free(copy);
}

static double parse_threshold(struct argp_state *state, const char *text)
{
	char *end;
	double percent = strtod(text, &end);

	if (end == text || *end || !isfinite(percent) || percent < 0)
		argp_error(state,
			   "--threshold: found '%s', expected a "
			   "percentage, 0 or more",
			   text);
	return percent / 100;
}

static void check_together(struct argp_state *state,
			   const struct options *options)
{
	if (options->json && options->tap)
		argp_error(state, "--json and --tap: one of them");
	if (options->linux_run && (options->baseline || options->update ||
				   options->again || options->some_platforms))
		argp_error(state,
			   "--linux judges one run by itself: no "
			   "BASELINE, NEW, --update, --again, --platform");
	if (!options->linux_run && options->rom)
		argp_error(state, "--rom is for --linux");
	if (!options->linux_run && !options->new_run)
		argp_error(state, "which baseline, and which new results?");
	if (options->update != !!options->reason ||
	    (options->reason && !*options->reason))
		argp_error(state, "--update and --reason=TEXT: one with the "
				  "other; the reason is kept in the baseline");
	if (options->update && options->some_platforms)
		argp_error(state, "--update takes all of NEW: no --platform");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'a':
		options->everything = true;
		return 0;
	case 'p':
		parse_platforms(state, options, arg);
		return 0;
	case 't':
		options->threshold = parse_threshold(state, arg);
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case OPTION_TAP:
		options->tap = true;
		return 0;
	case OPTION_JUNIT:
		options->junit = arg;
		return 0;
	case OPTION_UPDATE:
		options->update = true;
		return 0;
	case OPTION_REASON:
		options->reason = arg;
		return 0;
	case OPTION_AGAIN:
		options->again = arg;
		return 0;
	case OPTION_LINUX:
		options->linux_run = arg;
		return 0;
	case OPTION_ROM:
		options->rom = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (!options->baseline)
			options->baseline = arg;
		else if (!options->new_run)
			options->new_run = arg;
		else
			argp_error(state, "two files, no third: '%s'", arg);
		return 0;
	case ARGP_KEY_END:
		check_together(state, options);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What is wrong with a file is an error of the gate; the rest is judged. */
static struct results *load(const char *path, const char *what,
			    struct judgements *all)
{
	struct problems problems = {0};
	struct results *results = results_load_sound(path, &problems);

	for (size_t i = 0; i < problems_kept(&problems); i++)
		judge_why(judge(all, VERDICT_ERROR, "file", what), "%s",
			  problems.text[i]);
	problems_close(&problems);
	problems_free(&problems);
	return results;
}

static bool write_junit(const char *path, const struct verdict_report *report)
{
	struct whole_file junit;
	int error = whole_file_open(&junit, path);

	if (!error) {
		show_junit(junit.out, report);
		error = whole_file_commit(&junit);
	}
	if (error)
		warnx("cannot write %s: %s", path, strerror(error));
	return !error;
}

/* Print in the form asked for.  False after a message when it cannot be. */
static bool show(const struct options *options,
		 const struct verdict_report *report)
{
	if (options->json)
		show_json(stdout, report);
	else if (options->tap)
		show_tap(stdout, report);
	else
		show_text(stdout, report, options->everything);
	if (!standard_output_flush())
		return false;
	return !options->junit || write_junit(options->junit, report);
}

static void accept_now(struct results *results, const char *reason)
{
	time_t now = time(NULL);
	struct tm utc;
	char date[32] = "";

	if (gmtime_r(&now, &utc))
		(void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &utc);
	free(results->baseline.reason);
	free(results->baseline.accepted);
	results->baseline.reason = strdup(reason);
	results->baseline.accepted = strdup(date);
	if (!results->baseline.reason || !results->baseline.accepted)
		err(VERDICT_ERROR, "memory");
}

/* Make the new run the baseline, unless it is not whole. */
static enum verdict update(const struct options *options)
{
	char why[400];
	struct results *new = results_load(options->new_run, why, sizeof(why));
	bool whole = new;

	if (!new)
		warnx("%s", why);
	for (int i = 0; new &&i < NR_PLATFORMS; i++) {
		if (new->platform[i].status != PLATFORM_FAILED)
			continue;
		warnx("%s: platform %s failed: %s", options->new_run,
		      platform_table[i].name,
		      new->platform[i].reason ? new->platform[i].reason : "?");
		whole = false;
	}
	if (new && !new->nr_cases) {
		warnx("%s: no cases", options->new_run);
		whole = false;
	}
	if (whole) {
		accept_now(new, options->reason);
		whole = results_save(new, options->baseline, why, sizeof(why));
		if (!whole)
			warnx("%s", why);
	}
	results_free(new);
	if (!whole) {
		warnx("%s stays as it is", options->baseline);
		return VERDICT_ERROR;
	}
	warnx("%s: accepted: %s", options->baseline, options->reason);
	return VERDICT_PASS;
}

static enum verdict regress(const struct options *options)
{
	struct judgements all = {0};
	struct results *old = NULL, *new, *again = NULL;
	struct comparison comparison = {.threshold = options->threshold};
	struct verdict_report report = {.baseline = options->baseline,
					.new_run = options->new_run,
					.threshold = options->threshold,
					.all = &all};
	bool no_baseline = access(options->baseline, F_OK) && errno == ENOENT;
	enum verdict verdict;

	if (no_baseline)
		judge_note(&all,
			   "there is no baseline %s; --update --reason "
			   "makes one",
			   options->baseline);
	else
		old = load(options->baseline, "(baseline)", &all);
	new = load(options->new_run, "(new)", &all);
	if (options->again)
		again = load(options->again, "(again)", &all);
	memcpy(comparison.wanted, options->wanted, sizeof(options->wanted));
	comparison.baseline = old;
	comparison.new_run = new;
	comparison.again = again;
	if (new && (old || no_baseline))
		compare(&comparison, &all);
	if (!all.nr)
		judge_why(judge(&all, VERDICT_ERROR, "file", "(all)"),
			  "nothing was compared: the files hold no figures "
			  "that can be");
	if (old) {
		report.reason = old->baseline.reason;
		report.accepted = old->baseline.accepted;
	}
	judgements_sort(&all);
	verdict = judgements_overall(&all);
	if (!show(options, &report))
		verdict = VERDICT_ERROR;
	else if (options->update)
		verdict = update(options);
	judgements_free(&all);
	results_free(old);
	results_free(new);
	results_free(again);
	return verdict;
}

static enum verdict regress_linux(const struct options *options)
{
	struct judgements all = {0};
	struct verdict_report report = {.new_run = options->linux_run,
					.threshold = options->threshold,
					.all = &all};
	enum verdict verdict;

	linux_gate(options->linux_run, options->rom, &all);
	judgements_sort(&all);
	verdict = judgements_overall(&all);
	if (!show(options, &report))
		verdict = VERDICT_ERROR;
	judgements_free(&all);
	return verdict;
}

int cmd_regress(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "BASELINE NEW\n--linux=FILE",
		.doc = "Judge the results NEW by BASELINE, case by case.\vExit "
		       "status: 0 pass, 1 fail, 2 inconclusive, 3 no baseline, "
		       "4 error: something cannot be compared.",
	};
	struct options options = {.threshold = COMPARE_THRESHOLD};

	for (int i = 0; i < NR_PLATFORMS; i++)
		options.wanted[i] = true;
	options_parse(&argp, argc, argv, 0, &options);
	return (int)(options.linux_run ? regress_linux(&options)
				       : regress(&options));
}
