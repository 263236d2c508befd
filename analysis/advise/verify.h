/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verify.h - try a policy in the Linux guest, and compare
 *
 * Two boots of the patched kernel.  In the first, with the trace ROM, the
 * benchmarks count which calls an operation makes; with the cost of each call
 * that is what the policy should save.  In the second, with the native ROM, the
 * benchmarks run while their call sites are switched to stubs, to the policy and
 * back, round by round; that is what it does save.
 */
#ifndef ADVISE_VERIFY_H
#define ADVISE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "advice.h"
#include "macro_lines.h"

/* One benchmark: per operation, in the unit of the advice. */
struct verify_benchmark {
	const char *name;
	double calls;			/* of the policy, per operation */
	bool predicted_known;		/* its calls were counted */
	struct estimate predicted;
	struct estimate stub, policy;	/* measured */
	size_t nr_samples;
	struct estimate measured;	/* what the policy saved */
	bool agrees;			/* the two intervals meet */
};

struct verify {
	struct macro_lines counts;	/* what the guest said in the first boot */
	struct macro_lines times;	/* and in the second */
	size_t nr;
	struct verify_benchmark *benchmark;
};

struct verify_options {
	const char *benchmarks;		/* "all", or names and commas */
	unsigned int nr_samples;
	unsigned int timeout_s;		/* of one boot */
	bool quiet;
};

/* Whether that platform can be verified in a guest; says why not. */
bool verify_can(enum result_platform platform, char *why, size_t why_bytes);

/*
 * Boot and compare.  NULL after a message; *status then says what failed, as
 * exit status of vmiprof.
 */
struct verify *verify_run(const struct advice *advice,
			  const struct verify_options *options, int *status);

/*
 * What the two boots said, compared: fills in the benchmarks.  False when none was
 * measured in both forms and predicted.
 */
bool verify_compare(struct verify *verify, const struct advice *advice);

void verify_free(struct verify *verify);

#endif /* ADVISE_VERIFY_H */
