/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * advise.h - an advice with what it was made from, and the two forms it has
 */
#ifndef ADVISE_H
#define ADVISE_H

#include "advice.h"
#include "trace/places.h"
#include "verify.h"

struct advise {
	const char *trace_dir;
	const char *results_file;
	const char *rom_file;		/* whose bodies may be copied */
	const char *kernel_file;	/* whose sites are known; NULL: none */
	double sites_known;		/* share of the calls that are at them */
	const struct kernel_sites *kernel; /* NULL: none */
	double goal;
	unsigned int top;		/* 0: no limit */
	unsigned int show_sites;	/* so many of the hottest */
	const struct profile *profile;
	struct sites *sites;		/* sorted */
	struct places *places;		/* names of them; NULL: none */
	const struct results *results;
	struct advice advice;
	const struct verify *verify;	/* NULL: was not asked for */

	double run_cycles;		/* length of the traced run; 0: not known */
	/*
	 * Savings are a share of these only where the trace was timed as the
	 * costs were measured; NULL, or why it was not so.
	 */
	char no_share[200];
	bool other_machine;		/* that is because the CPUs differ */
};

/* Find out whether the advice's unit is that of the trace's clock. */
void advise_compare_clocks(struct advise *advise);

/* The saving as share of the traced run, 0 to 1; NAN if it is none. */
double advise_share(const struct advise *advise, double saving);

/* The saving for each second of the traced run; NAN if it has no length. */
double advise_per_second(const struct advise *advise, double saving);

/* What several calls add up to. */
struct advise_sum {
	size_t nr;
	uint64_t count;		/* of times they were made */
	size_t nr_unknown;	/* of them, whose saving is not known */
	uint64_t unknown_count;
	bool known;		/* some saving is */
	struct estimate all;	/* the sum of those */
};

/* The calls of one kind that the policy leaves out. */
struct advise_sum advise_left(const struct advice *advice,
			      enum advice_kind kind);

void advise_print_text(const struct advise *advise);
void advise_print_json(const struct advise *advise);

#endif /* ADVISE_H */
