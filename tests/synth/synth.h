/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * synth.h - traces made up for tests, byte by byte by the contract
 *
 * A stream is built in memory; a test may damage it before it is written.
 */
#ifndef SYNTH_H
#define SYNTH_H

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vmi/trace.h"

#define SYNTH_UUID	 "00112233-4455-6677-8899-aabbccddeeff"
#define SYNTH_HZ	 1000000000
#define SYNTH_STREAM_MAX ((size_t)64 << 20)

struct synth {
	char *data;
	size_t bytes;
	size_t packet; /* offset of the open one */
	uint32_t seq;
	uint32_t vcpu;
	uint64_t events;
	uint64_t counted[VMI_NR_SLOTS];
};

static inline void synth_init(struct synth *s, uint32_t vcpu)
{
	memset(s, 0, sizeof(*s));
	s->vcpu = vcpu;
	s->data = malloc(SYNTH_STREAM_MAX);
	if (!s->data)
		err(EXIT_FAILURE, "memory");
}

static inline void synth_free(struct synth *s)
{
	free(s->data);
}

static inline struct vmi_packet *synth_header(struct synth *s)
{
	return (struct vmi_packet *)(s->data + s->packet);
}

static inline void synth_append(struct synth *s, const void *data, size_t bytes)
{
	if (s->bytes + bytes > SYNTH_STREAM_MAX)
		errx(EXIT_FAILURE, "synthetic stream too long");
	memcpy(s->data + s->bytes, data, bytes);
	s->bytes += bytes;
}

static inline void synth_begin(struct synth *s, uint64_t time)
{
	struct vmi_packet header = {
		.magic = VMI_PKT_CTF_MAGIC,
		.time_begin = time,
		.seq = s->seq++,
		.vcpu = s->vcpu,
	};

	for (int i = 0; i < 16; i++)
		header.uuid[i] = (uint8_t)(i * 0x11);
	s->packet = s->bytes;
	synth_append(s, &header, sizeof(header));
}

static inline void synth_end(struct synth *s, uint64_t time, uint64_t lost)
{
	struct vmi_packet *header = synth_header(s);

	header->time_end = time;
	header->lost = lost;
	header->content_bits = (uint32_t)(s->bytes - s->packet) * 8;
	header->packet_bits = header->content_bits;
}

/* A compact record; flags: 0 or VMI_REC_INTERRUPTED. */
static inline void synth_call(struct synth *s, unsigned int nr, uint64_t time,
			      uint32_t cycles, uint32_t flags)
{
	struct vmi_record record = {
		.time = (uint32_t)time,
		.word = nr << VMI_REC_CALL_SHIFT | flags |
			cycles << VMI_REC_CYCLES_SHIFT,
		.ret = 0xc0100000 + nr,
		.arg = nr,
	};

	synth_append(s, &record, sizeof(record));
	s->events++;
	s->counted[nr]++;
}

static inline void synth_wide(struct synth *s, unsigned int nr, uint64_t time,
			      uint64_t cycles, uint64_t stolen, uint64_t wait)
{
	struct vmi_record_wide record = {
		.head =
			{
				.time = (uint32_t)time,
				.word = nr << VMI_REC_CALL_SHIFT | VMI_REC_WIDE,
				.ret = 0xc0100000 + nr,
			},
		.cycles = cycles,
		.stolen_cycles = stolen,
		.wait_cycles = wait,
	};

	synth_append(s, &record, sizeof(record));
	s->events++;
	s->counted[nr]++;
}

static inline void synth_file(const char *dir, const char *name,
			      const void *data, size_t bytes)
{
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "wb");
	if (!file || fwrite(data, 1, bytes, file) != bytes || fclose(file))
		err(EXIT_FAILURE, "%s", path);
}

static inline void synth_metadata(const char *dir)
{
	static const char text[] =
		"/* CTF 1.8 */\n"
		"trace {\n\tmajor = 1;\n\tminor = 8;\n"
		"\tuuid = \"" SYNTH_UUID "\";\n\tbyte_order = le;\n};\n"
		"env {\n\tvmiprof_format = 1;\n\taccelerator = \"tcg\";\n};\n"
		"clock {\n\tname = tsc;\n\tfreq = 1000000000;\n};\n";

	synth_file(dir, "metadata", text, sizeof(text) - 1);
}

/* Makes DIR with metadata and vcpuN in it. */
static inline void synth_write(const struct synth *s, const char *dir)
{
	char name[32];

	mkdir(dir, 0777);
	synth_metadata(dir);
	(void)snprintf(name, sizeof(name), "vcpu%u", s->vcpu);
	synth_file(dir, name, s->data, s->bytes);
}

#endif /* SYNTH_H */
