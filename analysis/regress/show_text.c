// SPDX-License-Identifier: GPL-2.0-only
/*
 * Judgements for people: what is not pass comes first.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"
#include "show.h"

#define CASE_BYTES 160

void show_case_name(const struct judgement *judgement, char *text, size_t bytes)
{
	text_set(text, bytes, "%s", judgement->call);
	if (judgement->form)
		text_append(text, bytes, " %s", judgement->form);
	if (judgement->padding)
		text_append(text, bytes, " %s", judgement->padding);
	text_clean(text);
}

static void figure(double value, char *text, size_t bytes)
{
	if (isnan(value))
		text_set(text, bytes, "-");
	else if (value == floor(value))
		text_set(text, bytes, "%.0f", value);
	else
		text_set(text, bytes, "%.3f", value);
}

static void change(const struct judgement *j, char *text, size_t bytes)
{
	double difference = j->new_figure - j->old_figure;

	if (!isnan(j->change))
		text_set(text, bytes, "%+.1f %% [%+.1f, %+.1f]",
			 100 * j->change, 100 * j->change_ci95.lo,
			 100 * j->change_ci95.hi);
	else if (isnan(difference))
		text_set(text, bytes, "-");
	else
		text_set(text, bytes, "%+g", difference);
}

static int name_width(const struct judgements *all, bool everything)
{
	char name[CASE_BYTES];
	size_t width = strlen("case");

	for (size_t i = 0; i < all->nr; i++) {
		show_case_name(&all->list[i], name, sizeof(name));
		if ((everything || all->list[i].verdict != VERDICT_PASS) &&
		    strlen(name) > width)
			width = strlen(name);
	}
	return (int)width;
}

static void print_row(FILE *out, const struct judgement *j, int width)
{
	char name[CASE_BYTES], old[32], new[32], by[64];

	show_case_name(j, name, sizeof(name));
	figure(j->old_figure, old, sizeof(old));
	figure(j->new_figure, new, sizeof(new));
	change(j, by, sizeof(by));
	(void)fprintf(out, "%-12s  %-14s  %-*s  %9s %9s  %-22s",
		      verdict_name(j->verdict), j->scope, width, name, old, new,
		      by);
	if (j->why)
		(void)fprintf(out, "  %s", j->why);
	(void)fputc('\n', out);
}

static void print_table(FILE *out, const struct verdict_report *report,
			bool everything)
{
	const struct judgements *all = report->all;
	int width = name_width(all, everything);
	bool heading = false;

	for (size_t i = 0; i < all->nr; i++) {
		if (!everything && all->list[i].verdict == VERDICT_PASS)
			continue;
		if (!heading)
			(void)fprintf(
				out, "%-12s  %-14s  %-*s  %9s %9s  %-22s  %s\n",
				"verdict", "platform", width, "case",
				report->baseline ? "baseline" : "stub",
				report->baseline ? "new" : "inline", "change",
				"why");
		heading = true;
		print_row(out, &all->list[i], width);
	}
	if (heading)
		(void)fputc('\n', out);
}

/* What is held against what. */
static void print_files(FILE *out, const struct verdict_report *report)
{
	char *baseline = text_clean_copy(report->baseline);
	char *new_run = text_clean_copy(report->new_run);

	if (baseline)
		(void)fprintf(out, "Baseline %s", baseline);
	if (report->accepted || report->reason)
		(void)fprintf(out, ", accepted %s: %s",
			      report->accepted ? report->accepted : "once",
			      report->reason ? report->reason
					     : "it does not say why");
	if (baseline)
		(void)fputc('\n', out);
	(void)fprintf(out, "New run  %s\n\n", new_run);
	free(baseline);
	free(new_run);
}

void show_text(FILE *out, const struct verdict_report *report, bool everything)
{
	const struct judgements *all = report->all;

	print_files(out, report);
	print_table(out, report, everything);
	for (size_t i = 0; i < all->nr_notes; i++)
		(void)fprintf(out, "note: %s\n", all->notes[i]);
	(void)fprintf(out, "%zu judged:", all->nr);
	for (int v = 0; v < NR_VERDICTS; v++)
		(void)fprintf(out, "%s %zu %s", v ? "," : "",
			      judgements_count(all, (enum verdict)v),
			      verdict_name((enum verdict)v));
	if (all->not_compared)
		(void)fprintf(out, "; %zu with nothing to be a ratio of",
			      all->not_compared);
	(void)fprintf(out, "\nverdict: %s\n",
		      verdict_name(judgements_overall(all)));
}
