// SPDX-License-Identifier: GPL-2.0-only
/*
 * record.c - vmiprof record: boot a guest and take its calls to a trace
 *
 * One thread does it all: it moves packets as they come, and once a millisecond
 * looks after everything else.
 */
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "ctf_metadata.h"
#include "drain.h"
#include "lib/host_info.h"
#include "lib/log_tail.h"
#include "progress.h"
#include "guest/qemu.h"
#include "record_inputs.h"
#include "record_options.h"
#include "run_json.h"
#include "signals.h"
#include "stolen.h"
#include "totals.h"
#include "lib/text.h"
#include "trace_dir.h"
#include "lib/tsc.h"
#include "vmiprof.h"

#define NS_PER_S		1000000000ull
#define NS_PER_MS		1000000ull
#define TICK_NS			NS_PER_MS
#define SLOW_TICK_NS		(100 * NS_PER_MS)

/* Without data: first stay awake, then sleep longer and longer. */
#define SPIN_NS			50000
#define NAP_MIN_NS		20000
#define NAP_MAX_NS		200000
#define NAP_UNTRACED_NS		NS_PER_MS

#define CALIBRATE_NS		(20 * NS_PER_MS)
#define ICOUNT_HZ		1000000000	/* shift=0: one tick is 1 ns */
#define START_TIMEOUT_S		30
#define SETTLE_TRIES		100

/* How the recording ended: the first thing that ends it says so. */
struct ending {
	bool known;
	bool complete;			/* nothing is missing in the trace */
	enum vmiprof_exit status;
	const char *kind;		/* run.json's exit.kind */
	int code;
	char reason[768];		/* "" = the guest ended as it should */
};

struct recording {
	struct record_options options;
	struct record_inputs inputs;
	struct accel_choice accel;
	struct trace_dir dir;
	struct host_info host;
	uint8_t uuid[16];
	char **command;

	struct guest_ram ram;
	struct qemu qemu;
	struct ctf_stream stream;
	struct drain drain;
	struct totals totals;
	bool attached;			/* the drain is */
	bool watching;			/* the totals are */
	enum trace_rom_search search;	/* the best of all so far */
	char rom_problem[200];

	struct tsc_sample begin;
	uint64_t tsc_hz;
	time_t started;
	uint64_t guest_begin_ns;
	double duration_s;
	struct stolen stolen;
	uint64_t stolen_cycles;
	struct progress progress;
	off_t console_shown;

	struct ending ending;
};

__attribute__((format(printf, 5, 6)))
static void end(struct recording *r, enum vmiprof_exit status, bool complete,
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

/* ---- The trace's own descriptions ---- */

static bool write_metadata(struct recording *r)
{
	const struct ctf_metadata metadata = {
		.tsc_hz = r->tsc_hz,
		.accel = r->accel.accel,
		.cpu = r->host.cpu,
		.guest = r->options.guest,
	};
	struct ctf_metadata with_uuid = metadata;
	char *text;
	int error;

	memcpy(with_uuid.uuid, r->uuid, sizeof(with_uuid.uuid));
	text = ctf_metadata_text(&with_uuid);
	error = trace_dir_replace(r->dir.metadata, text);
	free(text);
	if (error)
		warnx("cannot write %s: %s", r->dir.metadata, strerror(error));
	return !error;
}

static bool write_run_json(struct recording *r, const struct run_counts *counts)
{
	struct run_json run = {
		.complete = r->ending.complete,
		.reason = r->ending.known ? (*r->ending.reason
						     ? r->ending.reason
						     : NULL)
					  : "the recording has not ended",
		.command = r->command,
		.qemu_command = r->qemu.argv,
		.guest = r->options.guest,
		.rom_file = r->inputs.rom_file,
		.rom_name = r->inputs.rom.name,
		.rom_api_major = r->inputs.rom.api_major,
		.rom_api_minor = r->inputs.rom.api_minor,
		.accel = &r->accel,
		.level = r->options.level,
		.totals = r->watching ? r->totals.call : NULL,
		.icount = r->options.icount,
		.lossless = r->options.lossless,
		.cpu = r->host.cpu,
		.kernel = r->host.kernel,
		.qemu_version = r->qemu.qmp.qemu_version,
		.tsc_hz = r->tsc_hz,
		.started = r->started,
		.duration_s = r->duration_s,
		.exit_kind = r->ending.kind,
		.exit_code = r->ending.code,
		.vcpu0 = counts,
	};
	char *text;
	int error;

	if (r->attached) {
		const struct drain_ring *ring = drain_last_ring(&r->drain);

		run.ring_bytes = ring->nr_subbufs * ring->subbuf_bytes;
		run.subbuf_bytes = ring->subbuf_bytes;
		run.ring_donated = ring == &r->drain.donated;
	}
	text = run_json_text(&run);
	error = trace_dir_replace(r->dir.run_json, text);
	free(text);
	if (error)
		warnx("cannot write %s: %s", r->dir.run_json, strerror(error));
	return !error;
}

/* ---- While the guest runs ---- */

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
	r->attached = true;
}

static bool rom_records(const struct recording *r)
{
	return r->inputs.rom.traces || r->inputs.rom.aggregates;
}

/* Look for a ROM that records; 1 when there is one from now on. */
static int try_attach(struct recording *r)
{
	struct trace_rom rom;
	enum trace_rom_search search;

	if (!rom_records(r) || r->watching)
		return 0;
	search = trace_rom_search(&rom, &r->ram, r->rom_problem,
				  sizeof(r->rom_problem));
	if (search != TRACE_ROM_NONE)
		r->search = search;
	if (search != TRACE_ROM_ON)
		return 0;
	if (r->options.level == RUN_LEVEL_EVENT) {
		attach(r, &rom);
	} else {
		totals_attach(&r->totals, &r->ram, &rom, r->options.level);
		r->watching = true;
	}
	return 1;
}

static void feed_stolen(struct recording *r)
{
	if (!r->attached || r->stolen.fd < 0)
		return;
	r->stolen_cycles = (uint64_t)((unsigned __int128)stolen_ns(&r->stolen) *
				      r->tsc_hz / NS_PER_S);
	drain_publish_stolen(&r->drain, r->stolen_cycles);
}

static void end_by_drain(struct recording *r)
{
	if (*r->drain.error)
		end(r, VMIPROF_GUEST_CORRUPT, false, "ring-corrupt", "%s",
		    r->drain.error);
	else
		end(r, VMIPROF_PARTIAL, false, "write-error",
		    "cannot write %s: %s", r->dir.stream,
		    strerror(r->stream.error));
}

static void watch(struct recording *r)
{
	if (r->watching && !totals_sample(&r->totals))
		end(r, VMIPROF_GUEST_CORRUPT, false, "totals-corrupt", "%s",
		    r->totals.error);
}

static void end_by_qemu(struct recording *r, enum qemu_status status)
{
	switch (status) {
	case QEMU_RUNS:
		return;
	case QEMU_DEBUG_EXIT:
		r->ending.code = r->qemu.code;
		if (r->qemu.code)
			end(r, VMIPROF_GUEST_FAILED, true, "debug-exit",
			    "the guest failed: it exited with code %d",
			    r->qemu.code);
		else
			end(r, VMIPROF_OK, true, "debug-exit", "%s", "");
		return;
	case QEMU_SHUTDOWN:
		end(r, VMIPROF_OK, true, "shutdown", "%s", "");
		return;
	case QEMU_RESET:
		if (r->inputs.reset_is_end)
			end(r, VMIPROF_OK, true, "reset", "%s", "");
		else
			end(r, VMIPROF_GUEST_FAILED, true, "reset",
			    "the guest failed: it reset the machine, perhaps by a triple fault");
		return;
	case QEMU_PANIC:
		end(r, VMIPROF_GUEST_FAILED, true, "panic",
		    "the guest failed: it reported a panic");
		return;
	case QEMU_QUIT:
	case QEMU_DIED:
		end(r, VMIPROF_QEMU_FAILED, false, "qemu-died", "%s",
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
			end_by_drain(r);
		drain_sample(&r->drain);
		drain_totals(&r->drain, &totals);
	}
	watch(r);
	if (r->options.console)
		log_follow(r->dir.console_log, &r->console_shown,
			   STDOUT_FILENO);
	progress_update(&r->progress, now_ns,
			r->watching ? totals_calls(&r->totals)
				    : r->stream.events,
			totals.lost);
	if (!qemu_answers(&r->qemu))
		end(r, VMIPROF_QEMU_FAILED, false, "qemu-died", "%s",
		    r->qemu.error);
	if (r->options.timeout_s &&
	    now_ns - r->guest_begin_ns >= r->options.timeout_s * NS_PER_S)
		end(r, VMIPROF_TIMEOUT, false, "timeout",
		    "the guest did not end within %u s", r->options.timeout_s);
}

static void tick(struct recording *r)
{
	feed_stolen(r);
	end_by_qemu(r, qemu_poll(&r->qemu));
	if (stop_signal)
		end(r, (enum vmiprof_exit)(128 + stop_signal), false,
		    "interrupted", "interrupted by signal %d (%s)", stop_signal,
		    strsignal(stop_signal));
}

static void run_guest(struct recording *r)
{
	uint64_t spin_ns = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? SPIN_NS : 0;
	uint64_t tick_ns = 0, slow_tick_ns = 0, data_ns = 0;
	uint64_t nap_ns = NAP_MIN_NS;

	while (!r->ending.known) {
		int moved = r->attached ? drain_poll(&r->drain) : try_attach(r);
		uint64_t now_ns = clock_ns();

		if (moved < 0)
			end_by_drain(r);
		if (now_ns >= tick_ns) {
			tick(r);
			tick_ns = now_ns + TICK_NS;
		}
		if (now_ns >= slow_tick_ns) {
			slow_tick(r, now_ns);
			slow_tick_ns = now_ns + SLOW_TICK_NS;
		}
		if (moved > 0) {
			data_ns = now_ns;
			nap_ns = NAP_MIN_NS;
		} else if (r->watching || !rom_records(r)) {
			nap(NAP_UNTRACED_NS);
		} else if (now_ns - data_ns > spin_ns) {
			nap(nap_ns);
			nap_ns = nap_ns * 2 > NAP_MAX_NS ? NAP_MAX_NS
							 : nap_ns * 2;
		}
	}
}

/* ---- The end ---- */

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

static void take_rest(struct recording *r)
{
	if (r->qemu.pid && r->ending.status != VMIPROF_QEMU_FAILED)
		stop_settled(r);
	feed_stolen(r);
	qemu_kill(&r->qemu);
	watch(r);
	if (r->attached && !*r->drain.error && !r->stream.error &&
	    drain_finish(&r->drain) < 0) {
		r->ending.known = false;
		end_by_drain(r);
	}
	if (ctf_stream_close(&r->stream) &&
	    r->ending.status != VMIPROF_PARTIAL) {
		r->ending.known = false;
		end_by_drain(r);
	}
	if (r->options.console)
		log_follow(r->dir.console_log, &r->console_shown,
			   STDOUT_FILENO);
}

/*
 * Recorded + lost = counted: three independent numbers.  Where something was
 * given up, or the guest was cut off in the middle of a call, what was counted
 * and is not in the trace is lost.
 */
static void count(struct recording *r, struct run_counts *counts)
{
	struct drain_totals totals;
	bool cut = r->drain.skipped_packets || r->stream.error ||
		   *r->drain.error ||
		   r->ending.status == VMIPROF_QEMU_FAILED;

	drain_sample(&r->drain);
	drain_totals(&r->drain, &totals);
	*counts = (struct run_counts){
		.counted = totals.counted,
		.recorded = r->stream.events,
		.lost = totals.lost,
		.wait_cycles = totals.wait_cycles,
		.stolen_cycles = r->stolen_cycles,
		.no_stolen = *r->stolen.reason ? r->stolen.reason : NULL,
		.by_call = r->drain.counted,
	};
	if (cut && counts->counted >= counts->recorded)
		counts->lost = counts->counted - counts->recorded;
	if (counts->counted == counts->recorded + counts->lost)
		return;
	if (r->ending.status == VMIPROF_OK)
		r->ending.status = VMIPROF_PARTIAL;
	r->ending.complete = false;
	text_append(r->ending.reason, sizeof(r->ending.reason),
		    "%sthe ROM counted %llu calls, but %llu recorded and %llu lost make %llu",
		    *r->ending.reason ? "; " : "",
		    (unsigned long long)counts->counted,
		    (unsigned long long)counts->recorded,
		    (unsigned long long)counts->lost,
		    (unsigned long long)counts->recorded + counts->lost);
}

/* The same for the levels below event. */
static void check_totals(struct recording *r, const char *kind)
{
	const char *call = "";

	if (!totals_found(&r->totals))
		end(r, VMIPROF_NOT_TRACED, false, kind,
		    "nothing was counted: the guest did not say where its call sites count");
	else if (!totals_fit(&r->totals, &call))
		end(r, VMIPROF_GUEST_CORRUPT, false, "totals-corrupt",
		    "the guest broke the table: the sum of cycles of %s does not fit its buckets",
		    call);
	else
		end(r, VMIPROF_OK, true, kind, "%s", "");
}

/* A guest that ended by itself: was it traced, and did it do what it should? */
static void check_ending(struct recording *r)
{
	const char *kind = r->ending.kind;
	bool silent = r->inputs.last_words && strcmp(kind, "shutdown") != 0;

	if (r->ending.status != VMIPROF_OK)
		return;
	r->ending.known = false;
	if (silent &&
	    !log_tail_has(r->dir.console_log, r->inputs.last_words))
		end(r, VMIPROF_GUEST_FAILED, true, kind,
		    "the guest failed: it ended without \"%s\"; see %s",
		    r->inputs.last_words, r->dir.console_log);
	else if (r->watching)
		check_totals(r, kind);
	else if (!rom_records(r) || r->attached)
		end(r, VMIPROF_OK, true, kind, "%s", "");
	else if (r->search == TRACE_ROM_OFF)
		end(r, VMIPROF_NOT_TRACED, false, kind,
		    "nothing was recorded: the guest did not call Init of the ROM \"%s\"",
		    r->inputs.rom.name);
	else if (r->search == TRACE_ROM_BROKEN)
		end(r, VMIPROF_NOT_TRACED, false, kind,
		    "nothing was recorded: the ROM in guest memory is broken: %s",
		    r->rom_problem);
	else
		end(r, VMIPROF_NOT_TRACED, false, kind,
		    "nothing was recorded: the ROM never appeared at 0xc0000 to 0xdffff in guest memory");
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

static void say_how_it_went(const struct recording *r,
			    const struct run_counts *counts)
{
	char recorded[27], lost[27];

	if (*r->ending.reason)
		warnx("%s", r->ending.reason);
	if (r->options.quiet)
		return;
	if (r->attached)
		warnx("%s events in %.1f s, lost %s; %s%s",
		      with_commas(recorded, counts->recorded), r->duration_s,
		      with_commas(lost, counts->lost),
		      r->ending.complete ? "" : "what was recorded is in ",
		      r->dir.path);
	else if (r->watching)
		warnx("%s calls in %.1f s; %s",
		      with_commas(recorded, totals_calls(&r->totals)),
		      r->duration_s, r->dir.path);
	else if (!rom_records(r))
		warnx("the guest ran %.1f s; %s", r->duration_s, r->dir.path);
}

static enum vmiprof_exit finish(struct recording *r)
{
	struct run_counts counts = { 0 };
	bool written;

	r->duration_s = (double)(clock_ns() - r->guest_begin_ns) / NS_PER_S;
	take_rest(r);
	if (!r->options.icount)
		r->tsc_hz = tsc_hz_since(&r->begin, CALIBRATE_NS);
	progress_clear(&r->progress);
	check_ending(r);
	if (r->attached)
		count(r, &counts);
	warn_of_copies(r);
	trace_dir_free_reserve(&r->dir);
	written = write_metadata(r);
	written &= write_run_json(r, r->attached ? &counts : NULL);
	say_how_it_went(r, &counts);
	stolen_close(&r->stolen);
	if (!written && r->ending.status == VMIPROF_OK)
		return VMIPROF_PARTIAL;
	return r->ending.status;
}

/* ---- The beginning ---- */

static bool make_trace(struct recording *r)
{
	int error;

	ctf_uuid(r->uuid);
	if (!trace_dir_create(&r->dir, r->options.output, r->options.force))
		return false;
	error = ctf_stream_open(&r->stream, r->dir.stream);
	if (error) {
		warnx("cannot create %s: %s", r->dir.stream, strerror(error));
		return false;
	}
	return write_metadata(r) && write_run_json(r, NULL);
}

static bool start_guest(struct recording *r)
{
	const char *program = getenv("QEMU");
	const struct qemu_config config = {
		.program = program && *program ? program : "qemu-system-x86_64",
		.accel = r->accel.accel,
		.icount = r->options.icount,
		.smp = r->options.smp,
		.rom = r->inputs.rom_for_qemu,
		.kernel = r->inputs.kernel,
		.initrd = r->inputs.initrd,
		.append = r->inputs.append,
		.console_path = r->dir.console_log,
		.log_path = r->dir.qemu_log,
		.extra = r->options.qemu_args,
	};
	unsigned int timeout_s = START_TIMEOUT_S;

	if (r->options.timeout_s && r->options.timeout_s < timeout_s)
		timeout_s = r->options.timeout_s;
	if (!qemu_start(&r->qemu, &config, &r->ram, timeout_s * 1000,
			&stop_signal))
		return false;
	if (rom_records(r) && r->qemu.nr_vcpus > 1) {
		text_set(r->qemu.error, sizeof(r->qemu.error),
			 "the machine has %u vCPUs; the ROM \"%s\" records one",
			 r->qemu.nr_vcpus, r->inputs.rom.name);
		return false;
	}
	return true;
}

static enum vmiprof_exit boot_and_record(struct recording *r)
{
	r->guest_begin_ns = clock_ns();
	if (!start_guest(r)) {
		if (stop_signal)
			tick(r);
		end(r, VMIPROF_QEMU_FAILED, false, "qemu-died", "%s",
		    r->qemu.error);
		return finish(r);
	}
	if (!r->options.icount)
		r->tsc_hz = tsc_hz_since(&r->begin, CALIBRATE_NS);
	r->guest_begin_ns = clock_ns();
	progress_begin(&r->progress, r->options.quiet, r->options.console);
	if (qemu_cont(&r->qemu))
		run_guest(r);
	else
		end(r, VMIPROF_QEMU_FAILED, false, "qemu-died", "%s",
		    r->qemu.error);
	return finish(r);
}

static bool choose_accel(struct recording *r)
{
	r->accel = accel_choose(r->options.accel, r->options.icount, "");
	if (r->accel.refused) {
		warnx("--accel=kvm cannot be: %s", r->accel.reason);
		return false;
	}
	return true;
}

static void say_what_comes(const struct recording *r)
{
	const char *cycles = "";

	if (r->options.quiet)
		return;
	if (r->options.icount)
		cycles = "; a cycle is one instruction";
	else if (r->accel.accel == ACCEL_TCG)
		cycles = "; cycles are emulated, not the CPU's";
	warnx("accelerator %s, %s%s", accel_name(r->accel.accel),
	      r->accel.reason, cycles);
	if (!r->inputs.rom_file)
		warnx("no ROM: the guest runs, nothing is recorded");
	else if (!rom_records(r))
		warnx("the ROM %s keeps no trace: the guest runs, nothing is recorded",
		      r->inputs.rom_file);
}

int cmd_record(int argc, char **argv)
{
	static struct recording r;
	enum vmiprof_exit status = VMIPROF_ERROR;
	int error;

	r.command = record_options_command(argc, argv);
	r.stolen.fd = -1;
	record_options_parse(&r.options, argc, argv);
	catch_signals();
	/* Naps are far shorter than the slack that the kernel adds to them. */
	prctl(PR_SET_TIMERSLACK, 1);
	r.begin = tsc_sample();
	r.tsc_hz = r.options.icount ? ICOUNT_HZ
				    : tsc_hz_since(&r.begin, CALIBRATE_NS);
	if (!record_inputs_find(&r.inputs, &r.options, r.tsc_hz) ||
	    !choose_accel(&r))
		goto free_inputs;
	error = guest_ram_create(&r.ram, (size_t)r.options.memory_mib << 20);
	if (error) {
		warnx("cannot allocate %u MiB of guest memory: %s",
		      r.options.memory_mib, strerror(error));
		goto free_inputs;
	}
	host_info_read(&r.host);
	r.started = time(NULL);
	if (make_trace(&r)) {
		say_what_comes(&r);
		status = boot_and_record(&r);
	}
	qemu_free(&r.qemu);
	trace_dir_free(&r.dir);
	guest_ram_destroy(&r.ram);
free_inputs:
	record_inputs_free(&r.inputs);
	free(r.command);
	return status;
}
