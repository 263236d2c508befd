// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two results.json, case by case.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "lib/text.h"
#include "regress/compare.h"
#include "results/results.h"

enum { MEDIAN, RATIO };

struct two {
	struct diff *diff;
	const struct results *old, *new;
	bool same_machine;
};

static char *copy(const char *text)
{
	char *made = strdup(text);

	if (!made)
		err(EXIT_FAILURE, "memory");
	return made;
}

static const struct result_case *same_case(const struct results *results,
					   const struct result_case *c)
{
	return results_find_in(results, c->group, c->call, c->form, c->platform,
			       c->padding);
}

static struct diff_row *add_case(struct diff_table *table,
				 const struct result_case *c)
{
	struct diff_row *row = diff_add_row(table);

	row->name[0] = copy(platform_table[c->platform].name);
	if (asprintf(&row->name[1], "%s %s%s%s", c->call, form_name(c->form),
		     c->padding ? " " : "", c->padding ? c->padding : "") < 0)
		err(EXIT_FAILURE, "memory");
	text_clean(row->name[1]);
	row->name[2] = copy(c->group);
	text_clean(row->name[2]);
	row->name[3] = copy(unit_name(c->unit));
	return row;
}

static bool same_stats(const struct result_case *old,
		       const struct result_case *new)
{
	return old->stats.median == new->stats.median &&
	       old->stats.min == new->stats.min &&
	       old->stats.p95 == new->stats.p95;
}

/* Counted: not one sample may differ. */
static void compare_exact(struct diff_row *row, const struct result_case *old,
			  const struct result_case *new)
{
	row->figure[MEDIAN].state =
		same_stats(old, new) ? DIFF_SAME : DIFF_CHANGED;
}

static void compare_ratio(const struct two *two, struct diff_row *row,
			  const struct result_case *old,
			  const struct result_case *new)
{
	struct diff_figure *figure = &row->figure[RATIO];

	if (!old->has_ratio || !new->has_ratio)
		return;
	figure->old = old->ratio_to_native.median;
	figure->new = new->ratio_to_native.median;
	if (!two->same_machine ||
	    !ratio_change(&old->ratio_to_native, &new->ratio_to_native,
			  &figure->change, &figure->ci95))
		return;
	diff_judge_interval(figure, two->diff->threshold);
	row->weight = fabs(figure->change);
}

static void compare_case(const struct two *two, struct diff_table *table,
			 const struct result_case *old,
			 const struct result_case *new)
{
	struct diff_row *row = add_case(table, new);
	struct diff_figure *median = &row->figure[MEDIAN];

	median->old = old->stats.median;
	median->new = new->stats.median;
	if (old->unit != new->unit) {
		diff_note(two->diff,
			  "%s, %s: unit: old %s, new %s; not compared",
			  row->name[0], row->name[1], unit_name(old->unit),
			  unit_name(new->unit));
		return;
	}
	diff_set(median, old->stats.median, new->stats.median);
	if (result_below_step(old) || result_below_step(new))
		(void)diff_below_step(median, INFINITY);
	row->weight = fabs(median->change);
	if (new->unit == UNIT_INSTRUCTIONS)
		compare_exact(row, old, new);
	else
		compare_ratio(two, row, old, new);
}

/* A case that one of the files has not: a change of what is measured. */
static void one_sided(const struct two *two, struct diff_table *table,
		      const struct result_case *c, bool is_new)
{
	struct diff_row *row = add_case(table, c);
	struct diff_figure *median = &row->figure[MEDIAN];

	(void)two;
	*(is_new ? &median->new : &median->old) = c->stats.median;
	median->state = DIFF_CHANGED;
}

static void compare_cases(const struct two *two, struct diff_table *table)
{
	for (size_t i = 0; i < two->old->nr_cases; i++) {
		const struct result_case *old = &two->old->cases[i];
		const struct result_case *new = same_case(two->new, old);

		if (new)
			compare_case(two, table, old, new);
		else
			one_sided(two, table, old, false);
	}
	for (size_t i = 0; i < two->new->nr_cases; i++) {
		const struct result_case *new = &two->new->cases[i];

		if (!same_case(two->old, new))
			one_sided(two, table, new, true);
	}
}

/* Why a figure that differs may not be one that changed. */
static void note_not_judged(struct diff *diff)
{
	size_t nr = 0;

	for (size_t i = 0; i < diff->table[0].nr; i++) {
		const struct diff_figure *figure = diff->table[0].row[i].figure;

		nr += figure[MEDIAN].state == DIFF_NOT_JUDGED &&
		      figure[RATIO].state == DIFF_NOT_JUDGED;
	}
	if (nr)
		diff_note(diff,
			  "%zu cases are shown and not judged: times of two "
			  "sessions compare as ratios to native only",
			  nr);
}

static void note_tools(struct two *two)
{
	const struct results *old = two->old, *new = two->new;

	two->same_machine = old->machine.cpu && new->machine.cpu &&
			    !strcmp(old->machine.cpu, new->machine.cpu);
	diff_note_other(two->diff, "CPU", old->machine.cpu, new->machine.cpu);
	if (!two->same_machine)
		diff_note(two->diff,
			  "times of two machines are not judged; counts of "
			  "instructions are");
	diff_note_other(two->diff, "host kernel", old->machine.kernel,
			new->machine.kernel);
	diff_note_other(two->diff, "vmiprof", old->tools.vmiprof,
			new->tools.vmiprof);
	diff_note_other(two->diff, "QEMU", old->tools.qemu, new->tools.qemu);
	diff_note_other(two->diff, "gcc", old->tools.gcc, new->tools.gcc);
}

static void note_platforms(const struct two *two)
{
	for (int i = 0; i < NR_PLATFORMS; i++) {
		const struct platform_run *run[] = {&two->old->platform[i],
						    &two->new->platform[i]};

		for (int side = 0; side < 2; side++) {
			if (run[side]->status != PLATFORM_FAILED)
				continue;
			two->diff->partial = true;
			diff_note(two->diff, "%s: platform %s failed: %s",
				  side ? two->diff->new_path
				       : two->diff->old_path,
				  platform_table[i].name,
				  run[side]->reason ? run[side]->reason
						    : "it does not say why");
		}
	}
}

bool diff_results(struct diff *diff)
{
	struct results *old =
		results_load_sound(diff->old_path, &diff->problems);
	struct results *new =
		results_load_sound(diff->new_path, &diff->problems);
	struct two two = {diff, old, new, false};

	if (old && new) {
		if (diff->problems.nr)
			diff->partial = true;
		note_tools(&two);
		note_platforms(&two);
		diff->nr_tables = 1;
		diff->table[0] = (struct diff_table){
			.key = "cases",
			.names = {"platform", "case", "group", "unit"},
			.figures = {{"median", "median"},
				    {"ratio_to_native", "ratio to native"}},
		};
		compare_cases(&two, &diff->table[0]);
		note_not_judged(diff);
	}
	results_free(old);
	results_free(new);
	return old && new;
}
