// SPDX-License-Identifier: GPL-2.0-only
#include "bench_host.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "lib/child.h"
#include "lib/locate.h"
#include "lib/text.h"
#include "program_run.h"

#define HOST_ARGS	(COUNTERS_MAX_ARGS + 10)

static const char *const host_roms[] = {
	"rom-native.bin", "rom-trace.bin", "rom-aggregate.bin", "rom-stamp.bin",
};

#define NR_NEEDED	2	/* of them; the other forms are left out */
#define NR_HOST_ROMS	(sizeof(host_roms) / sizeof(host_roms[0]))

struct host_program {
	char *path;
	char *rom[NR_HOST_ROMS];
	char *perf;
	char samples[16];
};

static bool find_host(struct bench_run *run, struct host_program *host)
{
	host->path = locate("vmiprof-bench-host");
	if (!host->path)
		return bench_run_failed(run, "vmiprof-bench-host is missing");
	for (size_t i = 0; i < NR_HOST_ROMS; i++) {
		host->rom[i] = i < NR_NEEDED ? locate(host_roms[i])
					     : locate_optional(host_roms[i]);
		if (!host->rom[i] && i < NR_NEEDED)
			return bench_run_failed(run, "%s is missing", host_roms[i]);
	}
	host->perf = bench_run_file(run->dir, "perf");
	text_set(host->samples, sizeof(host->samples), "%u", run->samples);
	return true;
}

struct feeding {
	struct bench_run *run;
	struct raw_reader *reader;
};

static void feed(void *arg, const char *bytes, size_t nr)
{
	struct feeding *feeding = arg;

	raw_feed(feeding->reader, bytes, nr);
	bench_progress_update(feeding->run->progress,
			      feeding->reader->nr_cases);
}

static bool run_host(struct bench_run *run, struct raw_reader *reader,
		     struct host_program *host)
{
	char *argv[HOST_ARGS];
	size_t nr = counters_wrap(argv, host->perf);
	struct feeding feeding = { run, reader };
	struct child child;
	bool ended;
	int error, status;

	(void)remove(host->perf);
	argv[nr++] = host->path;
	argv[nr++] = "--raw";
	argv[nr++] = "--samples";
	argv[nr++] = host->samples;
	for (size_t i = 0; i < NR_HOST_ROMS && host->rom[i]; i++)
		argv[nr++] = host->rom[i];
	argv[nr] = NULL;
	error = child_open(&child, argv, CHILD_STDOUT_GROUP);
	if (error)
		return bench_run_failed(run, "cannot run %s: %s", argv[0],
					strerror(error));
	ended = program_read(run, &child, feed, &feeding);
	if (!ended)
		kill(-child.pid, SIGKILL);
	status = child_close(&child);
	raw_end(reader);
	run->perf = counters_text(host->perf);
	if (!ended)
		return false;
	if (status)
		return bench_run_failed(run, "%s exited with status %d after %s",
					host->path, status,
					*reader->last_case ? reader->last_case
							   : "no case");
	if (!reader->done)
		return bench_run_failed(run, "%s ended without its last line", host->path);
	return true;
}

bool bench_host(struct bench_run *run, struct raw_reader *reader)
{
	struct host_program host = { 0 };
	bool ok = find_host(run, &host) && run_host(run, reader, &host);

	free(host.path);
	for (size_t i = 0; i < NR_HOST_ROMS; i++)
		free(host.rom[i]);
	free(host.perf);
	return ok;
}
