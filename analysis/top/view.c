// SPDX-License-Identifier: GPL-2.0-only
#include "view.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/call_table.h"
#include "lib/text.h"
#include "record/progress.h"

#define CELL_BYTES	32
#define SITE_BYTES	256
#define CALL_WIDTH	22	/* in front of a site */

const char *const view_sort_name[NR_VIEW_SORTS] = {
	[VIEW_CALLS] = "calls", [VIEW_CYCLES] = "cycles", [VIEW_TIME] = "time",
	[VIEW_MEAN] = "mean",	[VIEW_MAX] = "max",	  [VIEW_NAME] = "name",
};

int view_sort_by_name(const char *name)
{
	for (int i = 0; i < NR_VIEW_SORTS; i++) {
		if (!strcmp(view_sort_name[i], name))
			return i;
	}
	return -1;
}

static double sort_value(const struct live_row *row, enum view_sort sort)
{
	switch (sort) {
	case VIEW_CYCLES:
		return row->share_cycles;
	case VIEW_TIME:
		return row->share_time;
	case VIEW_MEAN:
		return row->mean_cycles;
	case VIEW_MAX:
		return row->max_cycles;
	default:
		return row->per_s;
	}
}

/* What is not known comes last, whatever the direction. */
static int by_view(const void *a, const void *b, void *arg)
{
	const struct view *view = arg;
	const struct live_row *x = a, *y = b;
	const double xv = sort_value(x, view->sort);
	const double yv = sort_value(y, view->sort);
	int order = 0;

	if (view->sort == VIEW_NAME)
		order = strcmp(call_table[x->nr].name, call_table[y->nr].name);
	else if (isnan(xv) || isnan(yv))
		return isnan(xv) != isnan(yv) ? isnan(xv) - isnan(yv)
					      : (int)x->nr - (int)y->nr;
	else
		order = (xv < yv) - (xv > yv);
	if (view->reverse)
		order = -order;
	if (order)
		return order;
	return x->nr != y->nr ? (int)x->nr - (int)y->nr
			      : (x->ret > y->ret) - (x->ret < y->ret);
}

void view_sort(const struct view *view, struct live_shot *shot)
{
	qsort_r(shot->call, shot->nr_calls, sizeof(shot->call[0]), by_view,
		(void *)view);
	if (shot->nr_sites)
		qsort_r(shot->site, shot->nr_sites, sizeof(shot->site[0]),
			by_view, (void *)view);
}

/* A rate: with commas, and a decimal below 100. */
static const char *rate(char cell[CELL_BYTES], double per_s)
{
	if (!(per_s < 1e18))
		text_set(cell, CELL_BYTES, "-");
	else if (per_s < 99.95 && per_s > 0)
		text_set(cell, CELL_BYTES, "%.1f", per_s);
	else
		with_commas(cell, (uint64_t)(per_s + 0.5));
	return cell;
}

static const char *percent(char cell[CELL_BYTES], double share)
{
	if (isnan(share))
		text_set(cell, CELL_BYTES, "-");
	else
		text_set(cell, CELL_BYTES, "%.1f", 100 * share);
	return cell;
}

static const char *cycles(char cell[CELL_BYTES], double value)
{
	if (isnan(value))
		text_set(cell, CELL_BYTES, "-");
	else
		text_set(cell, CELL_BYTES, "%.0f", value);
	return cell;
}

static void print_run(const struct view *view, FILE *out)
{
	const struct run_info *info = view->info;
	const char *accel = info->accelerator ? info->accelerator : "?";
	char clock[16] = "";
	time_t now = time(NULL);
	struct tm local;

	if (localtime_r(&now, &local))
		(void)strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	(void)fprintf(out, "vmiprof top - %s, pid %d, guest %s, %s%s\n", clock,
		      (int)view->pid, or_unknown(info->guest), accel,
		      info->icount ? ", a cycle is one instruction"
		      : !strcmp(accel, "tcg")
			      ? ", cycles are emulated, not the CPU's"
			      : "");
	if (*view->dir) {
		char dir[SITE_BYTES];

		text_set(dir, sizeof(dir), "%s", view->dir);
		text_clean(dir);
		(void)fprintf(out, "Trace: %s\n", dir);
	}
}

static void print_vcpus(const struct live_shot *shot, FILE *out)
{
	char a[CELL_BYTES], b[CELL_BYTES];

	for (size_t i = 0; i < shot->nr_vcpus; i++)
		(void)fprintf(out, "vCPU %zu: %s calls/s, %s %% of all\n", i,
			      rate(a, shot->vcpu[i].per_s),
			      percent(b, shot->vcpu[i].share_calls));
}

void view_print_summary(const struct view *view, const struct live *live,
			const struct live_shot *shot, FILE *out)
{
	char a[CELL_BYTES], b[CELL_BYTES], c[CELL_BYTES], d[CELL_BYTES];

	print_run(view, out);
	(void)fprintf(out, "Calls: %s/s over %.1f s", rate(a, shot->per_s),
		      shot->seconds);
	if (live->on && run_levels[live->level].events)
		(void)fprintf(
			out,
			", lost %s/s (%s in all), waiting %s %%, %s %% sampled",
			rate(a, shot->lost_per_s), with_commas(b, shot->lost),
			percent(c, shot->share_wait), percent(d, shot->sampled));
	else if (live->on)
		(void)fprintf(out, ", level %s", run_levels[live->level].name);
	(void)fputc('\n', out);
	if (view->vcpus)
		print_vcpus(shot, out);
	(void)fputc('\n', out);
}

void view_print_header(const struct view *view, FILE *out)
{
	(void)fprintf(out, "%14s %7s %8s %6s %9s %10s  ", "calls/s", "calls %",
		      "cycles %", "time %", "mean", "max");
	if (view->sites)
		(void)fprintf(out, "%-*s  %s\n", CALL_WIDTH, "call", "site");
	else
		(void)fprintf(out, "call\n");
}

/* "function+0x1f (file:12)", or the return address alone. */
static void site_text(const struct view *view, uint32_t ret,
		      char text[SITE_BYTES])
{
	struct symbol_place place;

	if (!places_find(view->places, ret, &place)) {
		text_set(text, SITE_BYTES, "0x%08" PRIx32, ret);
		return;
	}
	symbol_place_text(&place, text, SITE_BYTES);
	if (place.file)
		text_append(text, SITE_BYTES, " (%s:%u)", place.file,
			    place.line);
}

/* The rows that the view shows. */
static const struct live_row *rows_of(const struct view *view,
				      const struct live_shot *shot, size_t *nr)
{
	*nr = view->sites ? shot->nr_sites : shot->nr_calls;
	if (*nr > view->rows)
		*nr = view->rows;
	return view->sites ? shot->site : shot->call;
}

static const char *why_no_rows(const struct view *view,
			       const struct live *live,
			       const struct live_shot *shot)
{
	if (!live->on)
		return "The guest has not called Init of its ROM yet.";
	if (view->sites && !run_levels[live->level].events)
		return "Sites are known at levels that keep events only.";
	if (shot->calls)
		return "No records were seen.";
	return "The guest made no VMI call.";
}

void view_print_rows(const struct view *view, const struct live *live,
		     const struct live_shot *shot, FILE *out)
{
	char a[CELL_BYTES], b[CELL_BYTES], c[CELL_BYTES], d[CELL_BYTES];
	char e[CELL_BYTES], f[CELL_BYTES], site[SITE_BYTES];
	const struct live_row *row;
	size_t nr;

	row = rows_of(view, shot, &nr);
	if (!nr)
		(void)fprintf(out, "%s\n", why_no_rows(view, live, shot));
	for (; nr; nr--, row++) {
		(void)fprintf(out, "%14s %7s %8s %6s %9s %10s  ",
			      rate(a, row->per_s), percent(b, row->share_calls),
			      percent(c, row->share_cycles),
			      percent(d, row->share_time),
			      cycles(e, row->mean_cycles),
			      cycles(f, row->max_cycles));
		if (!view->sites) {
			(void)fprintf(out, "%s\n", call_table[row->nr].name);
			continue;
		}
		site_text(view, row->ret, site);
		(void)fprintf(out, "%-*s  %s\n", CALL_WIDTH,
			      call_table[row->nr].name, site);
	}
}
