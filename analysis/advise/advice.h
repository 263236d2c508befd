/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * advice.h - what inlining each call would save
 *
 * A call site starts as a call of the ROM's stub.  Where the ROM's own body may
 * stand in the site instead, what it saves is the number of calls times the
 * measured difference of the two forms, both of one platform.  Where the kernel's
 * sites are known and the unit is instructions, those around the call count, too.
 */
#ifndef ADVICE_H
#define ADVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel_sites.h"
#include "results/results.h"
#include "trace/profile.h"
#include "trace/sites.h"

/* A figure and the interval that holds it. */
struct estimate {
	double value;
	struct interval ci95;
};

enum advice_kind {
	ADVICE_INLINE,	/* the whole interval of the saving is above 0 */
	ADVICE_NO_GAIN,	/* it is not: no saving was shown */
	ADVICE_NO_BODY,	/* the ROM has no body for it that may be copied and fits */
	ADVICE_NO_COST,	/* one of the two forms was not measured: unknown */
};

struct advice_call {
	unsigned int nr;
	const char *name;
	enum advice_kind kind;
	uint64_t count;		/* calls made */
	size_t nr_sites;	/* sites seen; 0: the trace has no records of it */
	/* The forms below are known; always but for NO_COST and, perhaps, NO_BODY. */
	bool known;
	bool paired;		/* measured in the same rounds */
	struct estimate stub;	/* of one call */
	struct estimate other;	/* inline; native for ADVICE_NO_BODY */
	/* By the kernel's table of sites; 1 and 0 without it. */
	double inlines;		/* share of the calls at sites where the body fits */
	double around;		/* instructions per call that vanish around it */
	struct estimate each;	/* what inlining saves per call */
	struct estimate all;	/* and over all calls */
	bool in_policy;
};

/* Why a platform before the chosen one was not taken. */
struct advice_passed {
	enum result_platform platform;
	char why[120];
};

/* With less of the calls known the advice is marked as partial. */
#define ADVICE_COVERED_ENOUGH 0.9

struct advice {
	enum result_platform platform;
	enum result_unit unit;
	struct advice_passed passed[NR_PLATFORMS];
	size_t nr_passed;

	uint64_t nr_calls_made;
	double covered;		/* of them, share with both forms, 0 to 1 */
	size_t nr;
	/* By kind, then what is saved in all, then count; largest first. */
	struct advice_call call[VMI_NR_SLOTS];

	struct estimate possible; /* of all calls that may be inlined and gain */
	struct estimate policy;	/* of the calls of the policy */
	unsigned int nr_policy;
	unsigned int order[VMI_NR_SLOTS]; /* their numbers, best first */
	size_t policy_sites;
};

/* What the advice is made from. */
struct advice_inputs {
	const struct profile *profile;
	const struct sites *sites;
	const struct results *results;
	const bool *may_inline;	/* by call number: the ROM has a body to copy */
	const struct kernel_sites *kernel; /* of the traced kernel; or NULL */
	int platform;		/* enum result_platform; -1: choose the best */
	double goal;		/* share of the possible saving, 0 to 1 */
	unsigned int top;	/* at most so many calls; 0: as many as it takes */
};

/*
 * Fill in advice.  False, with `why` set, when the platform has no costs, or no
 * call of the trace has a cost in both forms.
 */
bool advice_make(struct advice *advice, const struct advice_inputs *inputs,
		 char *why, size_t why_bytes);

/*
 * What one call saves: form `base` against form `other`, from a group that has
 * both, paired; else by their two intervals, which is wider.  False when one of
 * them was not measured on that platform in that unit.
 */
bool advice_difference(struct advice_call *call, const struct results *results,
		       enum result_platform platform, enum result_unit unit,
		       enum result_form base, enum result_form other);

/* Share of the calls recorded that are at sites of that kernel, 0 to 1. */
double advice_sites_known(const struct sites *sites,
			  const struct kernel_sites *kernel);

struct estimate estimate_times(struct estimate estimate, double factor);

/* The interval of a sum holds whatever the errors have in common. */
struct estimate estimate_plus(struct estimate a, struct estimate b);

#endif /* ADVICE_H */
