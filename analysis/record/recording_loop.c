// SPDX-License-Identifier: GPL-2.0-only
/*
 * recording_loop.c - while the guest runs
 *
 * One thread does it all: it moves packets as they come, and once a millisecond
 * looks after everything else.
 */
#include "recording.h"

#include <string.h>
#include <unistd.h>

#include "backoff.h"
#include "lib/log_tail.h"
#include "lib/signals.h"
#include "recording_lttng.h"

/* What a guest, or QEMU because of it, may write into a log. */
#define LOG_BYTES_MAX		(64 << 20)

#define SLOW_TICK_NS		(100 * NS_PER_MS)

/* Without data: first stay awake, if there is another CPU for the guest. */
#define SPIN_NS			50000
#define NAP_UNTRACED_NS		(5 * NS_PER_MS)

static void attach(struct recording *r, const struct trace_rom *rom)
{
	uint32_t flags = VMI_HOST_ATTACHED;

	if (r->options.lossless)
		flags |= VMI_HOST_LOSSLESS;
	if (r->options.icount)
		stolen_without(&r->stolen,
			       "with --icount time is counted, not measured");
	else
		stolen_open(&r->stolen, r->qemu.pid, r->qemu.vcpu_tid);
	if (r->stolen.fd >= 0)
		flags |= VMI_HOST_STOLEN_VALID;
	drain_attach(&r->drain, &r->ram, rom, &r->stream, r->uuid, flags);
	if (run_levels[r->options.level].sampled)
		drain_publish_every(&r->drain, recording_stamp_every(r));
	r->attached = true;
}

/* Look for a ROM that records; 1 when there is one from now on. */
static int try_attach(struct recording *r)
{
	struct trace_rom rom;
	enum trace_rom_search search;

	if (!recording_rom_records(r) || r->watching)
		return 0;
	search = trace_rom_search(&rom, &r->inputs.rom, &r->ram, r->rom_problem,
				  sizeof(r->rom_problem));
	if (search != TRACE_ROM_NONE)
		r->search = search;
	if (search == TRACE_ROM_DIFFERS)
		recording_end(r, VMIPROF_GUEST_CORRUPT, false, "rom-differs",
			      "the ROM in guest memory is not the one that was loaded: %s; load no other ROM, and let the guest leave it as it is",
			      r->rom_problem);
	if (search != TRACE_ROM_ON)
		return 0;
	modes_attach(&r->modes, &r->ram, &rom);
	if (run_levels[r->options.level].events) {
		attach(r, &rom);
		totals_attach_sites(&r->totals, &r->ram, &rom);
	} else {
		totals_attach(&r->totals, &r->ram, &rom, r->options.level);
		r->watching = true;
	}
	return 1;
}

static void end_by_qemu(struct recording *r, enum qemu_status status)
{
	switch (status) {
	case QEMU_RUNS:
		return;
	case QEMU_DEBUG_EXIT:
		r->ending.code = r->qemu.code;
		if (r->qemu.code)
			recording_end(r, VMIPROF_GUEST_FAILED, true, "debug-exit",
				      "the guest failed: it exited with code %d",
				      r->qemu.code);
		else
			recording_end(r, VMIPROF_OK, true, "debug-exit", "%s", "");
		return;
	case QEMU_SHUTDOWN:
		recording_end(r, VMIPROF_OK, true, "shutdown", "%s", "");
		return;
	case QEMU_RESET:
		if (r->inputs.reset_is_end)
			recording_end(r, VMIPROF_OK, true, "reset", "%s", "");
		else
			recording_end(r, VMIPROF_GUEST_FAILED, true, "reset",
				      "the guest failed: it reset the machine, perhaps by a triple fault");
		return;
	case QEMU_TRIPLE_FAULT:
		recording_end(r, VMIPROF_GUEST_FAILED, true, "triple-fault",
			      "the guest failed: a triple fault, an exception that it could not handle, reset the processor");
		return;
	case QEMU_REBOOTED:
		recording_end_rebooted(r);
		return;
	case QEMU_STOPPED:
		recording_end(r, VMIPROF_QEMU_FAILED, false, "qemu-stopped", "%s",
			      r->qemu.error);
		return;
	case QEMU_PANIC:
		recording_end(r, VMIPROF_GUEST_FAILED, true, "panic",
			      "the guest failed: it reported a panic");
		return;
	case QEMU_QUIT:
	case QEMU_DIED:
		recording_end(r, VMIPROF_QEMU_FAILED, false, "qemu-died", "%s",
			      r->qemu.error);
		return;
	}
}

/* What can wait for a tenth of a second. */
static void slow_tick(struct recording *r, uint64_t now_ns)
{
	struct drain_totals totals = { 0 };

	if (r->attached) {
		if (ctf_stream_flush(&r->stream))
			recording_end_by_drain(r);
		drain_sample(&r->drain);
		if (*r->drain.error)
			recording_end_by_drain(r);
		drain_totals(&r->drain, &totals);
	}
	recording_watch(r);
	recording_lttng_tick(r);
	clock_map_sample(&r->clock);
	/* Known the better the longer it runs; a dump tells it at any time. */
	if (!r->options.icount)
		r->tsc_hz = tsc_hz_since(&r->begin, 0);
	if (r->options.console)
		(void)log_follow(r->dir.console_file, &r->console_shown,
				 STDOUT_FILENO);
	r->console_cut = log_bound(r->dir.console_file, LOG_BYTES_MAX);
	(void)log_bound(r->dir.qemu_file, LOG_BYTES_MAX);
	progress_update(&r->progress, now_ns,
			r->watching ? totals_calls(&r->totals)
				    : r->stream.events,
			totals.lost);
	if (!qemu_answers(&r->qemu))
		recording_end(r, VMIPROF_QEMU_FAILED, false, "qemu-died", "%s",
			      r->qemu.error);
	if (r->options.timeout_s &&
	    now_ns - r->guest_begin_ns >= r->options.timeout_s * NS_PER_S)
		recording_end(r, VMIPROF_TIMEOUT, false, "timeout",
			      "the guest did not end within %u s", r->options.timeout_s);
}

void recording_tick(struct recording *r)
{
	recording_feed_stolen(r);
	(void)modes_poll(&r->modes);
	end_by_qemu(r, qemu_poll(&r->qemu));
	recording_dump_poll(r);
	if (r->options.duration_s &&
	    clock_ns() - r->guest_begin_ns >= r->options.duration_s * NS_PER_S)
		recording_end(r, VMIPROF_OK, true, "duration", "%s", "");
	if (stop_signal)
		recording_end(r, (enum vmiprof_exit)(128 + stop_signal), false,
			      "interrupted", "interrupted by signal %d (%s)", stop_signal,
			      strsignal(stop_signal));
}

/* No calls came for idle_ns now. */
static void rest(const struct recording *r, struct backoff *backoff,
		 uint64_t idle_ns)
{
	uint64_t pause_ns = r->attached ? drain_pause_ns(&r->drain) : 0;
	uint64_t nap_ns;

	if (r->watching || !recording_rom_records(r)) {
		nap(NAP_UNTRACED_NS);
		return;
	}
	/* A ring is not known yet, and a guest boots: a look is cheap enough. */
	if (!r->attached)
		idle_ns = backoff->spin_ns + 1;
	nap_ns = backoff_next(backoff, idle_ns, pause_ns);
	if (nap_ns)
		nap(nap_ns);
	else
		spin(pause_ns);
}

void recording_run(struct recording *r)
{
	struct backoff backoff = {
		.spin_ns = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? SPIN_NS : 0,
	};
	uint64_t tick_ns = 0, slow_tick_ns = 0;

	backoff_reset(&backoff, clock_ns());
	while (!r->ending.known) {
		int moved = r->attached ? drain_poll(&r->drain) : try_attach(r);
		uint64_t now_ns = clock_ns();

		if (moved < 0)
			recording_end_by_drain(r);
		if (*r->dumps.watch.met)
			recording_dump_poll(r);
		if (r->stream.full)
			recording_end(r, VMIPROF_OK, true, "max-size", "%s", "");
		if (now_ns >= tick_ns) {
			recording_tick(r);
			tick_ns = now_ns + backoff_tick_ns(now_ns - backoff.busy_ns);
		}
		if (now_ns >= slow_tick_ns) {
			slow_tick(r, now_ns);
			slow_tick_ns = now_ns + SLOW_TICK_NS;
		}
		if (moved > 0)
			backoff_came(&backoff, (unsigned int)moved, now_ns);
		else
			rest(r, &backoff, now_ns - backoff.busy_ns);
	}
}
