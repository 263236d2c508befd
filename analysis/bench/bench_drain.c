// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_drain.c - the set drain: from the recorder to a trace on disk
 *
 * In each round each form has its turn, and writes a file of its own that is gone
 * before the next.  Nothing may be lost in any of them.
 */
#include "throughput.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/locate.h"
#include "lib/text.h"
#include "lib/tsc.h"
#include "program_run.h"
#include "record/ctf_metadata.h"
#include "record/drain.h"

#define CALL		"drain"
#define NS_PER_S	1e9
/* An event of LTTng takes several times as long: as many seconds, not events. */
#define LTTNG_SHARE	4
#define LTTNG_PROGRAM	"vmiprof-bench-lttng"
/* As ctf_stream.c writes. */
#define PIECE_BYTES	(256u << 10)

struct drain_bench {
	struct throughput t;
	char *path;		/* of the stream file */
	char *lttng;		/* NULL: not built */
	char why[200];		/* the form has to be skipped */
};

static bool failed(struct drain_bench *b, const char *what)
{
	return bench_run_failed(b->t.run, "%s: %s", b->path, what);
}

static bool producer_failed(struct drain_bench *b)
{
	return bench_run_failed(b->t.run, "%s", b->t.producer.error);
}

static bool rate_vmiprof(struct drain_bench *b, double *rate)
{
	struct drained drained;
	uint8_t uuid[16];

	if (b->t.nr_cpus < 2) {
		text_set(b->why, sizeof(b->why), "it takes two CPUs");
		return true;
	}
	ctf_uuid(uuid);
	if (!throughput_drain(&b->t, b->path, uuid, &drained))
		return false;
	*rate = (double)drained.events / drained.seconds;
	return true;
}

/* Nobody takes anything: the oldest packets are overwritten. */
static bool rate_recorder_alone(struct drain_bench *b, double *rate)
{
	const struct producer_control *control = producer_control(&b->t.producer);

	if (!producer_open(&b->t.producer, b->t.rom_file,
			   b->t.run->stop))
		return producer_failed(b);
	__atomic_store_n(&producer_host(&b->t.producer)->flags,
			 VMI_HOST_OVERWRITE, __ATOMIC_RELEASE);
	if (!producer_begin(&b->t.producer, b->t.calls) ||
	    !producer_wait(&b->t.producer, b->t.run->stop))
		return producer_failed(b);
	if (producer_ctl(&b->t.producer)->lost)
		return bench_run_failed(b->t.run, "calls were lost though packets may be overwritten");
	*rate = b->t.calls * NS_PER_S /
		(double)(control->end_ns - control->begin_ns);
	return true;
}

/* As many calls as fit in the ring, which is empty; nothing is taken meanwhile. */
static bool fill(struct drain_bench *b)
{
	const struct vmi_trace_ctl *ctl = producer_ctl(&b->t.producer);
	uint32_t subbuf_bytes = b->t.producer.rom.subbuf_bytes;
	uint32_t calls = (ctl->ring_bytes / subbuf_bytes - 2) *
			 ((subbuf_bytes - VMI_PKT_HEADER_BYTES) / VMI_REC_BYTES);

	if (!producer_begin(&b->t.producer, calls - calls % PRODUCER_TURN) ||
	    !producer_wait(&b->t.producer, b->t.run->stop))
		return producer_failed(b);
	if (ctl->lost)
		return bench_run_failed(b->t.run, "calls were lost though the ring had room");
	return true;
}

static bool drain_filled(struct drain_bench *b, struct drain *drain,
			 struct ctf_stream *stream, double *rate)
{
	uint64_t begin_ns, ns = 0;
	int moved = 0;

	while (stream->events < b->t.calls && moved >= 0) {
		if (!fill(b))
			return false;
		begin_ns = clock_ns();
		moved = drain_poll(drain);
		ns += clock_ns() - begin_ns;
	}
	begin_ns = clock_ns();
	if (moved < 0 || ctf_stream_flush(stream))
		return failed(b, *drain->error ? drain->error
					       : strerror(stream->error));
	ns += clock_ns() - begin_ns;
	*rate = (double)stream->events * NS_PER_S / (double)ns;
	return true;
}

static bool rate_prefilled(struct drain_bench *b, double *rate)
{
	struct drain drain = { 0 };
	struct ctf_stream stream;
	uint8_t uuid[16];
	bool ok;
	int error;

	if (!producer_open(&b->t.producer, b->t.rom_file,
			   b->t.run->stop))
		return producer_failed(b);
	error = ctf_stream_open(&stream, b->path);
	if (error)
		return failed(b, strerror(error));
	ctf_uuid(uuid);
	drain_attach(&drain, &b->t.producer.ram, &b->t.producer.rom, &stream,
		     uuid, VMI_HOST_ATTACHED);
	ok = drain_filled(b, &drain, &stream, rate);
	error = ctf_stream_close(&stream);
	return ok && (!error || failed(b, strerror(error)));
}

static bool write_all(int fd, const uint8_t *from, size_t bytes)
{
	while (bytes) {
		size_t piece = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
		ssize_t n = write(fd, from, piece);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			from += n;
			bytes -= (size_t)n;
		}
	}
	return true;
}

/* The packets that are closed, straight out of the ring. */
static bool write_packets(struct drain_bench *b, int fd, uint32_t *taken)
{
	const struct vmi_trace_ctl *ctl = producer_ctl(&b->t.producer);
	const uint8_t *ring = b->t.producer.ram.base + PRODUCER_RING_PHYS;
	uint32_t subbuf_bytes = ctl->subbuf_bytes;
	uint32_t nr_subbufs = ctl->ring_bytes / subbuf_bytes;

	while (*taken != ctl->packets) {
		uint32_t at = (*taken - ctl->first_packet) % nr_subbufs;
		uint32_t nr = ctl->packets - *taken;

		nr = nr < nr_subbufs - at ? nr : nr_subbufs - at;
		if (!write_all(fd, ring + (size_t)at * subbuf_bytes,
			       (size_t)nr * subbuf_bytes))
			return false;
		*taken += nr;
	}
	__atomic_store_n(&producer_host(&b->t.producer)->consumed, *taken,
			 __ATOMIC_RELEASE);
	return true;
}

static bool write_filled(struct drain_bench *b, int fd, double *rate)
{
	const struct vmi_trace_ctl *ctl = producer_ctl(&b->t.producer);
	uint32_t first = ctl->first_packet, taken = first;
	uint32_t per_packet = (ctl->subbuf_bytes - VMI_PKT_HEADER_BYTES) /
			      VMI_REC_BYTES;
	uint64_t ns = 0;

	__atomic_store_n(&producer_host(&b->t.producer)->consumed, first,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&producer_host(&b->t.producer)->flags,
			 VMI_HOST_ATTACHED, __ATOMIC_RELEASE);
	while ((uint64_t)(taken - first) * per_packet < b->t.calls) {
		uint64_t begin_ns;

		if (!fill(b))
			return false;
		begin_ns = clock_ns();
		if (!write_packets(b, fd, &taken))
			return failed(b, strerror(errno));
		ns += clock_ns() - begin_ns;
	}
	*rate = (double)(taken - first) * per_packet * NS_PER_S / (double)ns;
	return true;
}

/* What no drain can beat: the same bytes by write(2), neither copied nor checked. */
static bool rate_plain_write(struct drain_bench *b, double *rate)
{
	bool ok;
	int fd;

	if (!producer_open(&b->t.producer, b->t.rom_file,
			   b->t.run->stop))
		return producer_failed(b);
	fd = open(b->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return failed(b, strerror(errno));
	ok = write_filled(b, fd, rate);
	if (close(fd) && ok)
		return failed(b, strerror(errno));
	return ok;
}

static bool rate_lttng(struct drain_bench *b, double *rate)
{
	char cpu[16], consumer_cpu[16], events[16];
	char *argv[] = { b->lttng, cpu, consumer_cpu, events,
			 (char *)b->t.run->dir, NULL };
	struct program_output output;
	bool ok;

	if (!b->lttng) {
		text_set(b->why, sizeof(b->why),
			 LTTNG_PROGRAM " was not built: liblttng-ust-dev is missing, scripts/setup.sh installs it");
		return true;
	}
	text_set(cpu, sizeof(cpu), "%d", b->t.producer_cpu);
	text_set(consumer_cpu, sizeof(consumer_cpu), "%d", b->t.drain_cpu);
	text_set(events, sizeof(events), "%u", b->t.calls / LTTNG_SHARE);
	ok = program_run(b->t.run, argv, &output);
	if (ok && !strncmp(output.text, "skip: ", 6)) {
		output.text[strcspn(output.text, "\n")] = '\0';
		text_set(b->why, sizeof(b->why), "%s", output.text + 6);
	} else if (ok) {
		*rate = strtod(output.text, NULL);
		if (*rate <= 0)
			ok = bench_run_failed(b->t.run, LTTNG_PROGRAM " printed '%.60s', expected events per second",
					      output.text);
	}
	free(output.text);
	return ok;
}

struct drain_form {
	enum result_form form;
	/* Measure once; true with b->why set: it cannot be measured here. */
	bool (*rate)(struct drain_bench *b, double *rate);
	double *samples;
	size_t nr;
};

/* One turn of a form; those that were skipped stay so. */
static bool take_sample(struct drain_bench *b, struct drain_form *form)
{
	bool ok;

	if (!form->samples)
		return true;
	*b->why = '\0';
	ok = form->rate(b, &form->samples[form->nr]);
	(void)unlink(b->path);
	if (!ok)
		return false;
	if (*b->why) {
		throughput_skip(&b->t, CALL, form->form, b->why);
		free(form->samples);
		form->samples = NULL;
		return true;
	}
	form->nr++;
	return true;
}

static bool take_rounds(struct drain_bench *b)
{
	struct drain_form forms[] = {
		{ .form = FORM_VMIPROF, .rate = rate_vmiprof },
		{ .form = FORM_VMIPROF_PREFILLED, .rate = rate_prefilled },
		{ .form = FORM_RECORDER_ALONE, .rate = rate_recorder_alone },
		{ .form = FORM_PLAIN_WRITE, .rate = rate_plain_write },
		{ .form = FORM_LTTNG_UST, .rate = rate_lttng },
	};
	const size_t nr_forms = sizeof(forms) / sizeof(forms[0]);
	unsigned int nr = b->t.run->samples;
	bool ok = true;

	for (size_t i = 0; i < nr_forms; i++) {
		if (!throughput_wants(b->t.run, forms[i].form))
			continue;
		forms[i].samples = calloc(nr, sizeof(*forms[i].samples));
		if (!forms[i].samples)
			abort();
	}
	for (unsigned int round = 0; round < nr && ok; round++) {
		for (size_t i = 0; i < nr_forms && ok; i++)
			ok = take_sample(b, &forms[i]);
		bench_progress_update(b->t.run->progress, round);
	}
	for (size_t i = 0; i < nr_forms; i++) {
		if (forms[i].samples && forms[i].nr)
			throughput_case(&b->t, CALL, forms[i].form,
					forms[i].samples, forms[i].nr);
		free(forms[i].samples);
	}
	return ok;
}

bool bench_drain(struct bench_run *run, struct raw_reader *reader)
{
	struct drain_bench b = { 0 };
	uint32_t calls = run->options->events ? run->options->events
					      : BENCH_DRAIN_EVENTS;
	/* A file at a time; packets have headers, the last fill is whole. */
	bool ok = throughput_begin(&b.t, run, reader, calls,
				   calls * 17ull + (64u << 20));

	if (asprintf(&b.path, "%s/stream", run->dir) < 0)
		abort();
	b.lttng = locate_optional(LTTNG_PROGRAM);
	ok = ok && take_rounds(&b);
	raw_end(reader);
	free(b.path);
	free(b.lttng);
	throughput_end(&b.t);
	return ok;
}
