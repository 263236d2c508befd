// SPDX-License-Identifier: GPL-2.0-only
#include "lttng_source.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/call_table.h"
#include "lib/module.h"
#include "lib/text.h"
#include "lttng_dirs.h"
#include "lttng_packets.h"
#include "metadata.h"
#include "run_info.h"
#include "run_settle.h"

#define STREAMS_MAX	1024	/* each holds a file open */
#define RUNS_MAX	4096
#define MODES_MAX	10000
#define UNKNOWN_HZ	1000000000

/* One vmiprof record --lttng. */
struct run {
	char *host;
	uint32_t id;
	struct lttng_run told;		/* its texts are ours */
	bool known;			/* there was a vmi:run */
	bool ended;			/* and a vmi:end */
	struct lttng_end end;
	uint64_t counted[VMI_NR_SLOTS];
	uint64_t skipped;
	size_t nr_modes;
	struct run_mode *modes;
};

struct stream {
	size_t run;			/* index */
	struct lttng_packets *packets;
};

struct lttng_source {
	struct trace *trace;
	char *host;			/* of the directory that is read */
	const char *dir;		/* that one */
	size_t nr_runs, nr_streams;
	struct run *runs;
	struct stream *streams;
	uint64_t foreign;		/* calls without a number of ours */
	uint64_t discarded;		/* of this directory */
	bool discarded_more;		/* and more, not known how many */
	bool full;			/* a limit was reached */
};

static void *must(void *memory)
{
	if (!memory)
		err(EXIT_FAILURE, "memory");
	return memory;
}

static char *copy(const char *text)
{
	char *clean = must(strdup(text ? text : ""));

	text_clean(clean);
	return clean;
}

/* The run of that number on the host being read, made if need be; or NULL. */
static struct run *find_run(struct lttng_source *s, uint32_t id)
{
	struct run *run;

	for (size_t i = s->nr_runs; i-- > 0;) {
		if (s->runs[i].id == id && !strcmp(s->runs[i].host, s->host))
			return &s->runs[i];
	}
	if (s->nr_runs == RUNS_MAX) {
		s->full = true;
		return NULL;
	}
	s->runs = must(reallocarray(s->runs, s->nr_runs + 1, sizeof(*s->runs)));
	run = &s->runs[s->nr_runs++];
	*run = (struct run){ .id = id, .host = must(strdup(s->host)) };
	return run;
}

static struct lttng_packets *find_stream(struct lttng_source *s, uint32_t id,
					 uint8_t vcpu)
{
	struct stream *stream;
	struct run *run;

	for (size_t i = s->nr_streams; i-- > 0;) {
		run = &s->runs[s->streams[i].run];
		if (s->streams[i].packets->vcpu == vcpu && run->id == id &&
		    !strcmp(run->host, s->host))
			return s->streams[i].packets;
	}
	run = find_run(s, id);
	if (!run || s->nr_streams == STREAMS_MAX) {
		s->full = true;
		return NULL;
	}
	s->streams = must(reallocarray(s->streams, s->nr_streams + 1,
				       sizeof(*s->streams)));
	stream = &s->streams[s->nr_streams];
	stream->run = (size_t)(run - s->runs);
	stream->packets = lttng_packets_new(s->trace->uuid, vcpu);
	if (!stream->packets)
		err(EXIT_FAILURE, "no temporary file for the events of %s",
		    s->dir);
	s->nr_streams++;
	return stream->packets;
}

static bool take_host(void *arg, const char *name)
{
	struct lttng_source *s = arg;

	free(s->host);
	s->host = copy(name);
	return true;
}

static bool take_call(void *arg, const struct lttng_call *call)
{
	struct lttng_source *s = arg;
	struct lttng_packets *packets;

	if (call->call >= VMI_NR_SLOTS || !call_table[call->call].name) {
		s->foreign++;
		return true;
	}
	packets = find_stream(s, call->run, call->vcpu);
	if (packets)
		lttng_packets_call(packets, call);
	return packets && !packets->error;
}

static bool take_lost(void *arg, uint32_t id, uint8_t vcpu, uint64_t time,
		      uint64_t lost, uint64_t skipped)
{
	struct lttng_source *s = arg;
	struct lttng_packets *packets = find_stream(s, id, vcpu);

	if (!packets)
		return false;
	find_run(s, id)->skipped += skipped;
	lttng_packets_lost(packets, time, lost + skipped);
	return true;
}

static bool take_mode(void *arg, uint32_t id, uint64_t time, uint8_t call,
		      const char *mode)
{
	struct run *run = find_run(arg, id);
	struct run_mode *entry;

	if (!run || run->nr_modes == MODES_MAX || call >= VMI_NR_SLOTS)
		return run;
	run->modes = must(reallocarray(run->modes, run->nr_modes + 1,
				       sizeof(*run->modes)));
	entry = &run->modes[run->nr_modes++];
	*entry = (struct run_mode){ .nr = call, .time = time };
	text_set(entry->mode, sizeof(entry->mode), "%s", mode);
	text_clean(entry->mode);
	return true;
}

static void free_told(struct run *run)
{
	free((char *)run->told.accelerator);
	free((char *)run->told.guest);
	free((char *)run->told.rom);
	free((char *)run->told.cpu);
}

/* It is repeated: the last one knows most. */
static bool take_run(void *arg, const struct lttng_run *told)
{
	struct run *run = find_run(arg, told->run);

	if (!run)
		return false;
	free_told(run);
	run->told = *told;
	run->told.accelerator = copy(told->accelerator);
	run->told.guest = copy(told->guest);
	run->told.rom = copy(told->rom);
	run->told.cpu = copy(told->cpu);
	text_clean(run->told.uuid);
	run->known = true;
	return true;
}

static bool take_counted(void *arg, uint32_t id, uint8_t vcpu, uint8_t call,
			 uint64_t count)
{
	struct run *run = find_run(arg, id);

	(void)vcpu;
	if (run && call < VMI_NR_SLOTS)
		run_add(&run->counted[call], count);
	return run;
}

static bool take_end(void *arg, const struct lttng_end *end)
{
	struct run *run = find_run(arg, end->run);

	if (!run)
		return false;
	if (run->ended) {
		free((char *)run->end.exit);
		free((char *)run->end.reason);
	}
	run->end = *end;
	run->end.exit = copy(end->exit);
	run->end.reason = copy(end->reason);
	run->ended = true;
	return true;
}

static bool take_discarded(void *arg, uint64_t events)
{
	struct lttng_source *s = arg;

	s->discarded += events;
	s->discarded_more |= !events;
	return true;
}

/* Read one trace; what is wrong with it is told and counts as a problem. */
static void read_dir(struct lttng_source *s, const struct lttng_reader *reader,
		     const char *dir)
{
	const struct lttng_sink sink = {
		.arg = s,
		.host = take_host,
		.call = take_call,
		.lost = take_lost,
		.mode = take_mode,
		.run = take_run,
		.counted = take_counted,
		.end = take_end,
		.discarded = take_discarded,
	};
	struct problems *problems = &s->trace->problems;
	char *readable = lttng_dir_repaired(dir, problems);
	char why[LTTNG_WHY_BYTES] = "";

	s->dir = dir;
	s->discarded = 0;
	s->discarded_more = false;
	take_host(s, "");
	if (!reader->read(readable ? readable : dir, &sink, why)) {
		text_clean(why);
		problems_add(problems, "%s: %s", dir, why);
	}
	if (s->discarded || s->discarded_more)
		problems_add(problems,
			     "%s: LTTng discarded %" PRIu64 "%s events: its buffers were full, or packets are missing",
			     dir, s->discarded,
			     s->discarded_more ? " and more" : "");
	if (readable)
		lttng_dir_remove(readable);
}

static bool hz_is_known(const struct run *run)
{
	return run->told.tsc_hz >= METADATA_HZ_MIN &&
	       run->told.tsc_hz <= METADATA_HZ_MAX;
}

static void check_run(const struct run *run, struct problems *problems)
{
	if (!run->known)
		problems_add(problems,
			     "host '%s', run %08" PRIx32
			     ": no event vmi:run: the rate of its clock is not known",
			     run->host, run->id);
	else if (!hz_is_known(run))
		problems_add(problems,
			     "host '%s', run %08" PRIx32
			     ": vmi:run: tsc_hz: found %" PRIu64
			     ", expected 1 MHz to 100 GHz",
			     run->host, run->id, run->told.tsc_hz);
	if (!run->ended)
		problems_add(problems,
			     "host '%s', run %08" PRIx32
			     ": no event vmi:end: the run goes on, or its last events are missing",
			     run->host, run->id);
	if (run->skipped)
		problems_add(problems,
			     "host '%s', run %08" PRIx32 ": %" PRIu64
			     " events were not given to LTTng, which was too slow",
			     run->host, run->id, run->skipped);
	if (run->ended && *run->end.reason)
		problems_add(problems, "host '%s', run %08" PRIx32 ": %s",
			     run->host, run->id, run->end.reason);
}

/* When the run made its first event of any vCPU. */
static uint64_t run_begin(const struct lttng_source *s, size_t run)
{
	uint64_t begin = UINT64_MAX;

	for (size_t i = 0; i < s->nr_streams; i++) {
		if (s->streams[i].run == run &&
		    s->streams[i].packets->begin < begin)
			begin = s->streams[i].packets->begin;
	}
	return begin == UINT64_MAX ? 0 : begin;
}

static int by_host_and_run(const void *a, const void *b)
{
	const struct trace_stream *x = a, *y = b;
	int order = strcmp(x->host, y->host);

	if (order)
		return order;
	if (x->vcpu != y->vcpu)
		return x->vcpu < y->vcpu ? -1 : 1;
	return (x->time_begin > y->time_begin) - (x->time_begin < y->time_begin);
}

static void fill_streams(struct lttng_source *s)
{
	struct trace *trace = s->trace;

	trace->streams = must(calloc(s->nr_streams, sizeof(*trace->streams)));
	for (size_t i = 0; i < s->nr_streams; i++) {
		struct trace_stream *stream = &trace->streams[i];
		struct lttng_packets *packets = s->streams[i].packets;
		const struct run *run = &s->runs[s->streams[i].run];
		int error = lttng_packets_finish(packets);

		if (error)
			problems_add(&trace->problems,
				     "no room for the events of host '%s' in a temporary file: %s",
				     run->host, strerror(error));
		if (packets->late)
			problems_add(&trace->problems,
				     "host '%s', run %08" PRIx32 ": %" PRIu64
				     " events left out: their time is long before that of events that came first",
				     run->host, run->id, packets->late);
		if (asprintf(&stream->path, "/proc/self/fd/%d", packets->fd) < 0)
			err(EXIT_FAILURE, "memory");
		stream->host = run->host;
		stream->vcpu = packets->vcpu;
		stream->clock_hz =
			hz_is_known(run) ? run->told.tsc_hz : UNKNOWN_HZ;
		stream->time_begin = run_begin(s, s->streams[i].run);
	}
	trace->nr_streams = s->nr_streams;
	trace->clock_hz = trace->streams[0].clock_hz;
	qsort(trace->streams, trace->nr_streams, sizeof(*trace->streams),
	      by_host_and_run);
}

/* What all runs say; "several" when they do not agree, NULL when none says it. */
static const char *common(const struct lttng_source *s,
			  const char *(*get)(const struct run *))
{
	const char *text = NULL;

	for (size_t i = 0; i < s->nr_runs; i++) {
		const char *other = get(&s->runs[i]);

		if (!other || !*other)
			continue;
		if (text && strcmp(text, other) != 0)
			return "several";
		text = other;
	}
	return text;
}

static const char *run_accelerator(const struct run *run)
{
	return run->told.accelerator;
}

static const char *run_guest(const struct run *run)
{
	return run->told.guest;
}

static const char *run_rom(const struct run *run)
{
	return run->told.rom;
}

static const char *run_cpu(const struct run *run)
{
	return run->told.cpu;
}

static const char *run_exit(const struct run *run)
{
	return run->ended ? run->end.exit : NULL;
}

bool lttng_source_load(struct trace *trace)
{
	const struct lttng_reader *reader = module_load(
		"vmiprof-babeltrace.so", "lttng_reader", "libbabeltrace2-dev");
	struct lttng_source *s;
	struct lttng_dirs dirs;
	const char *accelerator;

	if (!reader)
		return false;
	s = must(calloc(1, sizeof(*s)));
	s->trace = trace;
	trace->lttng = s;
	if (getrandom(trace->uuid, sizeof(trace->uuid), 0) !=
	    sizeof(trace->uuid))
		err(EXIT_FAILURE, "getrandom");
	lttng_dirs_find(&dirs, trace->dir);
	for (size_t i = 0; i < dirs.nr; i++)
		read_dir(s, reader, dirs.path[i]);
	lttng_dirs_free(&dirs);
	if (!s->nr_streams) {
		warnx("%s: an LTTng trace without events vmi:call", trace->dir);
		return false;
	}
	if (s->full)
		problems_add(&trace->problems,
			     "%s: more than %d vCPUs or %d runs: the rest is left out",
			     trace->dir, STREAMS_MAX, RUNS_MAX);
	if (s->foreign)
		problems_add(&trace->problems,
			     "%s: %" PRIu64 " events vmi:call are of no call that is known",
			     trace->dir, s->foreign);
	for (size_t i = 0; i < s->nr_runs; i++)
		check_run(&s->runs[i], &trace->problems);
	fill_streams(s);
	accelerator = common(s, run_accelerator);
	text_set(trace->accelerator, sizeof(trace->accelerator), "%s",
		 accelerator ? accelerator : "");
	return true;
}

static void add_run(struct run_info *info, const struct run *run)
{
	double duration_s = (double)run->end.duration_ns / 1e9;

	info->icount |= run->told.icount;
	info->lossless &= run->told.lossless;
	if (duration_s > info->duration_s)
		info->duration_s = duration_s;
	info->counts_known &= run->ended;
	run_add(&info->events_counted, run->end.events_counted);
	run_add(&info->events_recorded, run->end.events_recorded);
	if (run->end.events_counted > run->end.events_recorded)
		run_add(&info->events_lost, run->end.events_counted -
						    run->end.events_recorded);
	run_add(&info->wait_cycles, run->end.wait_cycles);
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
		run_add(&info->counted[nr], run->counted[nr]);
	if (run->end.stolen_cycles < 0 || !run->ended)
		info->stolen_known = false;
	else
		run_add(&info->stolen_cycles,
			(uint64_t)run->end.stolen_cycles);
}

/* Guests have clocks of their own: that of one run only can be told. */
static void add_clock(struct run_info *info, const struct lttng_source *s)
{
	const struct lttng_run *told = &s->runs[0].told;

	info->clock_known = s->nr_runs == 1 && s->runs[0].known &&
			    told->clock_error_ns >= 0;
	if (info->clock_known) {
		info->clock_offset_ns = told->clock_offset_ns;
		info->clock_error_ns = (uint64_t)told->clock_error_ns;
	} else if (s->nr_runs > 1) {
		info->clock_how = copy("there are many runs");
	}
}

/* A mode is known by guest time, so only the modes of one run make sense. */
static void add_modes(struct run_info *info, const struct lttng_source *s)
{
	const struct run *run = &s->runs[0];

	if (s->nr_runs != 1 || !run->nr_modes)
		return;
	info->modes = must(calloc(run->nr_modes, sizeof(*info->modes)));
	memcpy(info->modes, run->modes, run->nr_modes * sizeof(*info->modes));
	info->nr_modes = run->nr_modes;
}

static char *copy_or_null(const char *text)
{
	return text ? copy(text) : NULL;
}

static struct run_info *sum_of_runs(const struct trace *trace)
{
	const struct lttng_source *s = trace->lttng;
	struct run_info *info = must(calloc(1, sizeof(*info)));
	const bool complete = !trace->problems.nr;

	info->known = true;
	info->counts_known = true;
	info->stolen_known = true;
	info->lossless = true;
	for (size_t i = 0; i < s->nr_runs; i++)
		add_run(info, &s->runs[i]);
	add_modes(info, s);
	add_clock(info, s);
	info->status = copy(complete ? RUN_COMPLETE : "partial");
	info->guest = copy_or_null(common(s, run_guest));
	info->rom_name = copy_or_null(common(s, run_rom));
	info->accelerator = copy_or_null(common(s, run_accelerator));
	info->cpu = copy_or_null(common(s, run_cpu));
	info->exit_kind = copy_or_null(common(s, run_exit));
	if (!info->stolen_known)
		info->stolen_reason = copy("not all runs know it");
	return info;
}

struct run_info *trace_run_info(const struct trace *trace,
				struct problems *problems)
{
	struct run_info *info = trace->lttng
					? sum_of_runs(trace)
					: run_info_read(trace->dir, problems);

	run_info_settle(info, trace, problems);
	return info;
}

void lttng_source_free(struct lttng_source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < source->nr_streams; i++)
		lttng_packets_free(source->streams[i].packets);
	for (size_t i = 0; i < source->nr_runs; i++) {
		struct run *run = &source->runs[i];

		free(run->host);
		free_told(run);
		free(run->modes);
		free((char *)run->end.exit);
		free((char *)run->end.reason);
	}
	free(source->streams);
	free(source->runs);
	free(source->host);
	free(source);
}
