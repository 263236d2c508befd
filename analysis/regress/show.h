/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * show.h - judgements as text, JSON, JUnit and TAP
 */
#ifndef SHOW_H
#define SHOW_H

#include <stdio.h>

#include "verdict.h"

struct verdict_report {
	const char *baseline;	/* path; NULL: a gate without one */
	const char *reason;	/* for which the baseline was accepted, or NULL */
	const char *accepted;	/* date, or NULL */
	const char *new_run;	/* path */
	double threshold;
	const struct judgements *all;
};

/* A table of what did not pass, or of everything; then how many were what. */
void show_text(FILE *out, const struct verdict_report *report, bool everything);

void show_json(FILE *out, const struct verdict_report *report);

/*
 * What fails is "not ok", what could not be judged a skipped test: it is the
 * exit status that says which.
 */
void show_tap(FILE *out, const struct verdict_report *report);

/* A suite per platform.  Inconclusive and no baseline are skipped tests. */
void show_junit(FILE *out, const struct verdict_report *report);

/* "Call form padding" in text of so many bytes. */
void show_case_name(const struct judgement *judgement, char *text,
		    size_t bytes);

#endif /* SHOW_H */
