// SPDX-License-Identifier: GPL-2.0-only
#include "recording_lttng.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/site_modes.h"
#include "lttng/lttng_output.h"

bool recording_lttng_directory(struct recording *r)
{
	const char *tmp = getenv("TMPDIR");

	if (r->options.output)
		return true;
	if (asprintf(&r->lttng_dir, "%s/vmiprof-XXXXXX",
		     tmp && *tmp ? tmp : "/tmp") < 0)
		err(VMIPROF_ERROR, "memory");
	if (!mkdtemp(r->lttng_dir)) {
		warn("%s", r->lttng_dir);
		free(r->lttng_dir);
		r->lttng_dir = NULL;
		return false;
	}
	return true;
}

static void format_uuid(char text[37], const uint8_t uuid[16])
{
	for (int i = 0; i < 16; i++)
		text += sprintf(text, "%s%02x",
				i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
				uuid[i]);
}

bool recording_lttng_open(struct recording *r)
{
	const struct lttng_output_config config = {
		.session = r->options.lttng_session,
		.url = r->options.lttng_url,
		.lossless = r->options.lossless,
		.quiet = r->options.quiet,
	};
	struct lttng_run run = {
		.run = (uint32_t)r->uuid[0] << 24 | r->uuid[1] << 16 |
		       r->uuid[2] << 8 | r->uuid[3],
		.tsc_hz = r->tsc_hz,
		.accelerator = accel_name(r->accel.accel),
		.icount = r->options.icount,
		.lossless = r->options.lossless,
		.guest = r->options.guest,
		.rom = *r->inputs.rom.name ? r->inputs.rom.name : "",
		.cpu = r->host.cpu,
		.clock_error_ns = -1,
	};

	if (!r->options.lttng)
		return true;
	format_uuid(run.uuid, r->uuid);
	r->lttng = lttng_output_open(&config, &run);
	if (!r->lttng)
		return false;
	if (!r->options.quiet)
		warnx("events go to the LTTng session '%s', %s",
		      lttng_output_session(r->lttng),
		      lttng_output_path(r->lttng));
	return drain_observe(&r->drain, lttng_output_packet, r->lttng);
}

void recording_lttng_tick(struct recording *r)
{
	struct clock_reading clock;

	if (!r->lttng)
		return;
	for (; r->modes_told < r->modes.nr; r->modes_told++) {
		const struct mode_change *change =
			&r->modes.change[r->modes_told];

		lttng_output_mode(r->lttng, change->time, change->nr,
				  site_modes_name(change->sites));
	}
	clock_map_read(&r->clock, r->tsc_hz, &clock);
	if (clock.known)
		lttng_output_clock(r->lttng, r->tsc_hz, clock.monotonic_ns,
				   (int64_t)clock.error_ns);
	else
		lttng_output_clock(r->lttng, r->tsc_hz, 0, -1);
}

void recording_lttng_close(struct recording *r,
			   const struct run_counts *counts)
{
	struct lttng_end end = {
		.stolen_cycles = -1,
		.duration_ns = (uint64_t)(r->duration_s * NS_PER_S),
		.exit = r->ending.kind,
		.reason = r->ending.reason,
	};
	char problem[1000];

	if (!r->lttng)
		return;
	recording_lttng_tick(r);
	if (counts) {
		end.events_counted = counts->counted;
		end.events_lost = counts->lost;
		end.wait_cycles = counts->wait_cycles;
		if (!counts->no_stolen)
			end.stolen_cycles = (int64_t)counts->stolen_cycles;
	}
	lttng_output_close(r->lttng, counts ? &end : NULL, r->drain.counted,
			   problem, sizeof(problem));
	r->lttng = NULL;
	if (*problem)
		recording_partial(r, "%s", problem);
}

void recording_lttng_clean_up(struct recording *r, enum vmiprof_exit status)
{
	if (!r->lttng_dir)
		return;
	if (status == VMIPROF_OK)
		trace_dir_remove(&r->dir);
	else
		warnx("run.json and the logs of this run are in %s", r->lttng_dir);
	free(r->lttng_dir);
	r->lttng_dir = NULL;
}
