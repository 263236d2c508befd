// SPDX-License-Identifier: GPL-2.0-only
#include "profile.h"

#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/text.h"
#include "lttng_source.h"
#include "run_settle.h"
#include "vmiprof.h"

/* Whether the row is one that the filter lets pass. */
static bool is_wanted(const struct profile *profile, unsigned int nr)
{
	const struct trace_filter *filter = &profile->tally->request->filter;

	return !filter->calls_given || filter->call[nr];
}

bool profile_is_counted(const struct profile *profile)
{
	const struct trace_filter *filter = &profile->tally->request->filter;

	return profile->info->counts_known && !filter->vcpus_given &&
	       !filter->from.given && !filter->to.given;
}

static void fill_row(struct profile_row *row, const struct profile *profile,
		     unsigned int nr)
{
	profile_fill_call(row, profile, profile->stats, nr);
	if (profile->info->totals) {
		row->counted = row->count;
		row->lost = 0;
		return;
	}
	if (profile_is_counted(profile))
		row->counted = (double)profile->info->counted[nr];
	row->lost = row->counted - row->count;
	/*
	 * Which of the calls were lost is known only if all others are here, and
	 * which could not be read only if none were lost.
	 */
	if (profile->info->events_overwritten ||
	    profile->info->events_after_end || profile->unread) {
		row->unread = profile->unread &&
					      !profile->info->events_lost &&
					      !profile->info->events_overwritten &&
					      !profile->info->events_after_end
				      ? row->lost
				      : NAN;
		row->lost = profile->info->events_lost ? NAN : 0;
	}
}

/* A row for each call that was recorded, or counted and lost. */
static void fill_rows(struct profile *profile)
{
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		const struct call_stats *call = &profile->stats->call[nr];
		struct cycle_estimate estimate;

		if (!call_has_cycles(nr))
			continue;
		profile->unmeasured += call->unmeasured;
		estimate = stats_cycles(profile->stats, nr);
		if (call->unmeasured && !isnan(estimate.sum))
			run_add(&profile->cycles, (uint64_t)estimate.sum);
		else
			run_add(&profile->cycles, call->cycles);
	}
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (!profile->stats->call[nr].count &&
		    (!profile_is_counted(profile) ||
		     !profile->info->counted[nr] || !is_wanted(profile, nr)))
			continue;
		fill_row(&profile->rows[profile->nr_rows++], profile, nr);
	}
}

static void compare_calls(const struct profile *profile)
{
	uint64_t count[VMI_NR_SLOTS];

	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
		count[nr] = profile->stats->call[nr].count;
	run_info_compare_calls(profile->info, profile->trace, count,
			       &profile->trace->problems);
}

/*
 * Sums per call take the place of events.  False after a message: they cannot
 * be told apart by what is asked for.
 */
static bool take_totals(struct profile *profile,
			const struct tally_request *request)
{
	const struct trace_filter *filter = &request->filter;
	const struct run_info *info = profile->info;

	if (!info->totals)
		return true;
	if (filter->vcpus_given || filter->from.given || filter->to.given) {
		warnx("%s: recorded at level %s, which keeps sums per call: "
		      "--vcpu, --from and --to need events (record "
		      "--level=event)",
		      profile->trace->dir, run_levels[info->level].name);
		return false;
	}
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (call_table[nr].name && is_wanted(profile, nr))
			stats_add_totals(profile->tally->stats, nr,
					 &info->totals[nr]);
		else
			info->totals[nr] = (struct call_totals){0};
	}
	return true;
}

double profile_seconds(const struct profile *profile)
{
	const struct stats *stats = profile->stats;

	if (profile->info->duration_s > 0)
		return profile->info->duration_s;
	if (stats->time_end > stats->time_begin)
		return (double)(stats->time_end - stats->time_begin) /
		       (double)profile->trace->clock_hz;
	return NAN;
}

struct profile *profile_load(const char *dir)
{
	static const struct tally_request all;

	return profile_read(dir, &all);
}

struct profile *profile_read(const char *dir,
			     const struct tally_request *request)
{
	/* The trace's own problems come first. */
	struct problems late = {.quiet = true};
	struct trace *trace = trace_open(dir);
	struct profile *profile;

	if (!trace)
		return NULL;
	profile = calloc(1, sizeof(*profile));
	if (!profile)
		err(EXIT_FAILURE, "memory");
	profile->trace = trace;
	profile->info = trace_run_info(trace, &late);
	profile->tally = tally_read(trace, request, profile->info);
	profile->stats = profile->tally->stats;
	run_info_compare(profile->info, trace, &late);
	problems_take(&trace->problems, &late);
	problems_free(&late);
	profile->filtered = filter_given(&request->filter);
	if (!profile->filtered)
		compare_calls(profile);
	if (!take_totals(profile, request)) {
		profile_free(profile);
		return NULL;
	}
	profile->unread = run_info_unread(profile->info, trace);
	profile->accelerator = profile->info->accelerator;
	profile->emulated = profile->info->cycles != RUN_CYCLES_HARDWARE;
	fill_rows(profile);
	return profile;
}

bool profile_is_partial(const struct profile *profile)
{
	return profile->trace->problems.nr ||
	       !run_info_is_complete(profile->info);
}

int profile_exit_status(const struct profile *profile)
{
	return profile->trace->problems.nr ? VMIPROF_PARTIAL : VMIPROF_OK;
}

void profile_print_partial(const struct profile *profile, const char *what)
{
	const struct problems *problems = &profile->trace->problems;
	const struct trace_totals *totals = &profile->trace->totals;

	if (!profile_is_partial(profile))
		return;
	printf("\nPARTIAL: %s\n", what);
	if (profile->info->status && !run_info_is_complete(profile->info))
		printf("  The recording was cut short: %s\n",
		       or_unknown(profile->info->reason));
	for (size_t i = 0; i < problems_kept(problems); i++)
		printf("  %s\n", problems->text[i]);
	if (totals->bad_packets || totals->bytes_cut)
		printf("  Left out: %" PRIu64 " corrupt packets, %" PRIu64
		       " bytes at ends of files\n",
		       totals->bad_packets, totals->bytes_cut);
}

const char *profile_cycles_label(const struct profile *profile)
{
	return run_info_cycles_label(profile->info);
}

const char *profile_cycles_meaning(const struct profile *profile)
{
	return run_info_cycles_meaning(profile->info);
}

void profile_free(struct profile *profile)
{
	tally_free(profile->tally);
	run_info_free(profile->info);
	trace_close(profile->trace);
	free(profile);
}
