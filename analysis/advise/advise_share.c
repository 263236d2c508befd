// SPDX-License-Identifier: GPL-2.0-only
/*
 * Savings beside the length of the traced run.
 */
#include <math.h>
#include <string.h>

#include "advise.h"
#include "lib/text.h"

/* The platform whose unit is that of the trace's clock; -1: none. */
static int clock_platform(const struct profile *profile)
{
	if (profile->info->icount)
		return PLATFORM_EXACT;
	if (profile->emulated)
		return PLATFORM_EMULATED;
	return strcmp(profile->accelerator, "kvm") ? -1 : PLATFORM_KVM;
}

/*
 * First to last packet; without packets, as in a run that was only counted, what
 * the recorder says, which an instruction count has nothing to do with.
 */
static double run_cycles(const struct profile *profile)
{
	const struct stats *stats = profile->stats;

	if (stats->time_end > stats->time_begin)
		return (double)(stats->time_end - stats->time_begin);
	if (profile->info->icount)
		return 0;
	return profile->info->duration_s * (double)profile->trace->clock_hz;
}

void advise_compare_clocks(struct advise *advise)
{
	const struct profile *profile = advise->profile;
	const char *cpu = profile->info->cpu;
	const char *costs_cpu = advise->results->machine.cpu;

	advise->run_cycles = run_cycles(profile);
	advise->no_share[0] = '\0';
	advise->other_machine = false;
	if (advise->run_cycles <= 0)
		text_set(advise->no_share, sizeof(advise->no_share),
			 "its length is not known");
	else if (clock_platform(profile) != (int)advise->advice.platform)
		text_set(advise->no_share, sizeof(advise->no_share),
			 "the run was timed in %s, which are not those of platform %s",
			 profile_cycles_label(profile),
			 platform_table[advise->advice.platform].name);
	else if (advise->advice.platform != PLATFORM_EXACT &&
		 (!cpu || !costs_cpu || strcmp(cpu, costs_cpu) != 0)) {
		advise->other_machine = true;
		text_set(advise->no_share, sizeof(advise->no_share),
			 "the trace is of another machine (%s) than the costs (%s)",
			 cpu ? cpu : "not known",
			 costs_cpu ? costs_cpu : "not known");
	}
	text_clean(advise->no_share);
}

double advise_share(const struct advise *advise, double saving)
{
	return *advise->no_share ? NAN : saving / advise->run_cycles;
}

double advise_per_second(const struct advise *advise, double saving)
{
	const double hz = (double)advise->profile->trace->clock_hz;

	if (advise->run_cycles <= 0 || hz <= 0)
		return NAN;
	return saving / (advise->run_cycles / hz);
}

struct advise_sum advise_left(const struct advice *advice,
			      enum advice_kind kind)
{
	struct advise_sum sum = {0};

	for (size_t i = 0; i < advice->nr; i++) {
		const struct advice_call *call = &advice->call[i];

		if (call->kind != kind || call->in_policy)
			continue;
		sum.nr++;
		sum.count += call->count;
		if (!call->known) {
			sum.nr_unknown++;
			sum.unknown_count += call->count;
			continue;
		}
		sum.known = true;
		sum.all = estimate_plus(sum.all, call->all);
	}
	return sum;
}
