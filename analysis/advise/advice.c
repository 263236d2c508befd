// SPDX-License-Identifier: GPL-2.0-only
#include "advice.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/text.h"

/*
 * A better platform is passed over if another one knows more of the calls than
 * this share of it: advice for half of the calls is wrong about the rest.
 */
#define COVERED_LIKE_BEST 0.9

/* Where calls are measured, the best first: what the CPU did before what QEMU did. */
static const enum result_platform preference[] = {
	PLATFORM_KVM, PLATFORM_HOST, PLATFORM_EXACT, PLATFORM_EMULATED};

#define NR_PREFERENCE (sizeof(preference) / sizeof(preference[0]))

struct estimate estimate_times(struct estimate estimate, double factor)
{
	return (struct estimate){
		.value = estimate.value * factor,
		.ci95 = {estimate.ci95.lo * factor, estimate.ci95.hi * factor},
	};
}

struct estimate estimate_plus(struct estimate a, struct estimate b)
{
	return (struct estimate){
		.value = a.value + b.value,
		.ci95 = {a.ci95.lo + b.ci95.lo, a.ci95.hi + b.ci95.hi},
	};
}

static struct estimate estimate_of(const struct sample_stats *stats)
{
	return (struct estimate){stats->median, stats->ci95};
}

/* Whether sample i of both is of the same round of the same boot or run. */
static bool same_rounds(const struct result_case *a,
			const struct result_case *b)
{
	return a->nr_samples == b->nr_samples &&
	       a->repetition == b->repetition &&
	       !memcmp(a->nr_of_repetition, b->nr_of_repetition,
		       (a->repetition + 1) * sizeof(*a->nr_of_repetition));
}

static struct estimate paired_difference(const struct result_case *base,
					 const struct result_case *other)
{
	const size_t nr = base->nr_samples;
	double *difference = calloc(nr, sizeof(*difference));
	struct sample_stats stats;

	if (!difference)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < nr; i++)
		difference[i] = base->samples[i] - other->samples[i];
	sample_stats(&stats, difference, nr);
	free(difference);
	return estimate_of(&stats);
}

static struct estimate unpaired_difference(struct estimate base,
					   struct estimate other)
{
	return (struct estimate){
		.value = base.value - other.value,
		.ci95 = {base.ci95.lo - other.ci95.hi,
			 base.ci95.hi - other.ci95.lo},
	};
}

static bool is_case(const struct result_case *c, const char *call,
		    enum result_platform platform, enum result_unit unit,
		    enum result_form form)
{
	return c->platform == platform && c->unit == unit && c->form == form &&
	       c->nr_samples && !strcmp(c->call, call);
}

/* Find the two cases, in one group if possible. */
static bool find_cases(const struct result_case *found[2], bool *paired,
		       const struct advice_call *call,
		       const struct results *results,
		       enum result_platform platform, enum result_unit unit,
		       const enum result_form form[2])
{
	found[0] = found[1] = NULL;
	*paired = false;
	for (size_t i = 0; i < results->nr_cases; i++) {
		const struct result_case *c = &results->cases[i];
		const struct result_case *pair;

		if (!found[1] &&
		    is_case(c, call->name, platform, unit, form[1]))
			found[1] = c;
		if (!is_case(c, call->name, platform, unit, form[0]))
			continue;
		pair = results_find_in(results, c->group, call->name, form[1],
				       platform, NULL);
		if (pair && is_case(pair, call->name, platform, unit, form[1])) {
			found[0] = c;
			found[1] = pair;
			*paired = same_rounds(c, pair);
			return true;
		}
		if (!found[0])
			found[0] = c;
	}
	return found[0] && found[1];
}

bool advice_difference(struct advice_call *call, const struct results *results,
		       enum result_platform platform, enum result_unit unit,
		       enum result_form base, enum result_form other)
{
	const enum result_form form[2] = {base, other};
	const struct result_case *found[2];

	call->known = find_cases(found, &call->paired, call, results, platform,
				 unit, form);
	if (!call->known)
		return false;
	call->stub = estimate_of(&found[0]->stats);
	call->other = estimate_of(&found[1]->stats);
	call->each = call->paired
			     ? paired_difference(found[0], found[1])
			     : unpaired_difference(call->stub, call->other);
	call->all = estimate_times(call->each, (double)call->count);
	return true;
}

double advice_sites_known(const struct sites *sites,
			  const struct kernel_sites *kernel)
{
	uint64_t known = 0, all = 0;

	for (size_t i = 0; i < sites->nr; i++) {
		const struct site *site = &sites->site[i];

		all += site->count;
		if (kernel_sites_find(kernel, site->nr, site->ret))
			known += site->count;
	}
	return all ? (double)known / (double)all : 0;
}

/*
 * What of a site is left when its call is native, and when it is inlined: a body
 * that is shorter than a call may want a NOP behind it that the call does not.
 */
static int vanishes(const struct kernel_site *site)
{
	return site->inlines ? (int)site->stub_extra - (int)site->inline_extra
			     : (int)site->stub_extra;
}

/*
 * The kernel keeps registers around a call and fills up its site.  Nothing
 * behind a call that does not return is ever run.
 */
static void look_at_sites(struct advice_call *call,
			  const struct advice_inputs *inputs)
{
	double around = 0, around_inlined = 0;
	uint64_t all = 0, inlined = 0;

	call->inlines = 1;
	for (size_t i = 0; inputs->kernel && i < inputs->sites->nr; i++) {
		const struct site *seen = &inputs->sites->site[i];
		const struct kernel_site *site;

		if (seen->nr != call->nr)
			continue;
		site = kernel_sites_find(inputs->kernel, seen->nr, seen->ret);
		if (!site)
			continue;
		all += seen->count;
		around += (double)seen->count * vanishes(site);
		if (!site->inlines)
			continue;
		inlined += seen->count;
		around_inlined += (double)seen->count * vanishes(site);
	}
	if (!all)
		return;
	call->inlines = (double)inlined / (double)all;
	if (call_table[call->nr].returns != CALL_NORETURN)
		call->around = (inlined ? around_inlined : around) /
			       (double)all;
}

/* Sites that stay calls save nothing. */
static void apply_sites(struct advice_call *call, enum result_unit unit,
			bool may_inline)
{
	struct estimate *each = &call->each;

	if (may_inline)
		*each = estimate_times(*each, call->inlines);
	if (unit == UNIT_INSTRUCTIONS) {
		each->value += call->around;
		each->ci95.lo += call->around;
		each->ci95.hi += call->around;
	}
	call->all = estimate_times(*each, (double)call->count);
}

static void fill_call(struct advice_call *call, const struct advice *advice,
		      const struct advice_inputs *inputs)
{
	bool may_inline;

	look_at_sites(call, inputs);
	may_inline = inputs->may_inline[call->nr] && call->inlines > 0;
	if (advice_difference(call, inputs->results, advice->platform,
			      advice->unit, FORM_STUB,
			      may_inline ? FORM_INLINE : FORM_NATIVE))
		apply_sites(call, advice->unit, may_inline);
	if (!may_inline)
		call->kind = ADVICE_NO_BODY;
	else if (!call->known)
		call->kind = ADVICE_NO_COST;
	else
		call->kind = call->all.ci95.lo > 0 ? ADVICE_INLINE
						   : ADVICE_NO_GAIN;
}

/*
 * All calls made, with what is known of them on that platform.  Counted by the
 * ROM where that is known: it holds what was lost, too.
 */
static void fill_calls(struct advice *advice,
		       const struct advice_inputs *inputs)
{
	const struct profile *profile = inputs->profile;
	uint64_t covered = 0;

	advice->nr = 0;
	advice->nr_calls_made = 0;
	for (size_t i = 0; i < profile->nr_rows; i++) {
		const unsigned int nr = (unsigned int)profile->rows[i].nr;
		struct advice_call *call = &advice->call[advice->nr++];

		*call = (struct advice_call){
			.nr = nr,
			.name = call_table[nr].name,
			.count = profile->info->counts_known
					 ? profile->info->counted[nr]
					 : profile->stats->call[nr].count,
			.nr_sites = sites_of_call(inputs->sites, nr),
		};
		fill_call(call, advice, inputs);
		advice->nr_calls_made += call->count;
		if (call->kind == ADVICE_INLINE || call->kind == ADVICE_NO_GAIN)
			covered += call->count;
	}
	advice->covered = advice->nr_calls_made
				  ? (double)covered /
					    (double)advice->nr_calls_made
				  : 0;
}

static void passed_over(struct advice *advice, enum result_platform platform,
			const struct results *results)
{
	struct advice_passed *passed = &advice->passed[advice->nr_passed++];
	const struct platform_run *run = &results->platform[platform];

	passed->platform = platform;
	if (run->status == PLATFORM_NOT_ASKED)
		text_set(passed->why, sizeof(passed->why), "not measured");
	else if (run->status == PLATFORM_NOT_SUPPORTED)
		text_set(passed->why, sizeof(passed->why), "%s",
			 run->reason ? run->reason : "not supported here");
	else if (!advice->covered)
		text_set(passed->why, sizeof(passed->why),
			 "knows none of the calls made in both forms");
	else
		text_set(passed->why, sizeof(passed->why),
			 "knows %.0f %% of the calls made in both forms",
			 100 * advice->covered);
}

/* Take the platform, in the first unit of which there are costs. */
static bool try_platform(struct advice *advice,
			 const struct advice_inputs *inputs,
			 enum result_platform platform)
{
	advice->platform = platform;
	for (int unit = 0; unit < NR_UNITS; unit++) {
		if (!platform_table[platform].allows[unit])
			continue;
		advice->unit = (enum result_unit)unit;
		fill_calls(advice, inputs);
		if (advice->covered > 0)
			return true;
	}
	return false;
}

static bool choose_platform(struct advice *advice,
			    const struct advice_inputs *inputs)
{
	double covered[NR_PREFERENCE] = {0}, most = 0;
	size_t chosen = 0;

	for (size_t i = 0; i < NR_PREFERENCE; i++) {
		if (try_platform(advice, inputs, preference[i]))
			covered[i] = advice->covered;
		if (covered[i] > most)
			most = covered[i];
	}
	while (most > 0 && covered[chosen] < COVERED_LIKE_BEST * most)
		chosen++;
	for (size_t i = 0; i < NR_PREFERENCE; i++) {
		/* Of worse ones only those that would be needed are told. */
		if (most > 0 && (i == chosen ||
				 (i > chosen && most >= ADVICE_COVERED_ENOUGH)))
			continue;
		advice->covered = covered[i];
		passed_over(advice, preference[i], inputs->results);
	}
	return most > 0 && try_platform(advice, inputs, preference[chosen]);
}

static int by_saving(const void *a, const void *b)
{
	const struct advice_call *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->known != y->known)
		return x->known ? -1 : 1;
	if (x->known && x->all.value != y->all.value)
		return x->all.value < y->all.value ? 1 : -1;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

/* The fewest calls that reach the goal: by taking the largest savings first. */
static void choose_policy(struct advice *advice,
			  const struct advice_inputs *inputs)
{
	for (size_t i = 0; i < advice->nr; i++) {
		if (advice->call[i].kind == ADVICE_INLINE)
			advice->possible = estimate_plus(advice->possible,
							 advice->call[i].all);
	}
	for (size_t i = 0; i < advice->nr; i++) {
		struct advice_call *call = &advice->call[i];

		if (call->kind != ADVICE_INLINE ||
		    (inputs->top && advice->nr_policy == inputs->top) ||
		    advice->policy.value >=
			    inputs->goal * advice->possible.value)
			break;
		call->in_policy = true;
		advice->order[advice->nr_policy++] = call->nr;
		advice->policy = estimate_plus(advice->policy, call->all);
		advice->policy_sites += call->nr_sites;
	}
}

bool advice_make(struct advice *advice, const struct advice_inputs *inputs,
		 char *why, size_t why_bytes)
{
	*advice = (struct advice){0};
	if (inputs->platform < 0 && !choose_platform(advice, inputs)) {
		text_set(why, why_bytes,
			 "no platform has costs of the forms stub and inline for a call of this trace");
		for (size_t i = 0; i < advice->nr_passed; i++)
			text_append(why, why_bytes, "%s %s: %s",
				    i ? ";" : ":",
				    platform_table[advice->passed[i].platform]
					    .name,
				    advice->passed[i].why);
		return false;
	}
	if (inputs->platform >= 0 &&
	    !try_platform(advice, inputs,
			  (enum result_platform)inputs->platform)) {
		passed_over(advice, (enum result_platform)inputs->platform,
			    inputs->results);
		text_set(why, why_bytes, "no advice from platform %s: %s",
			 platform_table[inputs->platform].name,
			 advice->passed[0].why);
		return false;
	}
	qsort(advice->call, advice->nr, sizeof(advice->call[0]), by_saving);
	choose_policy(advice, inputs);
	return true;
}
