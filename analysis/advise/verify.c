// SPDX-License-Identifier: GPL-2.0-only
#include "verify.h"

#include <err.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/text.h"
#include "policy.h"
#include "verify_boot.h"
#include "vmiprof.h"

/* Counting needs no spread. */
#define COUNT_SAMPLES	2

/*
 * As for exact counts elsewhere: without address randomisation, and without the
 * calibration of the APIC timer, which spins through 100 ms of guest time.
 */
#define LINUX_WORDS	"console=ttyS0 panic=-1"
#define EXACT_WORDS	" norandmaps noapictimer"

bool verify_can(enum result_platform platform, char *why, size_t why_bytes)
{
	if (platform == PLATFORM_EXACT || platform == PLATFORM_EMULATED)
		return true;
	if (platform == PLATFORM_KVM) {
		const struct accel_choice choice =
			accel_choose(ACCEL_KVM, false, "");

		text_set(why, why_bytes, "%s", choice.reason);
		return !choice.refused;
	}
	text_set(why, why_bytes,
		 "no guest runs on platform %s; with --platform=exact or --platform=emulated it can be verified",
		 platform_table[platform].name);
	return false;
}

/* Of a file in the directory, with the slash. */
#define NAME_BYTES	16

struct boot_files {
	char dir[PATH_MAX];
	char console[2][PATH_MAX + NAME_BYTES];
	char log[PATH_MAX + NAME_BYTES];
};

static bool make_files(struct boot_files *files)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(files->dir, sizeof(files->dir), "%s/vmiprof-XXXXXX",
		       tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(files->dir)) {
		warn("%s", files->dir);
		return false;
	}
	for (int i = 0; i < 2; i++)
		(void)snprintf(files->console[i], sizeof(files->console[i]),
			       "%s/console%d.log", files->dir, i + 1);
	(void)snprintf(files->log, sizeof(files->log), "%s/qemu.log",
		       files->dir);
	return true;
}

static void remove_files(const struct boot_files *files)
{
	(void)unlink(files->console[0]);
	(void)unlink(files->console[1]);
	(void)unlink(files->log);
	(void)rmdir(files->dir);
}

static int boot_one(const struct advice *advice,
		    const struct verify_options *options,
		    const struct boot_files *files, int which,
		    const char *forms)
{
	const bool exact = advice->platform == PLATFORM_EXACT;
	char *words;
	struct verify_boot boot = {
		.rom = which ? "rom-native.bin" : "rom-trace.bin",
		.console_path = files->console[which],
		.log_path = files->log,
		.accel = advice->platform == PLATFORM_KVM ? ACCEL_KVM
							  : ACCEL_TCG,
		.icount = exact,
		.timeout_s = options->timeout_s,
	};
	int status;

	if (asprintf(&words, LINUX_WORDS "%s vmi=stub macro=%s forms=%s samples=%u",
		     exact ? EXACT_WORDS : "", options->benchmarks, forms,
		     which ? options->nr_samples : COUNT_SAMPLES) < 0)
		err(EXIT_FAILURE, "memory");
	boot.words = words;
	if (!options->quiet)
		warnx("boot %d of 2 (%s): %s", which + 1, boot.rom, words);
	status = verify_boot(&boot);
	free(words);
	return status;
}

static int read_lines(struct macro_lines *lines, const char *path)
{
	if (!macro_lines_read(lines, path)) {
		warn("%s", path);
		return VMIPROF_ERROR;
	}
	if (lines->done)
		return VMIPROF_OK;
	warnx("%s: the benchmarks did not end: there is no line \"bench: done\"; does the guest know macro=?",
	      path);
	return VMIPROF_GUEST_FAILED;
}

static int boot_both(struct verify *verify, const struct advice *advice,
		     const struct verify_options *options,
		     const struct boot_files *files)
{
	char *policy = policy_form(advice->order, advice->nr_policy);
	char *forms;
	int status;

	if (asprintf(&forms, "stub,policy:%s", policy) < 0)
		err(EXIT_FAILURE, "memory");
	status = boot_one(advice, options, files, 0, "stub");
	if (status == VMIPROF_OK)
		status = read_lines(&verify->counts, files->console[0]);
	if (status == VMIPROF_OK)
		status = boot_one(advice, options, files, 1, forms);
	if (status == VMIPROF_OK)
		status = read_lines(&verify->times, files->console[1]);
	free(policy);
	free(forms);
	return status;
}

struct verify *verify_run(const struct advice *advice,
			  const struct verify_options *options, int *status)
{
	struct verify *verify = calloc(1, sizeof(*verify));
	struct boot_files files;

	if (!verify)
		err(EXIT_FAILURE, "memory");
	*status = VMIPROF_ERROR;
	if (!make_files(&files))
		goto fail;
	*status = boot_both(verify, advice, options, &files);
	if (*status == VMIPROF_OK && !verify_compare(verify, advice)) {
		warnx("no benchmark was measured in both forms and its calls counted");
		*status = VMIPROF_GUEST_FAILED;
	}
	if (*status == VMIPROF_OK) {
		remove_files(&files);
		return verify;
	}
	warnx("what the guest said is kept in %s", files.dir);
fail:
	verify_free(verify);
	return NULL;
}

static const struct advice_call *find_call(const struct advice *advice,
					   unsigned int nr)
{
	for (size_t i = 0; i < advice->nr; i++) {
		if (advice->call[i].nr == nr)
			return &advice->call[i];
	}
	return NULL;
}

/* The calls of the policy that an operation makes, times what each saves. */
static void predict(struct verify_benchmark *b,
		    const struct macro_lines *counts,
		    const struct advice *advice)
{
	for (size_t i = 0; i < counts->nr_counts; i++) {
		const struct macro_count *count = &counts->counts[i];
		const struct advice_call *call;

		if (strcmp(count->name, b->name) != 0)
			continue;
		b->predicted_known = true;
		call = find_call(advice, count->nr);
		if (!call || !call->in_policy)
			continue;
		b->calls += count->per_op;
		b->predicted = estimate_plus(
			b->predicted, estimate_times(call->each, count->per_op));
	}
}

static struct estimate of_samples(const double *samples, size_t nr)
{
	struct sample_stats stats;

	sample_stats(&stats, samples, nr);
	return (struct estimate){stats.median, stats.ci95};
}

/* Sample i of both was taken in the same round, so differences are paired. */
static void measure(struct verify_benchmark *b, const struct macro_case *stub,
		    const struct macro_case *policy)
{
	double *saved;

	b->nr_samples = stub->nr_samples < policy->nr_samples
				? stub->nr_samples
				: policy->nr_samples;
	saved = calloc(b->nr_samples, sizeof(*saved));
	if (!saved)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < b->nr_samples; i++)
		saved[i] = stub->samples[i] - policy->samples[i];
	b->stub = of_samples(stub->samples, stub->nr_samples);
	b->policy = of_samples(policy->samples, policy->nr_samples);
	b->measured = of_samples(saved, b->nr_samples);
	free(saved);
}

bool verify_compare(struct verify *verify, const struct advice *advice)
{
	bool some_predicted = false;

	verify->benchmark = calloc(verify->times.nr_cases + 1,
				   sizeof(*verify->benchmark));
	if (!verify->benchmark)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < verify->times.nr_cases; i++) {
		const struct macro_case *policy = &verify->times.cases[i];
		const struct macro_case *stub =
			macro_find(&verify->times, policy->name, "stub");
		struct verify_benchmark b = {.name = policy->name};

		if (strcmp(policy->form, "policy") != 0 || !stub ||
		    strcmp(stub->group, policy->group) != 0 ||
		    policy->unit != advice->unit || stub->unit != advice->unit)
			continue;
		predict(&b, &verify->counts, advice);
		measure(&b, stub, policy);
		some_predicted |= b.predicted_known;
		b.agrees = b.predicted_known &&
			   b.predicted.ci95.lo <= b.measured.ci95.hi &&
			   b.measured.ci95.lo <= b.predicted.ci95.hi;
		verify->benchmark[verify->nr++] = b;
	}
	return some_predicted;
}

void verify_free(struct verify *verify)
{
	macro_lines_free(&verify->counts);
	macro_lines_free(&verify->times);
	free(verify->benchmark);
	free(verify);
}
