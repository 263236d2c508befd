/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fake_rom.h - plays the guest: a trace ROM in memory and its recorder in C
 *
 * What docs/trace-format.md says of the ROM, without the ROM, so that each
 * interleaving of guest and host can be set up.
 */
#ifndef FAKE_ROM_H
#define FAKE_ROM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guest/guest_ram.h"
#include "record/trace_rom.h"
#include "vmi/abi.h"
#include "vmi/descriptor.h"
#include "vmi/trace.h"

#define FAKE_RAM_BYTES		(2u << 20)
#define FAKE_PHYS		0xc8800u
#define FAKE_CTL		0x3000u
#define FAKE_HOST		0x3080u
#define FAKE_COUNTERS		0x3100u
#define FAKE_RING		0x4000u
#define FAKE_SUBBUF		512u
#define FAKE_NR_SUBBUFS		8u
#define FAKE_IMAGE_BYTES	0x6000u
#define FAKE_DONATED_PHYS	0x180000u

struct fake_rom {
	struct guest_ram ram;
	struct vmi_trace_ctl *ctl;
	struct vmi_trace_host *host;
	uint32_t *counters;
	uint64_t tsc;
	uint32_t next_arg;	/* a record's arg is its number */
};

static inline void fake_put_descriptor(uint8_t *image)
{
	const struct vmi_descriptor desc = {
		.code_bytes = 0x2000,
		.nr_vcpus = 1,
		.ctl_offset = FAKE_CTL,
		.host_offset = FAKE_HOST,
		.counters_offset = FAKE_COUNTERS,
		.ring_offset = FAKE_RING,
		.ring_bytes = FAKE_SUBBUF * FAKE_NR_SUBBUFS,
		.subbuf_bytes = FAKE_SUBBUF,
	};
	const struct vmi_locator locator = {
		.magic = VMI_LOCATOR_MAGIC,
		.version = VMI_DESC_VERSION,
		.bytes = sizeof(desc),
		.offset = 0x1000,
		.flags = VMI_DESC_TRACE,
		.name = "fake",
	};
	struct vmi_rom_header header = {
		.signature = VMI_ROM_SIGNATURE,
		.length = FAKE_IMAGE_BYTES / VMI_ROM_LENGTH_UNIT,
		.vmi_signature = VMI_SIGNATURE,
		.api_major = VMI_API_MAJOR,
		.api_minor = VMI_API_MINOR,
	};

	memcpy(header.locator, &locator, sizeof(locator));
	memcpy(image, &header, sizeof(header));
	memcpy(image + locator.offset, &desc, sizeof(desc));
}

/* A guest whose BIOS has put the ROM in place. */
static inline void fake_create(struct fake_rom *fake)
{
	uint8_t *base = aligned_alloc(4096, FAKE_RAM_BYTES);
	uint8_t *image;

	assert_non_null(base);
	memset(base, 0, FAKE_RAM_BYTES);
	image = base + FAKE_PHYS;
	fake_put_descriptor(image);
	*fake = (struct fake_rom){
		.ram = { base, FAKE_RAM_BYTES, -1 },
		.ctl = (struct vmi_trace_ctl *)(image + FAKE_CTL),
		.host = (struct vmi_trace_host *)(image + FAKE_HOST),
		.counters = (uint32_t *)(image + FAKE_COUNTERS),
		.tsc = 0x500000000,
	};
}

static inline void fake_destroy(struct fake_rom *fake)
{
	free(fake->ram.base);
}

static inline void fake_init(struct fake_rom *fake)
{
	struct vmi_trace_ctl *ctl = fake->ctl;

	ctl->ring_bytes = FAKE_SUBBUF * FAKE_NR_SUBBUFS;
	ctl->subbuf_bytes = FAKE_SUBBUF;
	ctl->ring_delta = FAKE_RING;
	ctl->ring_mask = ctl->ring_bytes - 1;
	ctl->state = VMI_STATE_ON;
}

static inline uint8_t *fake_at(const struct fake_rom *fake, uint32_t pos)
{
	const struct vmi_trace_ctl *ctl = fake->ctl;

	return fake->ram.base +
	       (uint32_t)(FAKE_PHYS + ctl->ring_delta + (pos & ctl->ring_mask));
}

static inline struct vmi_packet *fake_packet(const struct fake_rom *fake)
{
	return (struct vmi_packet *)fake_at(
		fake, (fake->ctl->pos - 1) & ~(fake->ctl->subbuf_bytes - 1));
}

static inline void fake_close(struct fake_rom *fake)
{
	struct vmi_trace_ctl *ctl = fake->ctl;
	struct vmi_packet *packet = fake_packet(fake);

	packet->time_end = (uint64_t)ctl->epoch << 32 | (uint32_t)fake->tsc;
	if (fake->tsc >> 32 != ctl->epoch)
		packet->time_end = (uint64_t)ctl->epoch << 32 | UINT32_MAX;
	packet->lost = ctl->lost;
	packet->packet_bits =
		(((ctl->pos - 1) & (ctl->subbuf_bytes - 1)) + 1) * 8;
	ctl->pos = (ctl->pos + ctl->subbuf_bytes - 1) &
		   ~(ctl->subbuf_bytes - 1);
	ctl->open = 0;
	ctl->packets++;
}

static inline int fake_open(struct fake_rom *fake)
{
	struct vmi_trace_ctl *ctl = fake->ctl;
	uint32_t taken = fake->host->consumed;
	struct vmi_packet *packet;

	if ((int32_t)(ctl->first_packet - taken) > 0)
		taken = ctl->first_packet;
	if (ctl->packets - taken >= ctl->ring_bytes / ctl->subbuf_bytes)
		return 0;
	ctl->pos = (ctl->packets - ctl->first_packet) * ctl->subbuf_bytes;
	ctl->pos += VMI_PKT_HEADER_BYTES;
	ctl->epoch = (uint32_t)(fake->tsc >> 32);
	packet = fake_packet(fake);
	packet->packet_bits = 0;
	for (uint32_t i = VMI_PKT_HEADER_BYTES; i < ctl->subbuf_bytes;
	     i += VMI_REC_BYTES)
		((struct vmi_record *)((uint8_t *)packet + i))->word = 0;
	packet->seq = ctl->packets;
	packet->vcpu = 0;
	packet->time_begin = fake->tsc;
	ctl->open = 1;
	return 1;
}

/*
 * Begin a call's record of so many bytes; NULL when it is lost.  The time stamp
 * is that of the end of the call.
 */
static inline struct vmi_record_wide *fake_reserve(struct fake_rom *fake,
						   uint32_t bytes)
{
	struct vmi_trace_ctl *ctl = fake->ctl;
	struct vmi_record_wide *record;

	fake->tsc += 100;
	if (ctl->open && ((-ctl->pos & (ctl->subbuf_bytes - 1)) < bytes ||
			  fake->tsc >> 32 != ctl->epoch))
		fake_close(fake);
	if (!ctl->open && !fake_open(fake)) {
		ctl->lost++;
		fake->counters[VMI_CALL_EnableInterrupts]++;
		return NULL;
	}
	record = (struct vmi_record_wide *)fake_at(fake, ctl->pos);
	record->head.time = (uint32_t)fake->tsc;
	ctl->pos += bytes;
	return record;
}

/* The rest of the call: the stores and the commit. */
static inline void fake_commit(struct fake_rom *fake,
			       struct vmi_record_wide *record, uint32_t bytes)
{
	uint32_t word = VMI_CALL_EnableInterrupts << VMI_REC_CALL_SHIFT;

	record->head.ret = 0xc0001000;
	record->head.arg = fake->next_arg++;
	if (bytes == VMI_REC_WIDE_BYTES) {
		word |= VMI_REC_WIDE;
		/* As odd as the word of a wide record, to be counted wrongly. */
		record->cycles = UINT64_MAX;
		record->stolen_cycles = UINT64_MAX;
		record->wait_cycles = UINT64_MAX;
		record->reserved = UINT64_MAX;
	}
	fake->counters[VMI_CALL_EnableInterrupts]++;
	__atomic_store_n(&record->head.word, word, __ATOMIC_RELEASE);
}

static inline void fake_call(struct fake_rom *fake, uint32_t bytes)
{
	struct vmi_record_wide *record = fake_reserve(fake, bytes);

	if (record)
		fake_commit(fake, record, bytes);
}

static inline void fake_calls(struct fake_rom *fake, int nr)
{
	while (nr--)
		fake_call(fake, VMI_REC_BYTES);
}

/* The kernel gives a ring of so many bytes. */
static inline void fake_donate(struct fake_rom *fake, uint32_t bytes)
{
	struct vmi_trace_ctl *ctl = fake->ctl;

	if (ctl->open)
		fake_close(fake);
	ctl->ring_delta = FAKE_DONATED_PHYS - FAKE_PHYS;
	ctl->ring_bytes = bytes;
	ctl->ring_mask = bytes - 1;
	ctl->first_packet = ctl->packets;
	__atomic_store_n(&ctl->ring_phys, FAKE_DONATED_PHYS, __ATOMIC_RELEASE);
}

#endif /* FAKE_ROM_H */
