// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace directory: its metadata and which streams there are.
 */
#include "trace_reader.h"

#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/input_file.h"
#include "lttng_source.h"
#include "metadata.h"
#include "packet_check.h"
#include "stream_read.h"

#define METADATA_BYTES_MAX ((size_t)1 << 20)

static void *must(void *memory)
{
	if (!memory)
		err(EXIT_FAILURE, "memory");
	return memory;
}

/* The whole of a small text file, NULL after a message. */
static char *read_text(const char *path)
{
	char why[INPUT_WHY_BYTES];
	char *text = input_text(path, METADATA_BYTES_MAX, NULL, why);

	if (!text)
		warnx("%s: %s", path, why);
	return text;
}

/* dir/name, or for a directory that only holds a trace a hint where it lies. */
static char *metadata_path(const char *dir)
{
	char *path, *below;

	if (asprintf(&path, "%s/metadata", dir) < 0 ||
	    asprintf(&below, "%s/trace/metadata", dir) < 0)
		err(EXIT_FAILURE, "memory");
	if (access(path, F_OK) && !access(below, F_OK)) {
		warnx("%s: no trace; did you mean %s/trace?", dir, dir);
		free(path);
		path = NULL;
	} else if (access(path, F_OK)) {
		warnx("%s: not a trace directory: no file 'metadata' in it",
		      dir);
		free(path);
		path = NULL;
	}
	free(below);
	return path;
}

/*
 * The vCPU of a stream file's name, "vcpu" and a number; -1: no stream.  There is
 * one way to write a number: vcpu00 would be vcpu0 a second time.
 */
static int stream_vcpu(const char *name)
{
	char expected[16];
	unsigned long vcpu;

	if (strncmp(name, "vcpu", 4) != 0 || name[4] < '0' || name[4] > '9')
		return -1;
	vcpu = strtoul(name + 4, NULL, 10);
	(void)snprintf(expected, sizeof(expected), "vcpu%u",
		       vcpu > TRACE_VCPU_MAX ? 0 : (unsigned int)vcpu);
	return strcmp(name, expected) != 0 ? -1 : (int)vcpu;
}

static int by_vcpu(const void *a, const void *b)
{
	const struct trace_stream *x = a, *y = b;

	return (x->vcpu > y->vcpu) - (x->vcpu < y->vcpu);
}

static bool find_streams(struct trace *trace)
{
	DIR *dir = opendir(trace->dir);
	struct dirent *entry;

	if (!dir) {
		warn("%s", trace->dir);
		return false;
	}
	while ((entry = readdir(dir))) {
		struct trace_stream *stream;
		int vcpu = stream_vcpu(entry->d_name);

		if (vcpu < 0)
			continue;
		trace->streams =
			must(reallocarray(trace->streams, trace->nr_streams + 1,
					  sizeof(*trace->streams)));
		stream = &trace->streams[trace->nr_streams++];
		*stream = (struct trace_stream){0};
		stream->vcpu = (unsigned int)vcpu;
		if (asprintf(&stream->path, "%s/%s", trace->dir,
			     entry->d_name) < 0)
			err(EXIT_FAILURE, "memory");
	}
	closedir(dir);
	if (!trace->nr_streams) {
		warnx("%s: no stream files: expected vcpu0 and on; "
		      "the recording has ended before the first packet",
		      trace->dir);
		return false;
	}
	qsort(trace->streams, trace->nr_streams, sizeof(*trace->streams),
	      by_vcpu);
	return true;
}

/* The first call to begin of those in the packet, which is whole in memory. */
static uint64_t first_begin(const struct packet_place *at,
			    const struct vmi_packet *header)
{
	const struct trace_packet packet = trace_packet_of(header, at->stream);
	uint64_t begin = header->time_begin;
	struct packet_content content;

	if (!packet_header(at, header, 0) ||
	    !packet_records(at, header, &content))
		return begin;
	for (const char *p = packet.begin; p < packet.end;
	     p += trace_record_bytes(p)) {
		const struct vmi_record *record = (const struct vmi_record *)p;
		const uint64_t time = packet.epoch | record->time;
		const uint64_t cycles = trace_record_cycles(record);

		/* Longer than the guest has run: of no use. */
		if (cycles <= time && time - cycles < begin)
			begin = time - cycles;
	}
	return begin;
}

/*
 * When the run of a stream begins, as far as its first packet says: that begins
 * with the end of the first call.  UINT64_MAX: it cannot be told.
 */
static uint64_t first_time(const struct trace *trace,
			   const struct trace_stream *stream)
{
	const struct packet_place at = {.trace = trace, .stream = stream};
	char why[INPUT_WHY_BYTES];
	const int fd = input_open(stream->path, NULL, why);
	struct vmi_packet header, *packet = NULL;
	uint64_t time = UINT64_MAX;
	size_t bytes;

	if (fd < 0)
		return time;
	if (read(fd, &header, sizeof(header)) == sizeof(header) &&
	    packet_bounds(&at, &header)) {
		time = header.time_begin;
		bytes = header.content_bits / 8;
		packet = must(malloc(bytes));
		if (pread(fd, packet, bytes, 0) == (ssize_t)bytes &&
		    !memcmp(packet, &header, sizeof(header)))
			time = first_begin(&at, packet);
		free(packet);
	}
	close(fd);
	return time;
}

/* All streams are of one run: it begins with the first call of any. */
static void fill_streams(struct trace *trace)
{
	uint64_t begin = UINT64_MAX;

	for (size_t i = 0; i < trace->nr_streams; i++) {
		uint64_t time = first_time(trace, &trace->streams[i]);

		if (time < begin)
			begin = time;
	}
	for (size_t i = 0; i < trace->nr_streams; i++) {
		trace->streams[i].clock_hz = trace->clock_hz;
		trace->streams[i].time_begin = begin == UINT64_MAX ? 0 : begin;
	}
}

/* A directory that "vmiprof record -o" made. */
static bool open_own(struct trace *trace)
{
	char *path = metadata_path(trace->dir);
	char *text = path ? read_text(path) : NULL;
	struct metadata metadata;
	bool ok = text && metadata_parse(&metadata, text, path);

	free(text);
	free(path);
	if (!ok)
		return false;
	memcpy(trace->uuid, metadata.uuid, sizeof(trace->uuid));
	memcpy(trace->accelerator, metadata.accelerator,
	       sizeof(trace->accelerator));
	memcpy(trace->cycles, metadata.cycles, sizeof(trace->cycles));
	trace->clock_hz = metadata.clock_hz;
	if (!find_streams(trace))
		return false;
	fill_streams(trace);
	return true;
}

struct trace *trace_open(const char *dir)
{
	struct trace *trace = must(calloc(1, sizeof(*trace)));
	bool ok;

	trace->dir = must(strdup(dir));
	ok = lttng_source_detect(dir) ? lttng_source_load(trace)
				      : open_own(trace);
	if (ok)
		return trace;
	trace_close(trace);
	return NULL;
}

void trace_close(struct trace *trace)
{
	for (size_t i = 0; i < trace->nr_streams; i++)
		free(trace->streams[i].path);
	free(trace->streams);
	free(trace->dir);
	lttng_source_free(trace->lttng);
	problems_free(&trace->problems);
	free(trace);
}
