// SPDX-License-Identifier: GPL-2.0-only
#include "throughput.h"

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "lib/locate.h"
#include "lib/text.h"
#include "lib/tsc.h"
#include "program_run.h"
#include "record/drain.h"

#define NS_PER_S	1000000000ull
#define LOOK_NS		10000000
#define NAP_MAX_NS	200000

/* statfs(2) has the numbers. */
static const char *file_system(const char *dir, char *text, size_t bytes)
{
	static const struct {
		unsigned int type;
		const char *name;
	} known[] = {
		{ 0xef53, "ext4" },	  { 0x01021994, "tmpfs" },
		{ 0x58465342, "xfs" },	  { 0x9123683e, "btrfs" },
		{ 0x794c7630, "overlay" }, { 0x6969, "nfs" },
	};
	struct statfs info;

	if (statfs(dir, &info))
		return "unknown";
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].type == (unsigned int)info.f_type)
			return known[i].name;
	}
	text_set(text, bytes, "fs-%x", (unsigned int)info.f_type);
	return text;
}

static bool check_room(struct bench_run *run, uint64_t needed)
{
	struct statvfs info;
	uint64_t room;

	if (statvfs(run->dir, &info))
		return bench_run_failed(run, "%s: %s", run->dir,
					strerror(errno));
	room = (uint64_t)info.f_bavail * info.f_frsize;
	if (room >= needed)
		return true;
	return bench_run_failed(run, "%s has room for %llu MiB, expected %llu MiB; TMPDIR names another place, --events makes it less",
				run->dir, (unsigned long long)room >> 20,
				(unsigned long long)needed >> 20);
}

/* The first two CPUs that this process may use. */
static void choose_cpus(struct throughput *t)
{
	cpu_set_t *old = malloc(sizeof(*old));
	int cpu[2] = { 0, 0 };

	if (!old)
		err(EXIT_FAILURE, "memory");
	CPU_ZERO(old);
	if (sched_getaffinity(0, sizeof(*old), old))
		CPU_SET(0, old);
	for (int i = 0; i < CPU_SETSIZE && t->nr_cpus < 2; i++) {
		if (CPU_ISSET(i, old))
			cpu[t->nr_cpus++] = i;
	}
	t->old_affinity = old;
	t->drain_cpu = cpu[0];
	t->producer_cpu = cpu[t->nr_cpus - 1];
}

static bool pin(struct throughput *t)
{
	cpu_set_t set;

	choose_cpus(t);
	CPU_ZERO(&set);
	CPU_SET(t->drain_cpu, &set);
	if (!sched_setaffinity(0, sizeof(set), &set))
		return true;
	return bench_run_failed(t->run, "cannot run on CPU %d: %s",
				t->drain_cpu, strerror(errno));
}

bool throughput_begin(struct throughput *t, struct bench_run *run,
		      struct raw_reader *reader, uint32_t calls,
		      uint64_t disk_bytes)
{
	*t = (struct throughput){
		.run = run,
		.reader = reader,
		.calls = calls - calls % PRODUCER_TURN,
	};
	text_set(t->group, sizeof(t->group), "%s",
		 file_system(run->dir, t->group, sizeof(t->group)));
	t->rom_file = locate("rom-trace.bin");
	if (!t->rom_file)
		return bench_run_failed(run, "rom-trace.bin is missing");
	if (!check_room(run, disk_bytes) || !pin(t))
		return false;
	return producer_start(&t->producer, t->producer_cpu) ||
	       bench_run_failed(run, "%s", t->producer.error);
}

void throughput_release(struct throughput *t)
{
	producer_end(&t->producer);
	if (t->old_affinity)
		(void)sched_setaffinity(0, sizeof(cpu_set_t), t->old_affinity);
	free(t->old_affinity);
	t->old_affinity = NULL;
}

void throughput_end(struct throughput *t)
{
	throughput_release(t);
	free(t->rom_file);
	*t = (struct throughput){ 0 };
}

/* As long as the recorder's loop sleeps when it found nothing. */
static uint64_t drain_nap_ns(const struct drain *drain)
{
	uint64_t ns = drain_pause_ns(drain);

	return ns < NAP_MAX_NS ? ns : NAP_MAX_NS;
}

/* What the recorder's loop does, without a guest to look after. */
static bool drain_while_made(struct throughput *t, struct drain *drain)
{
	uint64_t deadline_ns = clock_ns() +
			       t->run->options->timeout_s * NS_PER_S;
	uint64_t look_ns = 0;

	for (;;) {
		bool done = producer_is_done(&t->producer);
		int moved = drain_poll(drain);
		uint64_t now_ns = clock_ns();

		if (moved < 0)
			return false;
		if (done)
			return true;
		if (now_ns >= look_ns) {
			if (!producer_runs(&t->producer))
				return bench_run_failed(t->run, "%s",
							t->producer.error);
			if (*t->run->stop || now_ns > deadline_ns)
				return bench_run_failed(t->run, "interrupted, or not done within --timeout");
			look_ns = now_ns + LOOK_NS;
		}
		if (!moved)
			nap(drain_nap_ns(drain));
	}
}

static bool all_there(struct throughput *t, const struct drain *drain,
		      const struct ctf_stream *stream)
{
	uint32_t made = t->calls + PRODUCER_OPEN_CALLS;
	struct drain_totals totals;

	drain_totals(drain, &totals);
	if (totals.counted == made && stream->events == made &&
	    !totals.lost && !drain->uncommitted)
		return true;
	return bench_run_failed(t->run, "%u calls were made, the ROM counted %llu, %llu are in the trace and %llu lost",
				made, (unsigned long long)totals.counted,
				(unsigned long long)stream->events,
				(unsigned long long)totals.lost);
}

static bool record(struct throughput *t, struct drain *drain,
		   struct ctf_stream *stream, const uint8_t uuid[16],
		   struct drained *drained)
{
	bool ok;

	drain_attach(drain, &t->producer.ram, &t->producer.rom, stream, uuid,
		     VMI_HOST_ATTACHED | VMI_HOST_LOSSLESS);
	if (!producer_begin(&t->producer, t->calls))
		return bench_run_failed(t->run, "%s", t->producer.error);
	ok = drain_while_made(t, drain) && !drain_finish(drain) &&
	     !ctf_stream_flush(stream);
	drained->seconds = (double)(clock_ns() -
				    producer_control(&t->producer)->begin_ns) /
			   NS_PER_S;
	drained->events = stream->events;
	drained->ring_bytes = drain_last_ring(drain)->nr_subbufs *
			      drain_last_ring(drain)->subbuf_bytes;
	drained->subbuf_bytes = drain_last_ring(drain)->subbuf_bytes;
	memcpy(drained->counted, drain->counted, sizeof(drained->counted));
	if (!ok && stream->error)
		return bench_run_failed(t->run, "writing: %s",
					strerror(stream->error));
	if (!ok && *drain->error)
		return bench_run_failed(t->run, "%s", drain->error);
	return ok && all_there(t, drain, stream);
}

bool throughput_drain(struct throughput *t, const char *path,
		      const uint8_t uuid[16], struct drained *drained)
{
	struct drain drain = { 0 };
	struct ctf_stream stream;
	bool ok;
	int error;

	if (!producer_open(&t->producer, t->rom_file, t->run->stop))
		return bench_run_failed(t->run, "%s", t->producer.error);
	error = ctf_stream_open(&stream, path);
	if (error)
		return bench_run_failed(t->run, "%s: %s", path,
					strerror(error));
	ok = record(t, &drain, &stream, uuid, drained);
	error = ctf_stream_close(&stream);
	if (ok && error)
		return bench_run_failed(t->run, "%s: %s", path,
					strerror(error));
	return ok;
}

bool throughput_wants(const struct bench_run *run, enum result_form form)
{
	const char *name = form_name(form), *at = run->options->only;
	size_t length = strlen(name);

	while (at) {
		if (!strncmp(at, name, length) &&
		    (!at[length] || at[length] == ','))
			return true;
		at = strchr(at, ',');
		at += !!at;
	}
	return !run->options->only;
}

void throughput_case(struct throughput *t, const char *call,
		     enum result_form form, const double *samples, size_t nr)
{
	char *line;
	size_t bytes;
	FILE *out = open_memstream(&line, &bytes);

	if (!out)
		err(EXIT_FAILURE, "memory");
	(void)fprintf(out,
		      "case call=%s form=%s padding=- unit=%s group=%s samples=",
		      call, form_name(form), unit_name(UNIT_EVENTS_PER_S),
		      t->group);
	for (size_t i = 0; i < nr; i++)
		(void)fprintf(out, "%s%.0f", i ? "," : "", samples[i]);
	(void)fputc('\n', out);
	if (fclose(out))
		err(EXIT_FAILURE, "memory");
	raw_feed(t->reader, line, bytes);
	free(line);
}

void throughput_skip(struct throughput *t, const char *call,
		     enum result_form form, const char *why)
{
	char line[400];

	text_set(line, sizeof(line), "skip call=%s form=%s why=%s", call,
		 form_name(form), why);
	text_clean(line);
	text_append(line, sizeof(line), "\n");
	raw_feed(t->reader, line, strlen(line));
}
