/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict.h - the verdicts of a gate, per case and over all cases
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "results/sample_stats.h"

/* The values are the exit status of vmiprof regress. */
enum verdict {
	VERDICT_PASS = 0,
	VERDICT_FAIL = 1,
	VERDICT_INCONCLUSIVE = 2,	/* the noise hides what there may be */
	VERDICT_NO_BASELINE = 3,	/* there is nothing to compare with */
	VERDICT_ERROR = 4,		/* what should be compared cannot be */
	NR_VERDICTS,
};

/* What was compared with what.  NULL: does not apply. */
struct judgement {
	char *scope;		/* the platform, or what else holds cases */
	char *call;		/* or a benchmark; "(all)" for a whole scope */
	char *form, *padding, *group;
	enum verdict verdict;
	char *why;		/* NULL only with VERDICT_PASS */

	/* Figures in unit; NAN: there is none. */
	const char *unit;	/* "instructions", "ratio to native" */
	double old_figure, new_figure;
	/* Of ratios: (new - old) / old with its 95 % interval; else NAN. */
	double change;
	struct interval change_ci95;
	double noise_floor;
};

struct judgements {
	struct judgement *list;
	size_t nr;
	char **notes;		/* nothing that a verdict hangs on */
	size_t nr_notes;
	size_t not_compared;	/* cases without anything to be compared with */
};

/* "pass", "fail", "inconclusive", "no baseline", "error". */
const char *verdict_name(enum verdict verdict);

/*
 * Add a judgement without figures; the texts are copied.  What is returned is
 * valid until the next one is added.
 */
struct judgement *judge(struct judgements *all, enum verdict verdict,
			const char *scope, const char *call);

/* Say why; replaces what was said before. */
void judge_why(struct judgement *judgement, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void judge_note(struct judgements *all, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Over all: what was found to be worse counts most, then what could not be
 * compared, then what noise hides, then what has no baseline.  Without any
 * judgement: VERDICT_ERROR, since a gate that compared nothing is open.
 */
enum verdict judgements_overall(const struct judgements *all);

size_t judgements_count(const struct judgements *all, enum verdict verdict);

/* What is not pass first, the most severe of it on top; else as added. */
void judgements_sort(struct judgements *all);

void judgements_free(struct judgements *all);

#endif /* VERDICT_H */
