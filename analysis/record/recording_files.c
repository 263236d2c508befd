// SPDX-License-Identifier: GPL-2.0-only
/*
 * recording_files.c - what describes a recording: metadata and run/run.json
 */
#include "recording.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ctf_metadata.h"

char *recording_metadata_text(const struct recording *r)
{
	struct ctf_metadata metadata = {
		.tsc_hz = r->tsc_hz,
		.accel = r->accel.accel,
		.cpu = r->host.cpu,
		.guest = r->inputs.guest,
		.boot_id = r->host.boot_id,
	};

	memcpy(metadata.uuid, r->uuid, sizeof(metadata.uuid));
	clock_map_read(&r->clock, r->tsc_hz, &metadata.clock);
	return ctf_metadata_text(&metadata);
}

/* A dump is whole in itself; a recording is not before its end. */
static const char *why_partial(const struct recording *r,
			       const struct run_dump *dump)
{
	if (dump)
		return dump->problem;
	if (!r->ending.known)
		return "the recording has not ended";
	return *r->ending.reason ? r->ending.reason : NULL;
}

char *recording_run_json_text(const struct recording *r,
			      const struct run_counts *counts,
			      const struct run_dump *dump)
{
	struct run_json run = {
		.complete = dump ? !dump->problem : r->ending.complete,
		.reason = why_partial(r, dump),
		.command = r->command,
		.qemu_command = r->qemu.argv,
		.guest = r->inputs.guest,
		.rom_file = r->inputs.rom_file,
		.rom_name = r->inputs.rom.name,
		.rom_api_major = r->inputs.rom.api_major,
		.rom_api_minor = r->inputs.rom.api_minor,
		.accel = &r->accel,
		.level = r->options.level,
		.every = recording_stamp_every(r),
		.symbols = &r->symbols,
		.modes = &r->modes,
		.totals = r->watching ? r->totals.call : NULL,
		.site_counts = r->attached && totals_found(&r->totals) &&
					       !*r->totals.error
				       ? r->totals.call
				       : NULL,
		.icount = r->options.icount,
		.lossless = r->options.lossless,
		.overwrite_bytes = r->options.overwrite_bytes,
		.dump = dump,
		.cpu = r->host.cpu,
		.kernel = r->host.kernel,
		.qemu_version = r->qemu.qmp.qemu_version,
		.tsc_hz = r->tsc_hz,
		.tsc_step = r->tsc_step,
		.started = r->started,
		.duration_s = r->duration_s,
		.exit_kind = r->ending.kind,
		.exit_code = r->ending.code,
		.vcpu0 = counts,
	};

	clock_map_read(&r->clock, r->tsc_hz, &run.clock);
	if (r->attached) {
		const struct drain_ring *ring = drain_last_ring(&r->drain);

		run.ring_bytes = ring->nr_subbufs * ring->subbuf_bytes;
		run.subbuf_bytes = ring->subbuf_bytes;
		run.ring_donated = ring == &r->drain.donated;
	}
	return run_json_text(&run);
}

static bool written(const struct recording *r, const char *name, int error)
{
	if (error)
		warnx("cannot write %s/%s: %s", r->dir.path, name,
		      strerror(error));
	return !error;
}

bool recording_write_metadata(const struct recording *r)
{
	char *text = recording_metadata_text(r);
	int error = trace_dir_write_metadata(&r->dir, text);

	free(text);
	return written(r, "metadata", error);
}

bool recording_write_run_json(const struct recording *r,
			      const struct run_counts *counts)
{
	char *text = recording_run_json_text(r, counts, NULL);
	int error = trace_dir_write_run_json(&r->dir, text);

	free(text);
	return written(r, "run/run.json", error);
}
