// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two traces: per call, and per call site.
 */
#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "lib/call_table.h"
#include "lib/text.h"
#include "trace/places.h"
#include "trace/profile.h"

enum { OLD, NEW, BOTH };
enum { COUNT, CYCLES, EACH };

/* Calls of one kind from one place, as far as both traces can tell places. */
struct where {
	unsigned int nr;
	char *place;
	const char *file; /* NULL: not known */
	unsigned int line;
	double count[BOTH], cycles[BOTH], undisturbed[BOTH];
};

struct where_list {
	struct where *where;
	size_t nr;
};

struct pair {
	struct diff *diff;
	struct profile *profile[BOTH];
	struct places *places[BOTH];
	bool counted;	  /* counts are the ROM's, complete */
	bool exact;	  /* counts, and cycles, are instructions */
	bool same_cycles; /* cycles are comparable */
	bool same_build;  /* addresses are */
};

static bool same_text(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static const char *or_unknown_text(const char *text)
{
	return text ? text : "not known";
}

/* Says why cycles are not compared, once for each reason. */
static void not_comparable(struct pair *p, const char *what, const char *a,
			   const char *b)
{
	diff_note(p->diff, "cycles are not compared: %s: old %s, new %s", what,
		  or_unknown_text(a), or_unknown_text(b));
	p->same_cycles = false;
}

static void check_clock(struct pair *p)
{
	const double old = (double)p->profile[OLD]->trace->clock_hz;
	const double new = (double)p->profile[NEW]->trace->clock_hz;
	char a[32], b[32];

	/* Measured, so never quite the same. */
	if (fabs(new / old - 1) < 0.01)
		return;
	text_set(a, sizeof(a), "%.3f MHz", old / 1e6);
	text_set(b, sizeof(b), "%.3f MHz", new / 1e6);
	not_comparable(p, "the time stamp counters differ", a, b);
}

/* What makes cycles of two runs the same thing. */
static void check_cycles(struct pair *p)
{
	const struct profile *old = p->profile[OLD], *new = p->profile[NEW];
	const struct run_info *x = old->info, *y = new->info;

	p->same_cycles = true;
	p->exact = x->icount && y->icount;
	if (strcmp(old->accelerator, new->accelerator) != 0 ||
	    !strcmp(old->accelerator, "unknown"))
		not_comparable(p, "accelerator", old->accelerator,
			       new->accelerator);
	else if (x->icount != y->icount)
		not_comparable(p, "unit", profile_cycles_label(old),
			       profile_cycles_label(new));
	if (p->exact)
		return;
	if (!same_text(x->cpu, y->cpu))
		not_comparable(p, "host CPU", x->cpu, y->cpu);
	if (old->emulated && new->emulated && !same_text(x->qemu, y->qemu))
		not_comparable(p, "QEMU, which emulates", x->qemu, y->qemu);
	check_clock(p);
}

static void note_run(struct pair *p)
{
	const struct run_info *x = p->profile[OLD]->info;
	const struct run_info *y = p->profile[NEW]->info;
	struct diff *diff = p->diff;

	diff_note_other(diff, "guest", x->guest, y->guest);
	diff_note_other(diff, "ROM", x->rom_name, y->rom_name);
	diff_note_other(diff, "vmiprof", x->vmiprof, y->vmiprof);
	diff_note_other(diff, "host kernel", x->kernel, y->kernel);
	if (p->profile[OLD]->emulated && p->same_cycles && !p->exact)
		diff_note(diff,
			  "cycles are emulated (TCG), not the hardware's");
	if (p->profile[OLD]->unmeasured || p->profile[NEW]->unmeasured)
		diff_note(diff,
			  "cycles are estimates: old of all calls but %" PRIu64
			  ", new of all but %" PRIu64
			  ", which were not measured",
			  p->profile[OLD]->unmeasured,
			  p->profile[NEW]->unmeasured);
	if (x->lossless != y->lossless)
		diff_note(diff, "only one of the runs is lossless");
	if (x->counts_known && y->counts_known &&
	    (x->events_lost || y->events_lost))
		diff_note(diff,
			  "lost calls are in no cycles%s: old %" PRIu64
			  ", new %" PRIu64,
			  p->counted ? ", nor in the counts of sites" : "",
			  x->events_lost, y->events_lost);
}

/* Whether an address means the same place in both. */
static void check_build(struct pair *p)
{
	const char *old = p->profile[OLD]->info->symbols_build_id;
	const char *new = p->profile[NEW]->info->symbols_build_id;

	p->same_build = !old || !new || same_text(old, new);
	if (!p->same_build)
		diff_note(p->diff,
			  "two builds of the guest: sites are compared by "
			  "function");
	else if (!old || !new)
		diff_note(p->diff,
			  "sites are compared by address, as if both runs were "
			  "of one build: %s does not name its own",
			  old ? p->diff->new_path : p->diff->old_path);
}

/* Counts of a call in one run. */
static double count_of(const struct pair *p, int side, unsigned int nr)
{
	const struct profile *profile = p->profile[side];

	if (profile->info->totals)
		return (double)profile->info->totals[nr].count;
	if (p->counted)
		return (double)profile->info->counted[nr];
	return (double)profile->stats->call[nr].count;
}

static double cycles_of(const struct pair *p, int side, unsigned int nr)
{
	const struct profile *profile = p->profile[side];

	if (!call_has_cycles(nr) || !run_levels[profile->info->level].cycles)
		return NAN;
	if (profile->info->totals)
		return (double)profile->info->totals[nr].sum_cycles;
	return stats_cycles(profile->stats, nr).sum;
}

/* The median and the ranks that hold it with 95 %; false: too few calls. */
static bool median_of(const struct pair *p, int side, unsigned int nr,
		      double *median, struct interval *ci95)
{
	const struct stats *stats = p->profile[side]->stats;
	const struct call_stats *call = &stats->call[nr];
	const double n = (double)call_measured(call);
	/* Of the binomial distribution of 1/2, by its normal approximation. */
	const double half = 0.98 / sqrt(n);

	/* Known to a power of two only is too little to compare. */
	if (!call_has_cycles(nr) || !(n > 0) || p->profile[side]->info->totals)
		return false;
	*median = (double)stats_quantile(stats, nr, 0.5);
	if (n < SAMPLES_MIN_CI95)
		return false;
	ci95->lo = (double)stats_quantile(stats, nr, fmax(0.5 - half, 0));
	ci95->hi =
		(double)stats_quantile(stats, nr, fmin(0.5 + half + 1 / n, 1));
	return true;
}

/*
 * The coarser of both clocks.  Medians that are one step apart may be one and the
 * same time, at another moment within the step.
 */
static double step_of(const struct pair *p)
{
	const uint64_t old = p->profile[OLD]->info->tsc_step;
	const uint64_t new = p->profile[NEW]->info->tsc_step;
	const uint64_t step = old > new ? old : new;

	return step > 1 ? (double)step + 1 : 0;
}

static void compare_median(const struct pair *p, struct diff_figure *figure,
			   unsigned int nr)
{
	double median[BOTH] = {NAN, NAN};
	struct interval ci95[BOTH];
	bool known = median_of(p, OLD, nr, &median[OLD], &ci95[OLD]);

	known = median_of(p, NEW, nr, &median[NEW], &ci95[NEW]) && known;
	figure->old = median[OLD];
	figure->new = median[NEW];
	if (!p->same_cycles || isnan(median[OLD]) || isnan(median[NEW]))
		return;
	diff_set(figure, median[OLD], median[NEW]);
	if (p->exact) {
		diff_judge_exact(figure);
	} else if (diff_below_step(figure, step_of(p))) {
		return;
	} else if (known && ci95[OLD].lo > 0) {
		figure->ci95.lo = ci95[NEW].lo / ci95[OLD].hi - 1;
		figure->ci95.hi = ci95[NEW].hi / ci95[OLD].lo - 1;
		diff_judge_interval(figure, p->diff->threshold);
	}
}

static void compare_count(const struct pair *p, struct diff_figure *figure,
			  double old_count, double new_count)
{
	diff_set(figure, old_count, new_count);
	if (p->exact)
		diff_judge_exact(figure);
	else
		diff_judge_count(figure, p->diff->threshold);
}

/* Totals follow from counts and medians: shown, and what is sorted by. */
static void compare_cycles(const struct pair *p, struct diff_row *row,
			   double old_cycles, double new_cycles)
{
	struct diff_figure *figure = &row->figure[CYCLES];

	figure->old = old_cycles;
	figure->new = new_cycles;
	if (p->same_cycles)
		diff_set(figure, old_cycles, new_cycles);
	row->weight =
		p->same_cycles && !isnan(new_cycles - old_cycles)
			? fabs(new_cycles - old_cycles)
			: fabs(row->figure[COUNT].new - row->figure[COUNT].old);
}

static char *copy(const char *text)
{
	char *made = strdup(text);

	if (!made)
		err(EXIT_FAILURE, "memory");
	return made;
}

static void compare_calls(struct pair *p, struct diff_table *table)
{
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		const double old = count_of(p, OLD, nr);
		const double new = count_of(p, NEW, nr);
		struct diff_row *row;

		if (!call_table[nr].name || (old == 0 && new == 0))
			continue;
		row = diff_add_row(table);
		row->name[0] = copy(call_table[nr].name);
		compare_count(p, &row->figure[COUNT], old, new);
		compare_cycles(p, row, cycles_of(p, OLD, nr),
			       cycles_of(p, NEW, nr));
		compare_median(p, &row->figure[EACH], nr);
	}
}

/* What the site is called: by address too, where addresses mean the same. */
static void name_site(const struct pair *p, int side, const struct site *site,
		      struct where *where)
{
	struct symbol_place place;
	char text[256];

	/* Of one build: what one recording cannot name, the other one may. */
	if (!places_find(p->places[side], site->ret, &place) &&
	    !(p->same_build &&
	      places_find(p->places[!side], site->ret, &place))) {
		text_set(text, sizeof(text), "0x%08" PRIx32, site->ret);
	} else if (p->same_build) {
		symbol_place_text(&place, text, sizeof(text));
		where->file = place.file;
		where->line = place.line;
	} else {
		text_set(text, sizeof(text), "%s%s%s", place.function,
			 place.inlined ? " / " : "",
			 place.inlined ? place.inlined : "");
	}
	where->place = copy(text);
}

static void list_sites(const struct pair *p, int side, struct where_list *list)
{
	const struct sites *sites = p->profile[side]->tally->sites;

	list->where = reallocarray(list->where, list->nr + sites->nr + 1,
				   sizeof(*list->where));
	if (!list->where)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < sites->size; i++) {
		const struct site *site = &sites->site[i];
		struct where *where = &list->where[list->nr];

		if (!site->count)
			continue;
		memset(where, 0, sizeof(*where));
		where->nr = site->nr;
		where->count[side] = (double)site->count;
		where->cycles[side] = site_cycles(site).sum;
		where->undisturbed[side] =
			(double)(site->count - site->interrupted);
		name_site(p, side, site, where);
		list->nr++;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct where *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr < y->nr ? -1 : 1;
	return strcmp(x->place, y->place);
}

static void add_where(struct where *sum, const struct where *where)
{
	for (int side = OLD; side < BOTH; side++) {
		sum->count[side] += where->count[side];
		sum->cycles[side] += where->cycles[side];
		sum->undisturbed[side] += where->undisturbed[side];
	}
}

static void compare_site(const struct pair *p, struct diff_table *table,
			 const struct where *where)
{
	struct diff_row *row = diff_add_row(table);
	struct diff_figure *mean = &row->figure[EACH];

	row->name[0] = copy(call_table[where->nr].name);
	row->name[1] = copy(where->place);
	if (where->file &&
	    asprintf(&row->name[2], "%s:%u", where->file, where->line) < 0)
		err(EXIT_FAILURE, "memory");
	compare_count(p, &row->figure[COUNT], where->count[OLD],
		      where->count[NEW]);
	if (!call_has_cycles(where->nr)) {
		compare_cycles(p, row, NAN, NAN);
		return;
	}
	compare_cycles(p, row, where->cycles[OLD], where->cycles[NEW]);
	mean->old = where->cycles[OLD] / where->undisturbed[OLD];
	mean->new = where->cycles[NEW] / where->undisturbed[NEW];
	if (p->same_cycles && !isnan(mean->old) && !isnan(mean->new))
		diff_set(mean, mean->old, mean->new);
}

static void compare_sites(struct pair *p, struct diff_table *table)
{
	struct where_list list = {0};
	size_t i = 0;

	list_sites(p, OLD, &list);
	list_sites(p, NEW, &list);
	if (list.nr)
		qsort(list.where, list.nr, sizeof(*list.where), by_place);
	while (i < list.nr) {
		struct where *sum = &list.where[i];

		for (i++; i < list.nr && !by_place(sum, &list.where[i]); i++)
			add_where(sum, &list.where[i]);
		compare_site(p, table, sum);
	}
	for (i = 0; i < list.nr; i++)
		free(list.where[i].place);
	free(list.where);
}

static bool open_pair(struct pair *p, const struct diff_options *options)
{
	const char *path[BOTH] = {p->diff->old_path, p->diff->new_path};

	for (int side = OLD; side < BOTH; side++) {
		struct profile *profile =
			profile_read(path[side], &options->request);

		p->profile[side] = profile;
		if (!profile)
			return false;
		p->places[side] = places_open(profile->info, options->vmlinux,
					      &p->diff->problems);
		if (!p->places[side])
			return false;
		if (profile_is_partial(profile)) {
			p->diff->partial = true;
			diff_note(p->diff, "%s is partial: %s", path[side],
				  profile->trace->problems.nr
					  ? profile->trace->problems.text[0]
					  : or_unknown_text(
						    profile->info->reason));
		}
		if (profile->trace->problems.nr)
			p->diff->damaged = true;
	}
	return true;
}

static void close_pair(struct pair *p)
{
	for (int side = OLD; side < BOTH; side++) {
		if (p->places[side])
			places_free(p->places[side]);
		if (p->profile[side])
			profile_free(p->profile[side]);
	}
}

static void compare_pair(struct pair *p)
{
	struct diff *diff = p->diff;
	const struct run_info *old = p->profile[OLD]->info;
	const struct run_info *new = p->profile[NEW]->info;

	/* The ROM counts lost calls too, but not by vCPU or time. */
	p->counted = old->counts_known && new->counts_known &&
		     !p->profile[OLD]->filtered && !p->profile[NEW]->filtered;
	check_cycles(p);
	if (old->level != new->level) {
		not_comparable(p, "level", run_levels[old->level].name,
			       run_levels[new->level].name);
		p->exact = false;
	}
	note_run(p);
	diff->table[0] = (struct diff_table){
		.key = "calls",
		.names = {"call"},
		.figures = {{"count", "count"},
			    {"total_cycles", "cycles"},
			    {"p50_cycles", "p50"}},
	};
	diff->nr_tables = 1;
	compare_calls(p, &diff->table[0]);
	if (old->totals || new->totals)
		return;
	check_build(p);
	diff->table[1] = (struct diff_table){
		.key = "sites",
		.names = {"call", "site", "line"},
		.figures = {{"count", "count"},
			    {"total_cycles", "cycles"},
			    {"mean_cycles", "mean"}},
	};
	diff->nr_tables = 2;
	compare_sites(p, &diff->table[1]);
}

bool diff_traces(struct diff *diff, const struct diff_options *options)
{
	struct pair pair = {.diff = diff};
	const bool ok = open_pair(&pair, options);

	if (ok)
		compare_pair(&pair);
	close_pair(&pair);
	return ok;
}
