/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diff.h - two traces, or two results.json, figure by figure
 *
 * What counts as a change (vmiprof-diff(1) says the same to users):
 *
 * - A figure of exact runs, which count instructions: any difference.
 * - Another one: the 95 % interval of its change lies beyond the threshold as a
 *   whole.  The interval of a count is that of independent events (Poisson), the
 *   one of a trace's median comes from the ranks around it, the one of a ratio
 *   to native from the results.
 * - Cycles of two traces are compared only if what ran them is the same; times of
 *   two results only as ratios to native, and on one machine.
 * - What lies below the step of the clock, or differs by less, is no change and
 *   has no percentage.
 */
#ifndef DIFF_H
#define DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/problems.h"
#include "results/sample_stats.h"
#include "trace/tally.h"

#define DIFF_THRESHOLD	0.05	/* unless --threshold says otherwise */
#define DIFF_NAMES	4
#define DIFF_FIGURES	3
#define DIFF_NOTES	16
#define DIFF_TABLES	2

enum diff_state {
	DIFF_NOT_JUDGED,
	DIFF_SAME,
	DIFF_CHANGED,
	DIFF_BELOW_STEP,	/* no measurement, or no difference of two */
};

/* NAN: there is no such number. */
struct diff_figure {
	double old, new;
	double change;		/* (new - old) / old */
	struct interval ci95;	/* of the change */
	enum diff_state state;
};

struct diff_row {
	char *name[DIFF_NAMES];	/* as the table's names */
	struct diff_figure figure[DIFF_FIGURES];
	double weight;		/* how much changed; larger comes first */
};

struct diff_column {
	const char *key;	/* in JSON and CSV */
	const char *header;
};

struct diff_table {
	const char *key;			/* "calls", "sites", "cases" */
	const char *names[DIFF_NAMES + 1];	/* ends with NULL */
	struct diff_column figures[DIFF_FIGURES + 1];	/* ends with key NULL */
	struct diff_row *row;
	size_t nr;
};

struct diff {
	const char *old_path, *new_path;
	double threshold;
	struct diff_table table[DIFF_TABLES];
	size_t nr_tables;
	char *note[DIFF_NOTES];	/* what the figures do not say */
	size_t nr_notes;
	struct problems problems;
	bool partial;		/* something is missing in old or new */
	bool damaged;		/* and that is the fault of a file */
};

struct diff_options {
	double threshold;
	const char *vmlinux;		/* NULL: as recorded */
	struct tally_request request;	/* of traces */
};

/* Compare; false after a message when there is nothing to compare. */
bool diff_traces(struct diff *diff, const struct diff_options *options);
bool diff_results(struct diff *diff);

/* A row at the end, its figures NAN. */
struct diff_row *diff_add_row(struct diff_table *table);

void diff_note(struct diff *diff, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Notes that both have something else there; NULL: not known. */
void diff_note_other(struct diff *diff, const char *what, const char *old_text,
		     const char *new_text);

/* Set old, new and change. */
void diff_set(struct diff_figure *figure, double old_value, double new_value);

/* Whether it is too small to compare; then it is so marked, without a change. */
bool diff_below_step(struct diff_figure *figure, double step);

/* Judge an exact figure that is set. */
void diff_judge_exact(struct diff_figure *figure);

/* Judge a count that is set. */
void diff_judge_count(struct diff_figure *figure, double threshold);

/* Judge by the interval, which is set. */
void diff_judge_interval(struct diff_figure *figure, double threshold);

bool diff_row_changed(const struct diff_row *row);
size_t diff_nr_changed(const struct diff_table *table);

/* Changed ones first, then by weight. */
void diff_sort(struct diff *diff);

struct diff_show {
	bool everything;	/* not only what changed */
	size_t limit;		/* of lines in a table; 0: none */
};

/* Tables for people. */
void diff_show_text(const struct diff *diff, const struct diff_show *show);

/* As programs read it; always everything. */
void diff_show_json(const struct diff *diff);
void diff_show_csv(const struct diff *diff);

void diff_free(struct diff *diff);

#endif /* DIFF_H */
