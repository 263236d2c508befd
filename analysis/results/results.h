/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * results.h - results.json: what a benchmark measured, where, in which form
 *
 * docs/results.md has the schema.  A platform stands for one way of measuring:
 * its accelerator and its units are fixed, so that a figure of one can never
 * stand in the column of another; this is checked when a file is read and when a
 * case is added.
 */
#ifndef RESULTS_H
#define RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/problems.h"
#include "sample_stats.h"

#define RESULTS_FORMAT	"vmiprof-results"
#define RESULTS_VERSION	1

/* How the operation was carried out, in the order of tables and plots. */
enum result_form {
	FORM_NATIVE,	/* the bare instruction */
	FORM_PADDED,	/* that, padded to the size of a site */
	FORM_INLINE,	/* the ROM's body in the site */
	FORM_COUNT,	/* a counter and the bare instruction in the site */
	FORM_STUB,	/* a call of the native ROM */
	FORM_STAMP,	/* a call of the ROM with one time stamp */
	FORM_AGGREGATE,	/* a call of the ROM that sums up */
	FORM_TRACE,	/* a call of the ROM that records */
	FORM_TRAP,	/* faulted and emulated */
	FORM_REFERENCE,	/* a yardstick, no VMI call */
	/* Of the platform throughput: who does it. */
	FORM_VMIPROF,
	FORM_VMIPROF_PREFILLED,
	FORM_RECORDER_ALONE,
	FORM_PLAIN_WRITE,
	FORM_LTTNG_UST,
	FORM_BABELTRACE2_DUMMY,
	FORM_LIBBABELTRACE2_HISTOGRAM,
	NR_FORMS,
};

enum result_unit {
	UNIT_INSTRUCTIONS,
	UNIT_CYCLES,		/* of the CPU's TSC */
	UNIT_TCG_CYCLES,	/* emulated: no hardware cycles */
	UNIT_NS,
	UNIT_EVENTS_PER_S,
	NR_UNITS,
};

enum result_platform {
	PLATFORM_EXACT,
	PLATFORM_EMULATED,
	PLATFORM_HOST,
	PLATFORM_KVM,
	PLATFORM_LINUX_EXACT,
	PLATFORM_LINUX_EMULATED,
	PLATFORM_LINUX_KVM,
	PLATFORM_THROUGHPUT,
	NR_PLATFORMS,
};

struct platform_info {
	const char *name;
	const char *accelerator;
	const char *meaning;		/* for headings: what the figures are */
	bool allows[NR_UNITS];
};

extern const struct platform_info platform_table[NR_PLATFORMS];

/* Names as the file has them; -1 when there is no such thing. */
const char *form_name(enum result_form form);
int form_by_name(const char *name);
const char *unit_name(enum result_unit unit);
int unit_by_name(const char *name);

/* Of a rate more is better, of all else less. */
bool unit_more_is_better(enum result_unit unit);

int platform_by_name(const char *name);

/* "0x66", "nopl", "prefix". */
bool padding_is_known(const char *padding);

enum platform_status {
	PLATFORM_NOT_ASKED,	/* not in the file */
	PLATFORM_RAN,
	PLATFORM_NOT_SUPPORTED,
	PLATFORM_FAILED,	/* in whole or in part; what was measured is kept */
};

struct platform_run {
	enum platform_status status;
	char *reason;		/* NULL when it ran */
	unsigned int repetitions; /* boots, or runs of the program */
	char *perf;		/* what the CPU's counters said; NULL: not asked */
};

struct result_case {
	char *call;		/* or the name of a benchmark */
	enum result_form form;
	char *padding;		/* of FORM_PADDED, else NULL */
	enum result_platform platform;
	enum result_unit unit;
	/*
	 * Sample i of each case of one group on one platform was taken in the
	 * same round: only these may be paired.
	 */
	char *group;
	double *samples;	/* of all repetitions, one behind the other */
	size_t nr_samples;
	unsigned int repetition; /* that the last ones are of, from 0 */
	size_t *nr_of_repetition; /* samples of each; repetition + 1 numbers */
	double resolution;	/* least that its clock tells, in the unit; 0: not known */
	struct sample_stats stats;
	/* There is a native case in the group, and neither is below the clock's step. */
	bool has_ratio;
	struct sample_ratio ratio_to_native;
};

/* What could not be measured and why; no case has its place. */
struct result_skip {
	char *call;
	enum result_form form;
	char *padding;		/* NULL: none, or all styles */
	enum result_platform platform;
	char *why;
};

struct results {
	char *started;		/* ISO 8601, UTC */
	char **sets;		/* ends with NULL */
	struct {
		char *cpu, *kernel;
		unsigned int cores;
		unsigned int tsc_step;	/* lib/tsc_step.h; 0: not known */
	} machine;
	struct {
		char *vmiprof, *qemu, *gcc;	/* NULL: not known, not used */
	} tools;
	struct {
		char *reason, *accepted;	/* NULL: no baseline; when: ISO 8601 */
	} baseline;
	struct platform_run platform[NR_PLATFORMS];
	struct result_case *cases;
	size_t nr_cases;
	struct result_skip *skips;
	size_t nr_skips;
};

/* Empty; the texts are NULL. */
struct results *results_new(void);

/*
 * Read and check a file: format and version, that each case fits its platform,
 * and that its statistics are those of its samples.  NULL when it is not sound;
 * why then names the file, the thing, what was found and what was expected.
 */
struct results *results_load(const char *path, char *why, size_t why_bytes);

/*
 * The same, but of a file that is one in principle: what is not sound in it is
 * left out and told in problems, the rest is kept.  NULL, told as well, when it
 * is no results file, of another version or no JSON.
 */
struct results *results_load_sound(const char *path, struct problems *problems);

/*
 * Write the file: whole or not at all.  Ratios are computed anew.  False with
 * why set when it cannot be written.
 */
bool results_save(struct results *results, const char *path, char *why,
		  size_t why_bytes);

/*
 * Add a case of one repetition (nr_of_repetition is not looked at); what it points
 * to is copied, statistics are computed.  When the case is there from an earlier
 * repetition, its samples become more.  False with why set when it does not fit
 * its platform or has been added in this repetition already.
 */
bool results_add(struct results *results, const struct result_case *wanted,
		 char *why, size_t why_bytes);

/* Note it, the first time; each boot says it again. */
void results_skip(struct results *results, const struct result_skip *wanted);

/*
 * Whether the figure is too small to be a time: below the resolution of the clock,
 * or below a cycle, which the loop around the operation hides.  There is no ratio
 * or percentage of such a one.
 */
bool result_below_step(const struct result_case *c);

/* Set the ratios of all cases to native, by pairs within their groups. */
void results_pair(struct results *results);

/*
 * The case; without padding: NULL.  Of several groups that have it, the first.
 * NULL when there is none.
 */
const struct result_case *results_find(const struct results *results,
				       const char *call, enum result_form form,
				       enum result_platform platform,
				       const char *padding);

/* The same in that group alone. */
const struct result_case *results_find_in(const struct results *results,
					  const char *group, const char *call,
					  enum result_form form,
					  enum result_platform platform,
					  const char *padding);

void results_free(struct results *results);

#endif /* RESULTS_H */
