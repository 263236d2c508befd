// SPDX-License-Identifier: GPL-2.0-only
#include "compare.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
	char *made = text ? strdup(text) : NULL;

	if (text && !made)
		err(EXIT_FAILURE, "memory");
	return made;
}

static const char *platform_name(enum result_platform platform)
{
	return platform_table[platform].name;
}

static bool is_exact(enum result_platform platform)
{
	return platform_table[platform].allows[UNIT_INSTRUCTIONS];
}

static size_t nr_of_platform(const struct results *results,
			     enum result_platform platform)
{
	size_t nr = 0;

	for (size_t i = 0; i < results->nr_cases; i++)
		nr += results->cases[i].platform == platform;
	return nr;
}

static const struct result_case *same_case(const struct results *results,
					   const struct result_case *c)
{
	return results_find_in(results, c->group, c->call, c->form, c->platform,
			       c->padding);
}

/* What the case is a ratio of. */
static const struct result_case *native_of(const struct results *results,
					   const struct result_case *c)
{
	return results_find_in(results, c->group, c->call, FORM_NATIVE,
			       c->platform, NULL);
}

static struct judgement *judge_case(struct judgements *all,
				    enum verdict verdict,
				    const struct result_case *c)
{
	struct judgement *j =
		judge(all, verdict, platform_name(c->platform), c->call);

	j->form = copy(form_name(c->form));
	j->padding = copy(c->padding);
	j->group = copy(c->group);
	return j;
}

/* Median, least and 95th percentile: one sample that differs is a change. */
static void judge_exact(struct judgements *all, const struct result_case *old,
			const struct result_case *new)
{
	const struct {
		double old, new;
		const char *where;
	} figures[] = {
		{old->stats.median, new->stats.median, ""},
		{old->stats.min, new->stats.min, " in the least sample"},
		{old->stats.p95, new->stats.p95, " in the 95th percentile"},
	};
	struct judgement *j = judge_case(all, VERDICT_PASS, new);
	size_t i = 0;
	double more;

	while (i < 2 && figures[i].old == figures[i].new)
		i++;
	more = figures[i].new - figures[i].old;
	if (more == 0)
		i = 0;
	j->unit = "instructions";
	j->old_figure = figures[i].old;
	j->new_figure = figures[i].new;
	if (more == 0)
		return;
	j->verdict = VERDICT_FAIL;
	judge_why(j, "%g instruction%s %s%s%s", fabs(more),
		  fabs(more) == 1 ? "" : "s", more > 0 ? "more" : "fewer",
		  figures[i].where,
		  more > 0 ? ""
			   : "; if that is meant, accept it with --update "
			     "--reason");
}

/* The wider of what the runs and the repetition of the baseline show. */
static double floor_of(const struct comparison *comparison,
		       const struct result_case *old,
		       const struct result_case *new)
{
	const struct result_case *native[] = {
		native_of(comparison->baseline, old),
		native_of(comparison->new_run, new),
	};
	const struct result_case *again =
		comparison->again ? same_case(comparison->again, old) : NULL;
	double floor, change;
	struct interval ci95;

	/* Both have a ratio: there is a native case with as many samples. */
	floor = fmax(
		noise_floor(old->samples, native[0]->samples, old->nr_samples),
		noise_floor(new->samples, native[1]->samples, new->nr_samples));
	if (again && again->has_ratio &&
	    ratio_change(&old->ratio_to_native, &again->ratio_to_native,
			 &change, &ci95))
		floor = fmax(floor, fmax(fabs(ci95.lo), fabs(ci95.hi)));
	return floor;
}

static void judge_change(struct judgement *j, double threshold)
{
	const struct interval *ci95 = &j->change_ci95;

	if (j->noise_floor > fmax(fabs(j->change), threshold)) {
		j->verdict = VERDICT_INCONCLUSIVE;
		if (isinf(j->noise_floor))
			judge_why(j, "too few rounds to know the noise floor, "
				     "or one that took no time");
		else
			judge_why(j,
				  "the noise floor of %.1f %% is wider than "
				  "the difference",
				  100 * j->noise_floor);
	} else if (ci95->lo > threshold) {
		j->verdict = VERDICT_FAIL;
		judge_why(j, "the whole interval is past %g %%",
			  100 * threshold);
	} else if (ci95->hi > threshold) {
		j->verdict = VERDICT_INCONCLUSIVE;
		judge_why(j,
			  "the interval spans the threshold of %g %%: more "
			  "samples tell",
			  100 * threshold);
	}
}

/* One of them has a ratio. */
static void judge_no_ratio(const struct comparison *comparison,
			   struct judgement *j, const struct result_case *old,
			   const struct result_case *new)
{
	const char *run = old->has_ratio ? "the new run" : "the baseline";
	const struct results *results =
		old->has_ratio ? comparison->new_run : comparison->baseline;

	if (native_of(results, new)) {
		j->verdict = VERDICT_INCONCLUSIVE;
		judge_why(j,
			  "in %s native, or the form itself, took no time "
			  "that the clock could tell from that of the "
			  "empty loop",
			  run);
	} else {
		j->verdict = VERDICT_ERROR;
		judge_why(j,
			  "%s has no native case in group '%s' to be a "
			  "ratio of",
			  run, new->group);
	}
}

static void judge_ratio(const struct comparison *comparison,
			struct judgements *all, const struct result_case *old,
			const struct result_case *new)
{
	struct judgement *j;

	if (!old->has_ratio && !new->has_ratio) {
		all->not_compared++;
		return;
	}
	j = judge_case(all, VERDICT_PASS, new);
	j->unit = "ratio to native";
	if (!old->has_ratio || !new->has_ratio) {
		judge_no_ratio(comparison, j, old, new);
		return;
	}
	j->old_figure = old->ratio_to_native.median;
	j->new_figure = new->ratio_to_native.median;
	if (!ratio_change(&old->ratio_to_native, &new->ratio_to_native,
			  &j->change, &j->change_ci95)) {
		j->verdict = VERDICT_INCONCLUSIVE;
		judge_why(j, "the interval of a ratio goes down to 0");
		return;
	}
	j->noise_floor = floor_of(comparison, old, new);
	judge_change(j, comparison->threshold);
}

/* Why the new run may lack the case, if it says so. */
static const char *skip_reason(const struct results *results,
			       const struct result_case *c)
{
	for (size_t i = 0; i < results->nr_skips; i++) {
		const struct result_skip *skip = &results->skips[i];

		if (skip->platform == c->platform && skip->form == c->form &&
		    !strcmp(skip->call, c->call))
			return skip->why;
	}
	return NULL;
}

static bool same_samples(const struct result_case *a,
			 const struct result_case *b)
{
	if (!a || !b)
		return a == b;
	return a->nr_samples == b->nr_samples &&
	       !memcmp(a->samples, b->samples,
		       a->nr_samples * sizeof(*a->samples));
}

/*
 * One and the same measurement, and what it is a ratio of, too: nothing changed,
 * however much noise there is in it.
 */
static bool is_itself(const struct comparison *comparison,
		      const struct result_case *old,
		      const struct result_case *new)
{
	return same_samples(old, new) &&
	       same_samples(native_of(comparison->baseline, old),
			    native_of(comparison->new_run, new));
}

static void judge_itself(struct judgements *all, const struct result_case *c)
{
	struct judgement *j = judge_case(all, VERDICT_PASS, c);

	j->unit = c->has_ratio ? "ratio to native" : unit_name(c->unit);
	j->old_figure = j->new_figure = c->has_ratio ? c->ratio_to_native.median
						     : c->stats.median;
	j->change = 0;
	j->change_ci95 = (struct interval){0, 0};
}

static void judge_pair(const struct comparison *comparison,
		       struct judgements *all, const struct result_case *old)
{
	const struct result_case *new = same_case(comparison->new_run, old);

	if (!new) {
		const char *why = skip_reason(comparison->new_run, old);

		judge_why(judge_case(all, VERDICT_ERROR, old),
			  "in the baseline, missing in the new run%s%s",
			  why ? ": " : "", why ? why : "");
	} else if (new->unit != old->unit) {
		judge_why(judge_case(all, VERDICT_ERROR, old),
			  "unit: the baseline has %s, the new run %s",
			  unit_name(old->unit), unit_name(new->unit));
	} else if (is_itself(comparison, old, new) &&
		   old->unit != UNIT_INSTRUCTIONS) {
		judge_itself(all, new);
	} else if (old->unit == UNIT_INSTRUCTIONS) {
		judge_exact(all, old, new);
	} else {
		judge_ratio(comparison, all, old, new);
	}
}

static bool same_machine(const struct results *a, const struct results *b)
{
	return a->machine.cpu && b->machine.cpu &&
	       !strcmp(a->machine.cpu, b->machine.cpu);
}

static const char *cpu_of(const struct results *results)
{
	return results->machine.cpu ? results->machine.cpu : "(unknown)";
}

/* Whether the cases of the platform can be compared; else says why not. */
static bool can_compare(const struct comparison *comparison,
			struct judgements *all, enum result_platform platform)
{
	const struct results *old = comparison->baseline;
	const struct platform_run *run =
		&comparison->new_run->platform[platform];
	size_t nr = nr_of_platform(old, platform);

	if (run->status == PLATFORM_NOT_ASKED && nr) {
		judge_why(judge(all, VERDICT_ERROR, platform_name(platform),
				"(all)"),
			  "%zu cases in the baseline, not measured in the new "
			  "run; --platform leaves platforms out",
			  nr);
		return false;
	}
	if (run->status == PLATFORM_NOT_SUPPORTED && nr) {
		judge_why(judge(all, VERDICT_ERROR, platform_name(platform),
				"(all)"),
			  "%zu cases in the baseline, not supported in the new "
			  "run: %s",
			  nr,
			  run->reason ? run->reason : "it does not say why");
		return false;
	}
	if (run->status == PLATFORM_FAILED)
		judge_why(judge(all, VERDICT_ERROR, platform_name(platform),
				"(all)"),
			  "the new run failed: %s",
			  run->reason ? run->reason : "it does not say why");
	if (nr && !is_exact(platform) &&
	    !same_machine(old, comparison->new_run)) {
		judge_why(judge(all, VERDICT_ERROR, platform_name(platform),
				"(all)"),
			  "times of two machines are not compared: the "
			  "baseline is of '%s', the new run of '%s'",
			  cpu_of(old), cpu_of(comparison->new_run));
		return false;
	}
	return true;
}

static void judge_platform(const struct comparison *comparison,
			   struct judgements *all,
			   enum result_platform platform)
{
	const struct results *old = comparison->baseline;
	const struct results *new = comparison->new_run;

	if (old && !can_compare(comparison, all, platform))
		return;
	for (size_t i = 0; old && i < old->nr_cases; i++) {
		if (old->cases[i].platform == platform)
			judge_pair(comparison, all, &old->cases[i]);
	}
	for (size_t i = 0; i < new->nr_cases; i++) {
		const struct result_case *c = &new->cases[i];

		if (c->platform == platform && !(old && same_case(old, c)))
			judge_why(judge_case(all, VERDICT_NO_BASELINE, c), "%s",
				  old ? "not in the baseline"
				      : "there is no baseline");
	}
}

static void note_tool(struct judgements *all, const char *what, const char *old,
		      const char *new)
{
	if (old && new &&strcmp(old, new) != 0)
		judge_note(all, "%s: the baseline has '%s', the new run '%s'",
			   what, old, new);
}

void compare(const struct comparison *comparison, struct judgements *all)
{
	const struct results *old = comparison->baseline;
	const struct results *new = comparison->new_run;

	for (int i = 0; i < NR_PLATFORMS; i++) {
		if (comparison->wanted[i])
			judge_platform(comparison, all,
				       (enum result_platform)i);
	}
	if (!old)
		return;
	note_tool(all, "vmiprof", old->tools.vmiprof, new->tools.vmiprof);
	note_tool(all, "qemu", old->tools.qemu, new->tools.qemu);
	note_tool(all, "gcc", old->tools.gcc, new->tools.gcc);
	note_tool(all, "host kernel", old->machine.kernel, new->machine.kernel);
}
