// SPDX-License-Identifier: GPL-2.0-only
/*
 * record.c - vmiprof record: boot a guest and take its calls to a trace
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "ctf_metadata.h"
#include "lib/signals.h"
#include "lib/text.h"
#include "lib/tsc_step.h"
#include "recording.h"
#include "recording_lttng.h"

#define ICOUNT_HZ		1000000000	/* shift=0: one tick is 1 ns */
#define START_TIMEOUT_S		30

/* With a flight recorder the file is made, and stays empty until the end. */
static bool open_stream(struct recording *r)
{
	uint64_t memory = r->options.overwrite_bytes;
	int error = r->lttng_dir
			    ? ctf_stream_open(&r->stream, "/dev/null")
			    : ctf_stream_open_at(&r->stream, r->dir.fd,
						 TRACE_DIR_STREAM);

	if (error) {
		warnx("cannot create %s: %s", r->dir.stream, strerror(error));
		return false;
	}
	r->stream.limit = r->options.max_bytes;
	if (!memory)
		return true;
	ctf_stream_close(&r->stream);
	error = ctf_stream_open_memory(&r->stream, memory);
	if (error) {
		warnx("cannot take %llu MiB of memory for --overwrite: %s",
		      (unsigned long long)memory >> 20, strerror(error));
		return false;
	}
	recording_dumps_init(r);
	return true;
}

static bool make_trace(struct recording *r)
{
	ctf_uuid(r->uuid);
	return recording_lttng_directory(r) &&
	       trace_dir_create(&r->dir,
				r->lttng_dir ? r->lttng_dir : r->options.output,
				r->options.force) &&
	       open_stream(r) && recording_write_metadata(r) &&
	       recording_write_run_json(r, NULL);
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
		.disk = r->inputs.disk,
		.disk_format = r->inputs.disk_format,
		/* Its workload reads from one. */
		.cdrom = !strcmp(r->options.guest, "linux"),
		.console_path = r->dir.console_log,
		.log_path = r->dir.qemu_log,
		.log_file = r->dir.qemu_file,
		.extra = r->options.qemu_args,
	};
	unsigned int timeout_s = START_TIMEOUT_S;

	if (r->options.timeout_s && r->options.timeout_s < timeout_s)
		timeout_s = r->options.timeout_s;
	if (!qemu_start(&r->qemu, &config, &r->ram, timeout_s * 1000,
			&stop_signal))
		return false;
	if (recording_rom_records(r) && r->qemu.nr_vcpus > 1) {
		text_set(r->qemu.error, sizeof(r->qemu.error),
			 "the machine has %u vCPUs; the ROM \"%s\" records one",
			 r->qemu.nr_vcpus, r->inputs.rom.name);
		return false;
	}
	return true;
}

/* Asked for and not to be had is an error, before the guest runs. */
static bool start_perf(struct recording *r)
{
	char *data, *log;
	bool started;

	if (!r->options.perf)
		return true;
	if (asprintf(&data, "%s/perf.data", r->dir.run) < 0 ||
	    asprintf(&log, "/proc/self/fd/%d/perf.log", r->dir.run_fd) < 0)
		abort();
	started = perf_record_start(&r->perf, r->qemu.vcpu_tid, data, log);
	free(data);
	free(log);
	return started;
}

/* Under TCG the guest's time stamp counter starts at 0 with the guest. */
static bool let_guest_run(struct recording *r)
{
	uint64_t before = clock_host_tsc();

	if (!qemu_cont(&r->qemu))
		return false;
	if (r->accel.accel == ACCEL_TCG)
		clock_map_started(&r->clock, before, clock_host_tsc());
	return true;
}

static enum vmiprof_exit boot_and_record(struct recording *r)
{
	r->guest_begin_ns = clock_ns();
	if (!start_guest(r)) {
		if (stop_signal)
			recording_tick(r);
		recording_end(r, VMIPROF_QEMU_FAILED, false, "qemu-died", "%s",
			      r->qemu.error);
		return recording_finish(r);
	}
	if (!r->options.icount)
		r->tsc_hz = tsc_hz_since(&r->begin, CALIBRATE_NS);
	r->guest_begin_ns = clock_ns();
	progress_begin(&r->progress, r->options.quiet, r->options.console);
	if (!start_perf(r))
		recording_end(r, VMIPROF_ERROR, false, "perf-failed", "%s",
			      r->perf.error);
	else if (let_guest_run(r))
		recording_run(r);
	else
		recording_end(r, VMIPROF_QEMU_FAILED, false, "qemu-died", "%s",
			      r->qemu.error);
	return recording_finish(r);
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
	if (r->tsc_step > 1)
		warnx("the time stamp counter moves by %llu cycles at a time: a figure below that is no measurement",
		      (unsigned long long)r->tsc_step);
	if (!r->inputs.rom_file)
		warnx("no ROM: the guest runs, nothing is recorded");
	else if (!recording_rom_records(r))
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
	catch_dump_signal();
	/* Naps are far shorter than the slack that the kernel adds to them. */
	prctl(PR_SET_TIMERSLACK, 1);
	r.begin = tsc_sample();
	clock_map_begin(&r.clock, &r.begin);
	if (r.options.icount)
		clock_map_without(&r.clock,
				  "with --icount the guest's clock counts instructions");
	r.drain.clock = &r.clock;
	r.tsc_hz = r.options.icount ? ICOUNT_HZ
				    : tsc_hz_since(&r.begin, CALIBRATE_NS);
	r.tsc_step = r.options.icount ? 0 : tsc_step();
	if (!record_inputs_find(&r.inputs, &r.options, r.tsc_hz) ||
	    !choose_accel(&r) ||
	    !guest_symbols_open(&r.symbols, r.inputs.vmlinux))
		goto free_inputs;
	error = guest_ram_create(&r.ram, (size_t)r.options.memory_mib << 20);
	if (error) {
		warnx("cannot allocate %u MiB of guest memory: %s",
		      r.options.memory_mib, guest_ram_why(error));
		goto free_inputs;
	}
	host_info_read(&r.host);
	r.started = time(NULL);
	if (make_trace(&r)) {
		say_what_comes(&r);
		if (recording_lttng_open(&r))
			status = boot_and_record(&r);
	}
	qemu_free(&r.qemu);
	recording_lttng_clean_up(&r, status);
	trace_dir_free(&r.dir);
	guest_ram_destroy(&r.ram);
free_inputs:
	guest_symbols_close(&r.symbols);
	modes_free(&r.modes);
	record_inputs_free(&r.inputs);
	free(r.command);
	return status;
}
