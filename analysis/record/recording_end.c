// SPDX-License-Identifier: GPL-2.0-only
/*
 * recording_end.c - how a recording ended, and what it came to
 */
#include "recording.h"

#include <err.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "lib/call_table.h"
#include "lib/log_tail.h"
#include "lib/text.h"
#include "recording_lttng.h"

#define SETTLE_TRIES		100

/* No call is half recorded. */
static bool settled(struct recording *r)
{
	const char *call;

	if (r->attached)
		return drain_poll(&r->drain) < 0 || drain_settled(&r->drain);
	return !r->watching || !totals_sample(&r->totals) ||
	       totals_fit(&r->totals, &call);
}

/*
 * Stop the guest where no call is half recorded: let it run on for a moment
 * until that is so.  A guest that hangs in the middle of one is left at that.
 */
static void stop_settled(struct recording *r)
{
	for (int i = 0; i < SETTLE_TRIES; i++) {
		if (!qemu_stop(&r->qemu))
			return;
		if (settled(r) || !qemu_cont(&r->qemu))
			return;
		nap(NS_PER_MS);
	}
	qemu_stop(&r->qemu);
}

/* Write what the flight recorder holds; a disk that is full is a write error. */
static void save_flight(struct recording *r)
{
	int error = ctf_stream_save(&r->stream, r->dir.fd, TRACE_DIR_STREAM,
				    &r->saved_events);

	r->saved = true;
	if (error && !r->stream.error)
		r->stream.error = error;
}

/* What a slow reader of standard output has not seen, for a moment. */
static void show_rest(struct recording *r)
{
	uint64_t end_ns = clock_ns() + 2 * NS_PER_S;
	off_t left;

	while ((left = log_follow(r->dir.console_file, &r->console_shown,
				  STDOUT_FILENO)) &&
	       clock_ns() < end_ns)
		nap(5 * NS_PER_MS);
	if (left)
		warnx("standard output was too slow for %lld bytes of the console; all of it is in %s",
		      (long long)left, r->dir.console_log);
}

static void take_rest(struct recording *r)
{
	clock_map_freeze(&r->clock);
	if (r->qemu.pid && r->ending.status != VMIPROF_QEMU_FAILED)
		stop_settled(r);
	recording_feed_stolen(r);
	qemu_kill(&r->qemu);
	recording_watch(r);
	(void)modes_poll(&r->modes);
	/* After a reboot the ring holds nothing of what was before. */
	if (r->attached && !r->stream.error && !r->qemu.was_reset &&
	    (*r->drain.error || drain_finish(&r->drain) < 0)) {
		r->ending.known = false;
		recording_end_by_drain(r);
	}
	if (r->options.overwrite_bytes)
		save_flight(r);
	if (ctf_stream_close(&r->stream) &&
	    r->ending.status != VMIPROF_PARTIAL) {
		r->ending.known = false;
		recording_end_by_drain(r);
	}
	if (r->options.console)
		show_rest(r);
}

/* Waiting is time of the guest: more of it than there was is a lie. */
static void check_waiting(struct recording *r, struct run_counts *counts)
{
	const double most = r->options.lossless && !r->options.icount
				    ? (r->duration_s + 1) * (double)r->tsc_hz
				    : 0;

	if ((r->options.icount && r->options.lossless) ||
	    (double)counts->wait_cycles <= most)
		return;
	recording_partial(r,
			  "ctl.wait_cycles says that the guest waited %llu cycles, expected at most %.0f",
			  (unsigned long long)counts->wait_cycles, most);
	counts->wait_cycles = 0;
}

/* Slots without a call have counters as well: what those say is no count. */
static void check_nameless(struct recording *r, struct run_counts *counts)
{
	bool told = false;

	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (call_table[nr].name || !counts->by_call[nr])
			continue;
		counts->counted -= counts->by_call[nr];
		if (!told)
			recording_partial(r,
					  "the ROM counted %llu calls of slot %d, in which there is none",
					  (unsigned long long)counts->by_call[nr],
					  nr);
		told = true;
	}
}

/* False when the sum does not fit into 64 bits, and so can be of no calls. */
static bool add(uint64_t *sum, uint64_t more)
{
	return !__builtin_add_overflow(*sum, more, sum);
}

/*
 * Counted = recorded + lost + overwritten + made after the end: independent
 * numbers.  Where something was given up, or the guest was cut off in the middle
 * of a call, what was counted and is nowhere is lost.
 */
static void count(struct recording *r, struct run_counts *counts)
{
	uint64_t kept, all;
	bool fits;
	bool cut = r->stream.error || *r->drain.error || r->qemu.was_reset ||
		   r->ending.status == VMIPROF_QEMU_FAILED;

	recording_counts(r, counts);
	check_waiting(r, counts);
	check_nameless(r, counts);
	kept = counts->recorded + counts->overwritten;
	fits = add(&kept, counts->after_end);
	all = kept;
	fits = fits && add(&all, counts->lost);
	if (fits && counts->counted > all &&
	    (cut || counts->counted - all <= r->drain.uncommitted)) {
		counts->lost = counts->counted - kept;
		return;
	}
	if (fits && counts->counted == all)
		return;
	recording_partial(r,
			  "the ROM counted %llu calls, but %llu recorded and %llu lost make %s%llu",
			  (unsigned long long)counts->counted,
			  (unsigned long long)kept,
			  (unsigned long long)counts->lost,
			  fits ? "" : "more than ",
			  fits ? (unsigned long long)all
			       : (unsigned long long)UINT64_MAX);
	/* What cannot be is told, and not counted. */
	if (!fits || all > counts->counted)
		counts->lost = counts->counted > kept ? counts->counted - kept
						      : 0;
}

/* Where a call began to record itself and never ended. */
static void check_uncommitted(struct recording *r)
{
	if (r->drain.uncommitted)
		recording_partial(r,
				  "%llu calls were left in the middle of their record and are not in the trace: the guest was stopped or abandoned them there",
				  (unsigned long long)r->drain.uncommitted);
}

/* The same for the levels below event. */
static void check_totals(struct recording *r, const char *kind)
{
	const char *call = "";

	if (*r->totals.error)
		recording_end(r, VMIPROF_GUEST_CORRUPT, false, "totals-corrupt",
			      "%s", r->totals.error);
	else if (!totals_found(&r->totals))
		recording_end(r, VMIPROF_NOT_TRACED, false, kind,
			      "no call site was counted: the guest did not say where its call sites count; tell it to, or take --level=aggregate");
	else if (!totals_fit(&r->totals, &call))
		recording_end(r, VMIPROF_GUEST_CORRUPT, false, "totals-corrupt",
			      "the guest broke the table: the sum of cycles of %s does not fit its buckets",
			      call);
	else
		recording_end(r, VMIPROF_OK, true, kind, "%s", "");
}

/* What the user chose to end the recording with, or NULL. */
static const char *chosen_end(const struct recording *r)
{
	if (!strcmp(r->ending.kind, "duration"))
		return "--duration";
	return strcmp(r->ending.kind, "max-size") ? NULL : "--max-size";
}

/* Nothing is in the trace: then true, and why. */
static bool untraced(const struct recording *r, char *why, size_t why_bytes)
{
	if (!recording_rom_records(r) || r->attached || r->watching)
		return false;
	if (r->search == TRACE_ROM_OFF)
		text_set(why, why_bytes,
			 "nothing was recorded: the guest did not call Init of the ROM \"%s\"",
			 r->inputs.rom.name);
	else if (r->search == TRACE_ROM_BROKEN)
		text_set(why, why_bytes,
			 "nothing was recorded: the ROM in guest memory is broken: %s",
			 r->rom_problem);
	else
		text_set(why, why_bytes,
			 "nothing was recorded: the ROM never appeared at 0xc0000 to 0xdffff in guest memory");
	return true;
}

/* What ended it may hide that nothing had been recorded, nor ever would be. */
static void check_untraced(struct recording *r)
{
	enum vmiprof_exit status = r->ending.status;
	char why[320];

	if (status == VMIPROF_OK || status == VMIPROF_QEMU_FAILED ||
	    !untraced(r, why, sizeof(why)))
		return;
	recording_partial(r, "%s", why);
	if (status == VMIPROF_TIMEOUT)
		r->ending.status = VMIPROF_NOT_TRACED;
}

/* It ended as it should: was it traced, and did the guest do what it should? */
static void check_ending(struct recording *r)
{
	const char *kind = r->ending.kind;
	bool silent = r->inputs.last_words && !chosen_end(r) &&
		      strcmp(kind, "shutdown") != 0;
	char why[320];

	if (r->ending.status != VMIPROF_OK)
		return;
	r->ending.known = false;
	if (silent &&
	    !log_tail_has(r->dir.console_file, r->inputs.last_words))
		recording_end(r, VMIPROF_GUEST_FAILED, true, kind,
			      "the guest failed: it ended without \"%s\"; see %s",
			      r->inputs.last_words, r->dir.console_log);
	else if (r->watching)
		check_totals(r, kind);
	else if (untraced(r, why, sizeof(why)))
		recording_end(r, VMIPROF_NOT_TRACED, false, kind, "%s", why);
	else
		recording_end(r, VMIPROF_OK, true, kind, "%s", "");
}

/* Names of another build would be wrong without looking it. */
static void check_symbols(struct recording *r)
{
	if (!(r->attached || r->watching) ||
	    guest_symbols_verify(&r->symbols, &r->ram))
		return;
	if (r->options.vmlinux)
		recording_partial(r,
				  "%s is not the guest's: its build-id %s is not at 0x%llx of guest memory; give the vmlinux of this build",
				  r->symbols.file, r->symbols.build_id,
				  (unsigned long long)r->symbols.phys);
	else
		warnx("%s is of another build than the guest: call sites will have no names",
		      r->symbols.file);
}

static void warn_of_copies(struct recording *r)
{
	uint64_t phys;
	unsigned int nr;

	if (!r->attached)
		return;
	nr = trace_rom_used_copies(&r->drain.rom, &r->ram, &phys);
	if (nr)
		warnx("the guest also used %u cop%s of the ROM, the first at 0x%llx: calls made there are not recorded",
		      nr, nr == 1 ? "y" : "ies", (unsigned long long)phys);
}

static void say_events(const struct recording *r,
		       const struct run_counts *counts)
{
	char recorded[27], lost[27], overwritten[27], and_more[60] = "";

	if (r->options.overwrite_bytes)
		text_set(and_more, sizeof(and_more), " kept, %s overwritten",
			 with_commas(overwritten, counts->overwritten));
	warnx("%s events%s in %.1f s, lost %s; %s%s",
	      with_commas(recorded, counts->recorded), and_more, r->duration_s,
	      with_commas(lost, counts->lost),
	      r->ending.complete ? "" : "what was recorded is in ",
	      r->lttng_dir ? "the LTTng session" : r->dir.path);
	if (counts->lost && !r->options.lossless)
		warnx("--lossless lets the guest wait instead of losing calls; --level=aggregate adds them up without a ring");
}

static void say_how_it_went(const struct recording *r,
			    const struct run_counts *counts)
{
	char calls[27];

	if (*r->ending.reason)
		warnx("%s", r->ending.reason);
	if (r->options.quiet)
		return;
	if (r->console_cut)
		warnx("the guest's console took over 64 MiB: %lld bytes in the middle of %s were dropped",
		      (long long)r->console_cut, r->dir.console_log);
	if (chosen_end(r))
		warnx("%s ended the recording", chosen_end(r));
	if (r->attached)
		say_events(r, counts);
	else if (r->watching && r->ending.status == VMIPROF_NOT_TRACED)
		warnx("%s calls went to the ROM in %.1f s; %s",
		      with_commas(calls, totals_calls(&r->totals)),
		      r->duration_s, r->dir.path);
	else if (r->watching)
		warnx("%s calls in %.1f s; %s",
		      with_commas(calls, totals_calls(&r->totals)),
		      r->duration_s, r->dir.path);
	else if (!recording_rom_records(r))
		warnx("the guest ran %.1f s; %s", r->duration_s, r->dir.path);
}

enum vmiprof_exit recording_finish(struct recording *r)
{
	struct run_counts counts = { 0 };
	bool written;

	r->duration_s = (double)(clock_ns() - r->guest_begin_ns) / NS_PER_S;
	take_rest(r);
	if (!r->options.icount)
		r->tsc_hz = tsc_hz_since(&r->begin, CALIBRATE_NS);
	progress_clear(&r->progress);
	if (!r->options.icount)
		r->totals.cycles_max =
			(uint64_t)((r->duration_s + 1) * (double)r->tsc_hz);
	check_untraced(r);
	check_ending(r);
	if (!perf_record_stop(&r->perf))
		recording_partial(r, "%s", r->perf.error);
	if (r->attached) {
		check_uncommitted(r);
		count(r, &counts);
	}
	recording_dumps_end(r);
	recording_lttng_close(r, r->attached ? &counts : NULL);
	warn_of_copies(r);
	check_symbols(r);
	trace_dir_free_reserve(&r->dir);
	written = recording_write_metadata(r);
	written &= recording_write_run_json(r, r->attached ? &counts : NULL);
	say_how_it_went(r, &counts);
	stolen_close(&r->stolen);
	if (!written && r->ending.status == VMIPROF_OK)
		return VMIPROF_PARTIAL;
	return r->ending.status;
}
