// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_report.c - the set report: from a trace on disk to its figures
 *
 * One trace, made as in the set drain, is read by vmiprof and its peers in turn,
 * each a program of its own that runs from start to end.  Their counts must be
 * those of the ROM, call by call.
 */
#include "throughput.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/call_table.h"
#include "lib/host_info.h"
#include "lib/json.h"
#include "lib/locate.h"
#include "lib/text.h"
#include "lib/tsc.h"
#include "program_run.h"
#include "record/ctf_metadata.h"
#include "record/run_json.h"
#include "record/trace_dir.h"

#define CALL		"report"

/*
 * babeltrace2 reads some 4 million events a second: rounds of as many events as
 * vmiprof reads would be nearly all the time that the set takes, and tell no more.
 * Its rounds have this fixed size, 2 seconds and more, in which its start does not
 * weigh.  What is compared is events a second.
 */
#define PEER_EVENTS	10000800u	/* 10 million and a turn's rest */
#define HISTOGRAM	"vmiprof-bench-babeltrace"
#define TSC_MIN_NS	20000000	/* for its rate to 5 ppm */

struct report_trace {
	struct drained made;
	struct trace_dir dir;
	uint8_t uuid[16];
	struct tsc_sample begin;
	time_t started;
};

struct report_bench {
	struct throughput t;
	struct report_trace ours, peers;	/* who reads it */
	char *histogram;	/* NULL: not built */
	long max_kib[NR_FORMS];	/* of memory, in any round */
	char why[200];		/* the form has to be skipped */
};

/* ---- The trace ---- */

static bool write_texts(struct report_bench *b, struct report_trace *trace,
			char *metadata, char *run_json)
{
	int error = trace_dir_write_metadata(&trace->dir, metadata);

	if (!error)
		error = trace_dir_write_run_json(&trace->dir, run_json);
	free(metadata);
	free(run_json);
	return !error || bench_run_failed(b->t.run, "cannot write %s: %s",
					  trace->dir.path, strerror(error));
}

/* What record writes beside the stream; there was no QEMU. */
static bool describe(struct report_bench *b, struct report_trace *trace)
{
	static char *const command[] = { "vmiprof", "bench", NULL };
	const struct accel_choice accel = {
		.accel = ACCEL_KVM,
		.reason = "a process on the real CPU",
	};
	const struct run_counts counts = {
		.counted = trace->made.events,
		.recorded = trace->made.events,
		.by_call = trace->made.counted,
		.no_stolen = "no guest ran",
	};
	uint64_t tsc_hz = tsc_hz_since(&trace->begin, TSC_MIN_NS);
	struct ctf_metadata metadata = {
		.tsc_hz = tsc_hz,
		.accel = ACCEL_KVM,
		.guest = "vmiprof-bench-producer",
	};
	struct run_json run = {
		.complete = true,
		.command = command,
		.guest = metadata.guest,
		.rom_file = b->t.rom_file,
		.rom_name = b->t.producer.rom.name,
		.rom_api_major = b->t.producer.rom.api_major,
		.rom_api_minor = b->t.producer.rom.api_minor,
		.accel = &accel,
		.level = RUN_LEVEL_EVENT,
		.lossless = true,
		.qemu_version = "none",
		.tsc_hz = tsc_hz,
		.started = trace->started,
		.duration_s = trace->made.seconds,
		.ring_bytes = trace->made.ring_bytes,
		.subbuf_bytes = trace->made.subbuf_bytes,
		.ring_donated = true,
		.exit_kind = "shutdown",
		.vcpu0 = &counts,
	};
	struct host_info host;

	host_info_read(&host);
	metadata.cpu = run.cpu = host.cpu;
	run.kernel = host.kernel;
	memcpy(metadata.uuid, trace->uuid, sizeof(metadata.uuid));
	return write_texts(b, trace, ctf_metadata_text(&metadata),
			   run_json_text(&run));
}

/* Writing back what the page cache has is not to disturb the readers. */
static void settle(const struct report_trace *trace)
{
	int fd = open(trace->dir.stream, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

static bool make_trace(struct report_bench *b, struct report_trace *trace,
		       const char *name, uint32_t calls)
{
	char *path = bench_run_file(b->t.run->dir, name);
	bool ok = trace_dir_create(&trace->dir, path, true);

	free(path);
	if (!ok)
		return bench_run_failed(b->t.run, "no directory for the trace");
	ctf_uuid(trace->uuid);
	trace->begin = tsc_sample();
	trace->started = time(NULL);
	b->t.calls = calls - calls % PRODUCER_TURN;
	if (!throughput_drain(&b->t, trace->dir.stream, trace->uuid,
			      &trace->made) ||
	    !describe(b, trace))
		return false;
	settle(trace);
	return true;
}

static void remove_trace(struct report_trace *trace)
{
	if (!trace->dir.path)
		return;
	trace_dir_remove(&trace->dir);
	trace_dir_free(&trace->dir);
}

/* ---- Counts ---- */

static bool check_count(struct report_bench *b,
			const struct report_trace *trace, const char *who,
			const char *call, uint64_t found)
{
	uint64_t expected = 0;

	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (call_table[nr].name && !strcmp(call_table[nr].name, call))
			expected = trace->made.counted[nr];
	}
	return found == expected ||
	       bench_run_failed(b->t.run, "%s: found %llu calls of %.40s, expected %llu",
				who, (unsigned long long)found, call,
				(unsigned long long)expected);
}

static bool check_sum(struct report_bench *b, const struct report_trace *trace,
		      const char *who, uint64_t found)
{
	return found == trace->made.events ||
	       bench_run_failed(b->t.run, "%s: found %llu calls, expected %llu",
				who, (unsigned long long)found,
				(unsigned long long)trace->made.events);
}

static bool check_report(struct report_bench *b, const char *text)
{
	json_object *root = json_tokener_parse(text);
	json_object *calls = json_member(root, "calls", json_type_array);
	size_t nr = calls ? json_object_array_length(calls) : 0;
	uint64_t sum = 0;
	bool ok = true;

	for (size_t i = 0; i < nr && ok; i++) {
		json_object *call = json_object_array_get_idx(calls, i);
		const char *name = json_member_text(call, "name");
		json_object *count = json_member(call, "count", json_type_int);
		uint64_t found = json_object_get_uint64(count);

		sum += found;
		ok = check_count(b, &b->ours, "vmiprof report", name ? name : "", found);
	}
	json_object_put(root);
	return ok && check_sum(b, &b->ours, "vmiprof report", sum);
}

/* Lines of a name, how many and their cycles. */
static bool check_histogram(struct report_bench *b, char *text)
{
	char *line, *rest = text;
	uint64_t sum = 0;

	while ((line = strsep(&rest, "\n"))) {
		char *space = strchr(line, ' ');
		uint64_t found;

		if (!space)
			continue;
		*space = '\0';
		found = strtoull(space + 1, NULL, 10);
		sum += found;
		if (!check_count(b, &b->peers, HISTOGRAM, line, found))
			return false;
	}
	return check_sum(b, &b->peers, HISTOGRAM, sum);
}

/* ---- Readers ---- */

static void note_memory(struct report_bench *b, enum result_form form,
			const struct program_output *output)
{
	if (output->max_kib > b->max_kib[form])
		b->max_kib[form] = output->max_kib;
}

/* In words, for the file and the table. */
static void tell_memory(struct report_bench *b)
{
	char text[300] = "";

	for (int form = 0; form < NR_FORMS; form++) {
		if (b->max_kib[form])
			text_append(text, sizeof(text), "%s%s %.1f MiB",
				    *text ? ", " : "report, at most: ",
				    form_name((enum result_form)form),
				    (double)b->max_kib[form] / 1024);
	}
	if (*text)
		text_append(text, sizeof(text),
			    "; read in each round: vmiprof %.1f million events, the others %.1f million",
			    (double)b->ours.made.events / 1e6,
			    (double)b->peers.made.events / 1e6);
	if (*text)
		b->t.run->perf = strdup(text);
}

static bool time_vmiprof(struct report_bench *b, double *seconds, bool check)
{
	char *argv[] = { "/proc/self/exe", "report", b->ours.dir.path,
			 check ? "--json" : NULL, NULL };
	struct program_output output;
	bool ok = program_run(b->t.run, argv, &output);

	*seconds = output.seconds;
	note_memory(b, FORM_VMIPROF, &output);
	ok = ok && (!check || check_report(b, output.text));
	free(output.text);
	return ok;
}

static bool time_dummy(struct report_bench *b, double *seconds, bool check)
{
	char *argv[] = { "babeltrace2", "--output-format=dummy", b->peers.dir.path,
			 NULL };
	struct program_output output;
	bool ok;

	(void)check;
	ok = program_run(b->t.run, argv, &output);
	*seconds = output.seconds;
	note_memory(b, FORM_BABELTRACE2_DUMMY, &output);
	free(output.text);
	if (!output.missing)
		return ok;
	*b->t.run->failure = '\0';
	text_set(b->why, sizeof(b->why),
		 "babeltrace2 is missing, scripts/setup.sh installs it");
	return true;
}

static bool time_histogram(struct report_bench *b, double *seconds, bool check)
{
	char *argv[] = { b->histogram, b->peers.dir.path, NULL };
	struct program_output output;
	bool ok;

	if (!b->histogram) {
		text_set(b->why, sizeof(b->why),
			 HISTOGRAM " was not built: libbabeltrace2-dev is missing, scripts/setup.sh installs it");
		return true;
	}
	ok = program_run(b->t.run, argv, &output);
	*seconds = output.seconds;
	note_memory(b, FORM_LIBBABELTRACE2_HISTOGRAM, &output);
	ok = ok && (!check || check_histogram(b, output.text));
	free(output.text);
	return ok;
}

struct reader_form {
	enum result_form form;
	/* Read the trace once; true with b->why set: it cannot be done here. */
	bool (*time)(struct report_bench *b, double *seconds, bool check);
	double *samples;
	size_t nr;
};

/* The first time it is not timed: counts are checked, the page cache is filled. */
static bool check_reader(struct report_bench *b, struct reader_form *form)
{
	double seconds;

	if (!throughput_wants(b->t.run, form->form))
		return true;
	/* Nothing to check, and it takes long. */
	if (form->form != FORM_BABELTRACE2_DUMMY &&
	    !form->time(b, &seconds, true))
		return false;
	if (*b->why) {
		throughput_skip(&b->t, CALL, form->form, b->why);
		*b->why = '\0';
		return true;
	}
	form->samples = calloc(b->t.run->samples, sizeof(*form->samples));
	if (!form->samples)
		abort();
	return true;
}

static bool take_sample(struct report_bench *b, struct reader_form *form)
{
	double seconds = 0;
	uint64_t events;

	if (!form->samples)
		return true;
	if (!form->time(b, &seconds, false))
		return false;
	if (*b->why) {
		throughput_skip(&b->t, CALL, form->form, b->why);
		free(form->samples);
		form->samples = NULL;
		*b->why = '\0';
		return true;
	}
	events = form->form == FORM_VMIPROF ? b->ours.made.events
					    : b->peers.made.events;
	form->samples[form->nr++] = (double)events / seconds;
	return true;
}

static bool take_rounds(struct report_bench *b)
{
	struct reader_form forms[] = {
		{ .form = FORM_VMIPROF, .time = time_vmiprof },
		{ .form = FORM_LIBBABELTRACE2_HISTOGRAM,
		  .time = time_histogram },
		{ .form = FORM_BABELTRACE2_DUMMY, .time = time_dummy },
	};
	const size_t nr_forms = sizeof(forms) / sizeof(forms[0]);
	bool ok = true;

	for (size_t i = 0; i < nr_forms && ok; i++)
		ok = check_reader(b, &forms[i]);
	for (unsigned int n = 0; n < b->t.run->samples && ok; n++) {
		for (size_t i = 0; i < nr_forms && ok; i++)
			ok = take_sample(b, &forms[i]);
		bench_progress_update(b->t.run->progress, n);
	}
	for (size_t i = 0; i < nr_forms; i++) {
		if (forms[i].samples && forms[i].nr)
			throughput_case(&b->t, CALL, forms[i].form,
					forms[i].samples, forms[i].nr);
		free(forms[i].samples);
	}
	return ok;
}

bool bench_report(struct bench_run *run, struct raw_reader *reader)
{
	struct report_bench b = { 0 };
	uint32_t calls = run->options->events ? run->options->events
					      : BENCH_REPORT_EVENTS;
	bool ok = throughput_begin(&b.t, run, reader, calls,
				   (calls + (uint64_t)PEER_EVENTS) * 17 +
					   (64u << 20)) &&
		  make_trace(&b, &b.ours, "trace", calls) &&
		  make_trace(&b, &b.peers, "peers",
			     calls < PEER_EVENTS ? calls : PEER_EVENTS);

	b.histogram = locate_optional(HISTOGRAM);
	/* Readers may use all CPUs. */
	throughput_release(&b.t);
	ok = ok && take_rounds(&b);
	tell_memory(&b);
	raw_end(reader);
	remove_trace(&b.ours);
	remove_trace(&b.peers);
	free(b.histogram);
	throughput_end(&b.t);
	return ok;
}
