/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * synth.h - traces made up for tests
 *
 * Packets are built byte by byte by the contract, in memory, where a test may
 * damage them before they are written.  Metadata and run.json are what the
 * recorder writes, so that a test of the reader is one of the pair.
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

#include "record/ctf_metadata.h"
#include "record/run_json.h"
#include "trace/level.h"
#include "vmi/trace.h"

#define SYNTH_UUID "00112233-4455-6677-8899-aabbccddeeff"
#define SYNTH_HZ   1000000000

struct synth {
	char *data;
	size_t bytes;
	size_t size;   /* allocated */
	size_t packet; /* offset of the open one */
	uint32_t seq;
	uint32_t vcpu;
	uint64_t events;
	uint64_t counted[VMI_NR_SLOTS];
	enum run_level level;
	uint32_t every;
};

static inline void synth_init(struct synth *s, uint32_t vcpu)
{
	memset(s, 0, sizeof(*s));
	s->vcpu = vcpu;
}

static inline void synth_free(struct synth *s)
{
	free(s->data);
}

/* 00112233-4455-6677-8899-aabbccddeeff */
static inline void synth_uuid(uint8_t uuid[16])
{
	for (int i = 0; i < 16; i++)
		uuid[i] = (uint8_t)(i * 0x11);
}

static inline struct vmi_packet *synth_header(struct synth *s)
{
	return (struct vmi_packet *)(s->data + s->packet);
}

static inline void synth_append(struct synth *s, const void *data, size_t bytes)
{
	if (s->bytes + bytes > s->size) {
		s->size = 2 * s->size + 4096;
		s->data = realloc(s->data, s->size);
		if (!s->data)
			err(EXIT_FAILURE, "memory");
	}
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

	synth_uuid(header.uuid);
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

/* Metadata as the recorder writes it. */
static inline void synth_metadata(const char *dir)
{
	struct ctf_metadata metadata = {
		.tsc_hz = SYNTH_HZ,
		.accel = ACCEL_TCG,
		.cpu = "Test CPU",
		.guest = "made up } clock { freq = 0; };",
	};
	char *text;

	synth_uuid(metadata.uuid);
	text = ctf_metadata_text(&metadata);
	synth_file(dir, "metadata", text, strlen(text));
	free(text);
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

/*
 * DIR/run/run.json as the recorder writes it.  All that was lost was calls to
 * DisableInterrupts.
 */
static inline void synth_run(struct synth *s, const char *dir, uint64_t lost,
			     const char *no_stolen)
{
	static char *command[] = {"vmiprof", "record", NULL};
	const struct accel_choice accel = {ACCEL_TCG, false, "made up"};
	struct run_counts counts = {
		.counted = s->events + lost,
		.recorded = s->events,
		.lost = lost,
		.stolen_cycles = 500,
		.no_stolen = no_stolen,
		.by_call = s->counted,
	};
	const struct run_json run = {
		.complete = true,
		.command = command,
		.guest = "made up",
		.rom_file = "rom-trace.bin",
		.rom_name = "trace",
		.rom_api_major = 13,
		.rom_api_minor = 3,
		.accel = &accel,
		.level = s->level,
		.every = s->every,
		.cpu = "Test CPU",
		.kernel = "Linux 6.1.0",
		.qemu_version = "7.2.0",
		.tsc_hz = SYNTH_HZ,
		.started = 1142273029,
		.duration_s = 1.5,
		.ring_bytes = 32768,
		.subbuf_bytes = 4096,
		.exit_kind = "debug-exit",
		.exit_code = 1,
		.vcpu0 = &counts,
	};
	char path[4096];
	char *text;

	s->counted[VMI_CALL_DisableInterrupts] += lost;
	text = run_json_text(&run);
	(void)snprintf(path, sizeof(path), "%s/run", dir);
	mkdir(path, 0777);
	synth_file(dir, "run/run.json", text, strlen(text));
	free(text);
}

#endif /* SYNTH_H */
