// SPDX-License-Identifier: GPL-2.0-only
/*
 * recording_files.c - what describes a recording: metadata and run/run.json
 */
#include "recording.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "ctf_metadata.h"

bool recording_write_metadata(struct recording *r)
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

bool recording_write_run_json(struct recording *r,
			      const struct run_counts *counts)
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
