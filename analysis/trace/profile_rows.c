// SPDX-License-Identifier: GPL-2.0-only
/*
 * The numbers of a row, of whatever it is that has calls.
 */
#include <math.h>

#include "lib/call_table.h"
#include "profile.h"

/* Nothing is known but how many events there are. */
static void fill_count(struct profile_row *row, const struct profile *profile,
		       double count, double interrupted)
{
	*row = (struct profile_row){
		.nr = NAN,
		.count = count,
		.counted = NAN,
		.lost = NAN,
		.unread = NAN,
		.cycles = NAN,
		.share_cycles = NAN,
		.measured = NAN,
		.mean_cycles = NAN,
		.mean_error = NAN,
		.p50_cycles = NAN,
		.p99_cycles = NAN,
		.max_cycles = NAN,
		.stolen_cycles = NAN,
		.wait_cycles = NAN,
		.interrupted = interrupted,
		.idle_cycles = NAN,
		.seconds = NAN,
	};
	if (profile->stats->events)
		row->share_calls = count / (double)profile->stats->events;
}

static void fill_cycles(struct profile_row *row, const struct profile *profile,
			const struct cycle_estimate *estimate, double max)
{
	row->measured = estimate->measured;
	if (estimate->measured <= 0)
		return;
	row->cycles = estimate->sum;
	row->share_cycles =
		profile->cycles ? row->cycles / (double)profile->cycles : 0;
	row->mean_cycles = estimate->mean;
	row->mean_error = estimate->error;
	row->max_cycles = max;
}

bool profile_is_estimate(const struct profile_row *row)
{
	return row->measured > 0 && row->mean_error != 0;
}

void profile_fill_call(struct profile_row *row, const struct profile *profile,
		       const struct stats *stats, unsigned int nr)
{
	const struct call_stats *call = &stats->call[nr];
	struct cycle_estimate estimate;

	fill_count(row, profile, (double)call->count,
		   (double)call->interrupted);
	row->name = call_table[nr].name;
	row->nr = nr;
	if (profile->info->stolen_known)
		row->stolen_cycles = (double)call->stolen_cycles;
	row->wait_cycles = (double)call->wait_cycles;
	if (nr == VMI_CALL_Halt && stats->idle.nr_known)
		row->idle_cycles = (double)stats->idle.cycles;
	if (!call_has_cycles(nr) || call->count == call->interrupted ||
	    !run_levels[profile->info->level].cycles)
		return;
	estimate = stats_cycles(stats, nr);
	/* What was added up has no maximum, only the bound of a bucket. */
	fill_cycles(row, profile, &estimate,
		    profile->info->totals ? NAN : (double)call->max_cycles);
	if (!call_measured(call))
		return;
	row->p50_cycles = (double)stats_quantile(stats, nr, 0.50);
	row->p99_cycles = (double)stats_quantile(stats, nr, 0.99);
}

void profile_fill_stream(struct profile_row *row, const struct profile *profile,
			 const struct trace_stream *stream)
{
	const struct stream_sum *sum =
		profile->tally->stream[stream - profile->trace->streams];
	struct cycle_estimate estimate;

	fill_count(row, profile, (double)sum->events,
		   (double)sum->interrupted);
	row->nr = stream->vcpu;
	if (profile->info->stolen_known)
		row->stolen_cycles = (double)sum->stolen_cycles;
	row->wait_cycles = (double)sum->wait_cycles;
	if (!profile->filtered)
		row->lost = (double)stream->lost;
	if (sum->idle.nr_known)
		row->idle_cycles = (double)sum->idle.cycles;
	if (!sum->undisturbed || sum->unmeasured == sum->undisturbed)
		return;
	estimate = (struct cycle_estimate){
		.calls = (double)sum->undisturbed,
		.measured = (double)(sum->undisturbed - sum->unmeasured),
		.sum = (double)sum->cycles,
		.mean = (double)sum->cycles / (double)sum->undisturbed,
		.error = sum->unmeasured ? NAN : 0,
	};
	fill_cycles(row, profile, &estimate, (double)sum->max_cycles);
	/* Calls are not measured equally often, so of these nothing is known. */
	if (sum->unmeasured)
		return;
	row->p50_cycles = fmin(
		row->max_cycles,
		(double)histogram_quantile(&sum->histogram, 0.50));
	row->p99_cycles = fmin(
		row->max_cycles,
		(double)histogram_quantile(&sum->histogram, 0.99));
}

void profile_fill_site(struct profile_row *row, const struct profile *profile,
		       const struct site *site)
{
	fill_count(row, profile, (double)site->count,
		   (double)site->interrupted);
	row->name = call_table[site->nr].name;
	row->nr = site->nr;
	if (call_has_cycles(site->nr)) {
		const struct cycle_estimate estimate = site_cycles(site);

		fill_cycles(row, profile, &estimate, (double)site->max_cycles);
	}
}
