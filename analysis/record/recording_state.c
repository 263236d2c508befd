// SPDX-License-Identifier: GPL-2.0-only
/*
 * recording_state.c - what its parts tell a recording, and what it adds up to
 */
#include "recording.h"

#include <stdarg.h>
#include <string.h>

#include "lib/text.h"

void recording_end(struct recording *r, enum vmiprof_exit status, bool complete,
		   const char *kind, const char *format, ...)
{
	struct ending *ending = &r->ending;
	va_list args;

	if (ending->known)
		return;
	ending->known = true;
	ending->status = status;
	ending->complete = complete;
	ending->kind = kind;
	va_start(args, format);
	ending->reason[0] = '\0';
	text_vappend(ending->reason, sizeof(ending->reason), format, args);
	va_end(args);
}

void recording_partial(struct recording *r, const char *format, ...)
{
	struct ending *ending = &r->ending;
	va_list args;

	if (ending->status == VMIPROF_OK)
		ending->status = VMIPROF_PARTIAL;
	ending->complete = false;
	if (*ending->reason)
		text_append(ending->reason, sizeof(ending->reason), "; ");
	va_start(args, format);
	text_vappend(ending->reason, sizeof(ending->reason), format, args);
	va_end(args);
}

void recording_end_rebooted(struct recording *r)
{
	recording_end(r, VMIPROF_PARTIAL, false, "rebooted",
		      "the guest rebooted, and what it had not handed over by then is gone; leave out what makes QEMU reset the machine, so that the recording ends there with all of it");
}

void recording_end_by_drain(struct recording *r)
{
	/* A machine that begins anew makes no sense to who knows the old one. */
	if (*r->drain.error && qemu_was_reset(&r->qemu))
		recording_end_rebooted(r);
	else if (*r->drain.error)
		recording_end(r, VMIPROF_GUEST_CORRUPT, false, "ring-corrupt", "%s",
			      r->drain.error);
	else
		recording_end(r, VMIPROF_PARTIAL, false, "write-error",
			      "cannot write %s: %s", r->dir.stream,
			      strerror(r->stream.error));
}

bool recording_rom_records(const struct recording *r)
{
	return r->inputs.rom.traces || r->inputs.rom.aggregates;
}

uint32_t recording_stamp_every(const struct recording *r)
{
	if (!run_levels[r->options.level].sampled)
		return 0;
	return r->options.stamp_every ? r->options.stamp_every
				      : VMI_STAMP_EVERY;
}

void recording_feed_stolen(struct recording *r)
{
	uint64_t cycles;

	if (!r->attached || r->stolen.fd < 0)
		return;
	cycles = (uint64_t)((unsigned __int128)stolen_ns(&r->stolen) *
			    r->tsc_hz / NS_PER_S);
	/* A better known tsc_hz may make it less. */
	if (cycles > r->stolen_cycles)
		r->stolen_cycles = cycles;
	drain_publish_stolen(&r->drain, r->stolen_cycles);
}

void recording_watch(struct recording *r)
{
	/* Beside a trace the counts are an extra, without it they are all. */
	if (r->attached)
		(void)totals_sample(&r->totals);
	if (r->watching && !totals_sample(&r->totals))
		recording_end(r, VMIPROF_GUEST_CORRUPT, false, "totals-corrupt", "%s",
			      r->totals.error);
}

void recording_counts(struct recording *r, struct run_counts *counts)
{
	struct drain_totals totals;

	drain_sample(&r->drain);
	drain_totals(&r->drain, &totals);
	*counts = (struct run_counts){
		.counted = totals.counted,
		.recorded = r->saved ? r->saved_events
				     : ctf_stream_kept(&r->stream),
		.lost = totals.lost,
		.overwritten = r->stream.flight.overwritten,
		.wait_cycles = totals.wait_cycles,
		.stolen_cycles = r->stolen_cycles,
		.no_stolen = *r->stolen.reason ? r->stolen.reason : NULL,
		.by_call = r->drain.counted,
	};
	/* Behind the end also calls are lost, which the trace does not tell. */
	if (r->stream.full) {
		counts->lost = r->drain.stream_lost;
		counts->after_end = r->stream.events_beyond;
		if (totals.lost > r->drain.stream_lost)
			counts->after_end += totals.lost - r->drain.stream_lost;
	}
}
