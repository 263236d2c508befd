// SPDX-License-Identifier: GPL-2.0-only
#include "verdict.h"

#include <err.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

static const char *const names[NR_VERDICTS] = {
	[VERDICT_PASS] = "pass",
	[VERDICT_FAIL] = "fail",
	[VERDICT_INCONCLUSIVE] = "inconclusive",
	[VERDICT_NO_BASELINE] = "no baseline",
	[VERDICT_ERROR] = "error",
};

/* How much a verdict weighs; the heaviest is the one over all. */
static const int weight[NR_VERDICTS] = {
	[VERDICT_PASS] = 0,	    [VERDICT_NO_BASELINE] = 1,
	[VERDICT_INCONCLUSIVE] = 2, [VERDICT_ERROR] = 3,
	[VERDICT_FAIL] = 4,
};

const char *verdict_name(enum verdict verdict)
{
	return names[verdict];
}

static char *copy(const char *text)
{
	char *made = text ? strdup(text) : NULL;

	if (text && !made)
		err(EXIT_FAILURE, "memory");
	return made;
}

struct judgement *judge(struct judgements *all, enum verdict verdict,
			const char *scope, const char *call)
{
	struct judgement *j;

	all->list = reallocarray(all->list, all->nr + 1, sizeof(*all->list));
	if (!all->list)
		err(EXIT_FAILURE, "memory");
	j = &all->list[all->nr++];
	*j = (struct judgement){
		.scope = copy(scope),
		.call = copy(call),
		.verdict = verdict,
		.old_figure = NAN,
		.new_figure = NAN,
		.change = NAN,
		.change_ci95 = {NAN, NAN},
		.noise_floor = NAN,
	};
	return j;
}

void judge_why(struct judgement *judgement, const char *format, ...)
{
	va_list args;

	free(judgement->why);
	va_start(args, format);
	if (vasprintf(&judgement->why, format, args) < 0)
		err(EXIT_FAILURE, "memory");
	va_end(args);
	text_clean(judgement->why);
}

void judge_note(struct judgements *all, const char *format, ...)
{
	va_list args;

	all->notes = reallocarray(all->notes, all->nr_notes + 1,
				  sizeof(*all->notes));
	if (!all->notes)
		err(EXIT_FAILURE, "memory");
	va_start(args, format);
	if (vasprintf(&all->notes[all->nr_notes], format, args) < 0)
		err(EXIT_FAILURE, "memory");
	va_end(args);
	text_clean(all->notes[all->nr_notes++]);
}

enum verdict judgements_overall(const struct judgements *all)
{
	enum verdict overall = VERDICT_PASS;

	if (!all->nr)
		return VERDICT_ERROR;
	for (size_t i = 0; i < all->nr; i++) {
		if (weight[all->list[i].verdict] > weight[overall])
			overall = all->list[i].verdict;
	}
	return overall;
}

size_t judgements_count(const struct judgements *all, enum verdict verdict)
{
	size_t nr = 0;

	for (size_t i = 0; i < all->nr; i++)
		nr += all->list[i].verdict == verdict;
	return nr;
}

void judgements_sort(struct judgements *all)
{
	struct judgement *sorted = calloc(all->nr + 1, sizeof(*sorted));
	size_t nr = 0;

	if (!sorted)
		err(EXIT_FAILURE, "memory");
	/* qsort() would not keep the order of equals. */
	for (int heavy = NR_VERDICTS - 1; heavy >= 0; heavy--) {
		for (size_t i = 0; i < all->nr; i++) {
			if (weight[all->list[i].verdict] == heavy)
				sorted[nr++] = all->list[i];
		}
	}
	free(all->list);
	all->list = sorted;
}

void judgements_free(struct judgements *all)
{
	for (size_t i = 0; i < all->nr; i++) {
		struct judgement *j = &all->list[i];

		free(j->scope);
		free(j->call);
		free(j->form);
		free(j->padding);
		free(j->group);
		free(j->why);
	}
	for (size_t i = 0; i < all->nr_notes; i++)
		free(all->notes[i]);
	free(all->list);
	free(all->notes);
	*all = (struct judgements){0};
}
