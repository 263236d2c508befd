// SPDX-License-Identifier: GPL-2.0-only
#include "run_settle.h"

#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"

/* Written and read as whole numbers; a trace of another run is farther off. */
#define SAME_HZ		0.01

static enum run_cycles cycles_of(const char *accelerator)
{
	if (!accelerator)
		return RUN_CYCLES_UNKNOWN;
	if (!strcmp(accelerator, "kvm") || !strcmp(accelerator, "host"))
		return RUN_CYCLES_HARDWARE;
	return strcmp(accelerator, "tcg") ? RUN_CYCLES_UNKNOWN
					  : RUN_CYCLES_EMULATED;
}

static const char *or_nothing(const char *text)
{
	return text && *text ? text : "nothing";
}

/* What the metadata says of itself: both entries, and that they agree. */
static enum run_cycles metadata_cycles(const struct trace *trace,
				       struct problems *problems)
{
	const enum run_cycles cycles = cycles_of(trace->accelerator);
	const char *word =
		cycles == RUN_CYCLES_HARDWARE ? "hardware" : "emulated";

	if (cycles == RUN_CYCLES_UNKNOWN) {
		problems_add(problems,
			     "%s/metadata: env.accelerator: found %s, expected "
			     "kvm, host or tcg",
			     trace->dir, or_nothing(trace->accelerator));
		return cycles;
	}
	if (!strcmp(trace->cycles, word))
		return cycles;
	problems_add(problems,
		     "%s/metadata: env.cycles: found %s, expected %s with "
		     "accelerator %s",
		     trace->dir, or_nothing(trace->cycles), word,
		     trace->accelerator);
	return RUN_CYCLES_UNKNOWN;
}

static enum run_cycles own_cycles(const struct run_info *info,
				  const struct trace *trace,
				  struct problems *problems)
{
	enum run_cycles cycles = metadata_cycles(trace, problems);

	if (!info->known)
		return cycles;
	if (!info->accelerator ||
	    strcmp(info->accelerator, trace->accelerator) != 0) {
		problems_add(problems,
			     "%s/run/run.json: accelerator: found %s, expected "
			     "%s as in metadata",
			     trace->dir, or_nothing(info->accelerator),
			     or_nothing(trace->accelerator));
		cycles = RUN_CYCLES_UNKNOWN;
	}
	if (info->icount && cycles == RUN_CYCLES_HARDWARE) {
		problems_add(problems,
			     "%s/run/run.json: icount: found true, expected "
			     "false with accelerator %s",
			     trace->dir, info->accelerator);
		cycles = RUN_CYCLES_UNKNOWN;
	}
	return cycles;
}

static void compare_hz(const struct run_info *info, const struct trace *trace,
		       struct problems *problems)
{
	if (!info->tsc_hz || fabs((double)info->tsc_hz /
					  (double)trace->clock_hz -
				  1) <= SAME_HZ)
		return;
	problems_add(problems,
		     "%s/run/run.json: tsc_hz: found %" PRIu64
		     ", expected %" PRIu64 " as in metadata",
		     trace->dir, info->tsc_hz, trace->clock_hz);
}

void run_info_settle(struct run_info *info, const struct trace *trace,
		     struct problems *problems)
{
	if (trace->lttng) {
		info->cycles = cycles_of(info->accelerator);
	} else {
		info->cycles = own_cycles(info, trace, problems);
		compare_hz(info, trace, problems);
	}
	/* "several" is for what a session of LTTng has of many hosts. */
	if (info->accelerator && (info->cycles != RUN_CYCLES_UNKNOWN ||
				  !strcmp(info->accelerator, "several")))
		return;
	free(info->accelerator);
	info->accelerator = strdup(info->cycles == RUN_CYCLES_UNKNOWN
					   ? "unknown"
					   : trace->accelerator);
	if (!info->accelerator)
		err(EXIT_FAILURE, "memory");
}

/* What the recorder says of the vCPU; NULL: nothing. */
static const struct run_vcpu *find_vcpu(const struct run_info *info,
					unsigned int vcpu)
{
	for (size_t i = 0; i < info->nr_vcpus; i++) {
		if (info->vcpus[i].vcpu == vcpu)
			return &info->vcpus[i];
	}
	return NULL;
}

static const struct trace_stream *find_stream(const struct trace *trace,
					      unsigned int vcpu)
{
	for (size_t i = 0; i < trace->nr_streams; i++) {
		if (trace->streams[i].vcpu == vcpu)
			return &trace->streams[i];
	}
	return NULL;
}

static void compare_streams(const struct run_info *info,
			    const struct trace *trace,
			    struct problems *problems)
{
	for (size_t i = 0; i < trace->nr_streams; i++) {
		const struct trace_stream *stream = &trace->streams[i];
		const struct run_vcpu *vcpu = find_vcpu(info, stream->vcpu);
		const uint64_t recorded = vcpu ? vcpu->recorded : 0;

		if (vcpu && stream->lost > vcpu->lost)
			problems_add(problems,
				     "%s: %" PRIu64 " events discarded, but %" PRIu64
				     " were lost (run/run.json)",
				     stream->path, stream->lost, vcpu->lost);
		if (stream->events != recorded)
			problems_add(problems,
				     "%s: holds %" PRIu64 " events, but %" PRIu64
				     " were recorded (run/run.json)",
				     stream->path, stream->events, recorded);
	}
	for (size_t i = 0; i < info->nr_vcpus; i++) {
		const struct run_vcpu *vcpu = &info->vcpus[i];

		if (vcpu->recorded && !find_stream(trace, vcpu->vcpu))
			problems_add(problems,
				     "%s/vcpu%u: is missing, but %" PRIu64
				     " events were recorded (run/run.json)",
				     trace->dir, vcpu->vcpu, vcpu->recorded);
	}
}

void run_info_compare(const struct run_info *info, const struct trace *trace,
		      struct problems *problems)
{
	if (!info->known)
		return;
	if (!info->counts_known) {
		if (trace->totals.events && !trace->lttng)
			problems_add(problems,
				     "%s/run/run.json: vcpus: found no counts "
				     "that the %" PRIu64
				     " events read can be compared with",
				     trace->dir, trace->totals.events);
		return;
	}
	if (!trace->lttng)
		compare_streams(info, trace, problems);
	else if (trace->totals.events != info->events_recorded)
		problems_add(problems,
			     "%s: holds %" PRIu64 " events, but %" PRIu64
			     " were recorded (vmi:end)",
			     trace->dir, trace->totals.events,
			     info->events_recorded);
	if (info->events_recorded + info->events_lost +
		    info->events_overwritten + info->events_after_end !=
	    info->events_counted)
		problems_add(problems,
			     "%s/run/run.json: %" PRIu64 " recorded, %" PRIu64
			     " lost, %" PRIu64 " overwritten and %" PRIu64
			     " after the end are not the %" PRIu64
			     " that the ROM counted",
			     trace->dir, info->events_recorded,
			     info->events_lost, info->events_overwritten,
			     info->events_after_end, info->events_counted);
}

/* Of each call as many events as the ROM counted, or fewer if some are lost. */
void run_info_compare_calls(const struct run_info *info,
			    const struct trace *trace,
			    const uint64_t count[VMI_NR_SLOTS],
			    struct problems *problems)
{
	const bool all_here = info->events_recorded == info->events_counted;

	if (!info->counts_known ||
	    info->events_recorded != trace->totals.events)
		return;
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (count[nr] > info->counted[nr] ||
		    (all_here && count[nr] != info->counted[nr]))
			problems_add(problems,
				     "%s: holds %" PRIu64
				     " events of %s, but the ROM counted "
				     "%" PRIu64,
				     trace->dir, count[nr], call_table[nr].name,
				     info->counted[nr]);
	}
}

bool run_info_is_complete(const struct run_info *info)
{
	return info->status && !strcmp(info->status, RUN_COMPLETE);
}

uint64_t run_info_unread(const struct run_info *info,
			 const struct trace *trace)
{
	return info->counts_known &&
			       info->events_recorded > trace->totals.events
		       ? info->events_recorded - trace->totals.events
		       : 0;
}

const char *run_info_cycles_label(const struct run_info *info)
{
	switch (info->cycles) {
	case RUN_CYCLES_HARDWARE:
		return "TSC cycles";
	case RUN_CYCLES_EMULATED:
		return info->icount ? "Instructions (TCG, icount)"
				    : "TCG cycles (emulated)";
	default:
		return "Cycles (perhaps emulated)";
	}
}

const char *run_info_cycles_meaning(const struct run_info *info)
{
	switch (info->cycles) {
	case RUN_CYCLES_HARDWARE:
		return "cycles of the TSC";
	case RUN_CYCLES_EMULATED:
		return info->icount ? "instructions: TCG with icount, not "
				      "hardware cycles"
				    : "TCG cycles: emulated, not hardware "
				      "cycles";
	default:
		return "perhaps emulated: which accelerator it was is not known";
	}
}
