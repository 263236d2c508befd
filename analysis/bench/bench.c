// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof bench - measure what a VMI call costs, in each form, on each platform, and
 * how many are recorded and read a second
 *
 * A set is a list of boots (or of runs of the host program), each of which
 * prints its cases; what one boot fails to measure does not keep the others from
 * theirs.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench_guest.h"
#include "bench_host.h"
#include "bench_options.h"
#include "bench_progress.h"
#include "bench_run.h"
#include "bench_table.h"
#include "guest/accel.h"
#include "lib/host_info.h"
#include "lib/locate.h"
#include "lib/signals.h"
#include "lib/standard_files.h"
#include "lib/text.h"
#include "lib/tsc_step.h"
#include "lib/whole_file.h"
#include "throughput.h"
#include "vmiprof.h"

#define STAMP_ROM	"rom-stamp.bin"
#define AGGREGATE_ROM	"rom-aggregate.bin"

/*
 * The native ROM comes first: its native cases are those that a table shows.
 * Forms of other ROMs are paired with native cases of their own boot.
 */
static const struct bench_plan plans[] = {
	{ SET_GUEST, "rom-native", "rom-native.bin", NULL },
	{ SET_GUEST, "rom-trace", "rom-trace.bin", NULL },
	{ SET_GUEST, "rom-stamp", STAMP_ROM, NULL },
	{ SET_GUEST, "rom-aggregate", AGGREGATE_ROM, NULL },
	{ SET_GUEST, "no-rom", NULL, NULL },
	{ SET_HOST, "process", NULL, NULL },
	{ SET_LINUX, "rom-native", "rom-native.bin",
	  "forms=native,inline,stub,count" },
	/* A stub of these ROMs is what they do: the guest names the form so. */
	{ SET_LINUX, "rom-trace", "rom-trace.bin", "forms=native,stub" },
	{ SET_LINUX, "rom-stamp", STAMP_ROM, "forms=native,stub" },
	{ SET_LINUX, "rom-aggregate", AGGREGATE_ROM, "forms=native,stub" },
	{ SET_DRAIN, "drain", NULL, NULL },
	{ SET_REPORT, "report", NULL, NULL },
};

#define NR_PLANS	(sizeof(plans) / sizeof(plans[0]))

/* Samples of a case in one boot, and boots. */
struct effort {
	unsigned int samples, repeat;
};

static const struct {
	struct effort quick, full;
} efforts[NR_PLATFORMS] = {
	[PLATFORM_EXACT] = { { 7, 1 }, { 15, 1 } },
	[PLATFORM_EMULATED] = { { 15, 1 }, { 51, 3 } },
	[PLATFORM_HOST] = { { 201, 1 }, { 501, 3 } },
	[PLATFORM_KVM] = { { 51, 1 }, { 101, 3 } },
	[PLATFORM_LINUX_EXACT] = { { 15, 1 }, { 51, 1 } },
	[PLATFORM_LINUX_EMULATED] = { { 15, 1 }, { 31, 5 } },
	[PLATFORM_LINUX_KVM] = { { 31, 1 }, { 51, 5 } },
	[PLATFORM_THROUGHPUT] = { { 7, 1 }, { 11, 1 } },
};

struct bench {
	struct bench_options options;
	struct results *results;
	struct bench_progress progress;
	char *dir;		/* logs of the boot that runs */
	const char *missing[2];	/* ROMs */
	size_t nr_missing;
	bool failed;
};

static char *copy_of(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		err(VMIPROF_ERROR, "memory");
	return copy;
}

static struct effort effort_of(const struct bench_options *options,
			       enum result_platform platform)
{
	struct effort effort = options->full ? efforts[platform].full
					     : efforts[platform].quick;

	if (options->samples)
		effort.samples = options->samples;
	if (options->repeat)
		effort.repeat = options->repeat;
	return effort;
}

static bool is_missing(const struct bench *bench, const char *rom)
{
	for (size_t i = 0; i < bench->nr_missing; i++)
		if (!strcmp(bench->missing[i], rom))
			return true;
	return false;
}

static bool has_plan(const struct bench *bench, enum result_platform platform,
		     const struct bench_plan *plan)
{
	return bench->options.set[plan->set] &&
	       bench_set_has(plan->set, platform) &&
	       !(plan->rom && is_missing(bench, plan->rom));
}

/* ROMs beside the native and the trace ROM may not be there; that is told, once. */
static void look_for_roms(struct bench *bench)
{
	static const struct {
		const char *rom, *form;
	} optional[] = {
		{ STAMP_ROM, "stamp" },
		{ AGGREGATE_ROM, "aggregate" },
	};

	for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++) {
		char *path = locate_optional(optional[i].rom);

		if (!path) {
			bench->missing[bench->nr_missing++] = optional[i].rom;
			if (bench->options.set[SET_GUEST] ||
			    bench->options.set[SET_HOST] ||
			    bench->options.set[SET_LINUX])
				warnx("%s is not there: nothing is measured in the form %s",
				      optional[i].rom, optional[i].form);
		}
		free(path);
	}
}

/* Whether what stands behind the platform is here at all. */
static bool is_supported(enum result_platform platform, char *why,
			 size_t why_bytes)
{
	struct accel_choice choice;

	if (strcmp(platform_table[platform].accelerator, "kvm") != 0)
		return true;
	choice = accel_choose(ACCEL_KVM, false, "");
	text_set(why, why_bytes, "%s", choice.reason);
	return !choice.refused;
}

static unsigned int count_runs(const struct bench *bench)
{
	unsigned int nr = 0;
	char why[200];

	for (int p = 0; p < NR_PLATFORMS; p++) {
		enum result_platform platform = (enum result_platform)p;

		if (!bench->options.platform[p] ||
		    !is_supported(platform, why, sizeof(why)))
			continue;
		for (size_t i = 0; i < NR_PLANS; i++) {
			if (has_plan(bench, platform, &plans[i]))
				nr += effort_of(&bench->options, platform).repeat;
		}
	}
	return nr;
}

static void fail_platform(struct bench *bench, enum result_platform platform,
			  const char *label, const char *why)
{
	struct platform_run *run = &bench->results->platform[platform];

	bench->failed = true;
	run->status = PLATFORM_FAILED;
	/* The first failure is the one that the file tells; stderr has all. */
	if (!run->reason && asprintf(&run->reason, "%s: %s", label, why) < 0)
		err(VMIPROF_ERROR, "memory");
	if (run->reason)
		text_clean(run->reason);
}

/*
 * Run what the plan says.  False, with failure set, unless it ended as it should and
 * said nothing that is unsound.
 */
static bool measure(struct bench_run *run, struct raw_reader *reader)
{
	bool ok;

	switch (run->plan->set) {
	case SET_HOST:
		ok = bench_host(run, reader);
		break;
	case SET_DRAIN:
		ok = bench_drain(run, reader);
		break;
	case SET_REPORT:
		ok = bench_report(run, reader);
		break;
	default:
		ok = bench_guest(run, reader);
	}

	/* It may be both: a line that is wrong, and then an end that is. */
	if (reader->nr_faults)
		text_append(run->failure, sizeof(run->failure),
			    "%s%zu of its lines are not sound, the first: %s",
			    *run->failure ? "; " : "", reader->nr_faults,
			    reader->fault);
	if (ok && !reader->nr_faults && !reader->nr_cases)
		return bench_run_failed(run, "it measured nothing");
	return ok && !reader->nr_faults;
}

static void run_plan(struct bench *bench, enum result_platform platform,
		     const struct bench_plan *plan, unsigned int repetition)
{
	struct bench_run run = {
		.plan = plan,
		.options = &bench->options,
		.platform = platform,
		.samples = effort_of(&bench->options, platform).samples,
		.dir = bench->dir,
		.progress = &bench->progress,
		.stop = &stop_signal,
	};
	struct raw_reader reader = {
		.results = bench->results,
		.platform = platform,
		.label = plan->label,
		.repetition = repetition,
	};
	struct platform_run *out = &bench->results->platform[platform];
	bool ok;

	bench_progress_begin(&bench->progress, platform_table[platform].name,
			     plan->label);
	ok = measure(&run, &reader);
	bench_progress_end(&bench->progress, reader.nr_cases,
			   ok ? NULL : run.failure);
	if (!ok)
		fail_platform(bench, platform, plan->label, run.failure);
	if (run.perf) {
		free(out->perf);
		out->perf = run.perf;
	}
	if (run.qemu && !bench->results->tools.qemu)
		bench->results->tools.qemu = run.qemu;
	else
		free(run.qemu);
}

static void run_platform(struct bench *bench, enum result_platform platform)
{
	struct platform_run *run = &bench->results->platform[platform];
	unsigned int repeat = effort_of(&bench->options, platform).repeat;
	char why[200];

	if (!is_supported(platform, why, sizeof(why))) {
		run->status = PLATFORM_NOT_SUPPORTED;
		run->reason = copy_of(why);
		if (bench->options.platform_named)
			bench->failed = true;
		if (!bench->options.quiet || bench->options.platform_named)
			warnx("%s is not supported here: %s",
			      platform_table[platform].name, why);
		return;
	}
	run->status = PLATFORM_RAN;
	run->repetitions = repeat;
	for (unsigned int i = 0; i < repeat; i++) {
		for (size_t n = 0; n < NR_PLANS && !stop_signal; n++) {
			if (has_plan(bench, platform, &plans[n]))
				run_plan(bench, platform, &plans[n], i);
		}
	}
}

static void describe(struct bench *bench)
{
	struct results *results = bench->results;
	char started[40];
	time_t now = time(NULL);
	struct host_info host;
	struct tm utc;
	size_t nr = 0;

	host_info_read(&host);
	results->machine.cpu = copy_of(host.cpu);
	results->machine.kernel = copy_of(host.kernel);
	results->machine.cores = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	results->machine.tsc_step = (unsigned int)tsc_step();
	results->tools.vmiprof = copy_of(VMIPROF_VERSION);
	results->tools.gcc = copy_of(__VERSION__);
	if (gmtime_r(&now, &utc) &&
	    strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", &utc))
		results->started = copy_of(started);
	results->sets = calloc(NR_SETS + 1, sizeof(*results->sets));
	if (!results->sets)
		err(VMIPROF_ERROR, "memory");
	for (int i = 0; i < NR_SETS; i++) {
		if (bench->options.set[i])
			results->sets[nr++] = copy_of(bench_set_names[i]);
	}
}

/* A directory for logs, that stays only when there is something to look at. */
static bool make_dir(struct bench *bench)
{
	const char *tmp = getenv("TMPDIR");

	if (asprintf(&bench->dir, "%s/vmiprof-bench-XXXXXX",
		     tmp && *tmp ? tmp : "/tmp") < 0)
		err(VMIPROF_ERROR, "memory");
	if (mkdtemp(bench->dir))
		return true;
	warn("%s", bench->dir);
	return false;
}

static void remove_dir(const struct bench *bench)
{
	static const char *const names[] = { "console.log", "qemu.log", "perf",
					     "" };
	char path[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		text_set(path, sizeof(path), "%s/%s", bench->dir, names[i]);
		(void)remove(path);
	}
}

/* Better known now than after minutes of measuring. */
static bool check_output(const struct bench *bench)
{
	const char *output = bench->options.output;
	int error = output ? whole_file_check(output) : 0;

	if (error)
		warnx("cannot write %s: %s", output, strerror(error));
	return !error;
}

static int finish(struct bench *bench)
{
	const struct bench_options *options = &bench->options;
	char why[300];

	if (options->output &&
	    !results_save(bench->results, options->output, why, sizeof(why))) {
		warnx("%s", why);
		return VMIPROF_ERROR;
	}
	results_pair(bench->results);
	if (!options->quiet)
		bench_table_print(stdout, bench->results);
	if (!standard_output_flush())
		bench->failed = true;
	if (stop_signal)
		return 128 + stop_signal;
	if (!bench->results->nr_cases) {
		warnx("nothing was measured");
		return VMIPROF_ERROR;
	}
	return bench->failed ? VMIPROF_PARTIAL : VMIPROF_OK;
}

int cmd_bench(int argc, char **argv)
{
	static struct bench bench;
	int status = VMIPROF_ERROR;

	bench_options_parse(&bench.options, argc, argv);
	catch_signals();
	bench.results = results_new();
	describe(&bench);
	look_for_roms(&bench);
	if (check_output(&bench) && make_dir(&bench)) {
		bench_progress_init(&bench.progress, bench.options.quiet,
				    count_runs(&bench));
		for (int p = 0; p < NR_PLATFORMS && !stop_signal; p++) {
			if (bench.options.platform[p])
				run_platform(&bench, (enum result_platform)p);
		}
		remove_dir(&bench);
		status = finish(&bench);
	}
	free(bench.dir);
	results_free(bench.results);
	bench_options_free(&bench.options);
	return status;
}
