// SPDX-License-Identifier: GPL-2.0-only
#include "live_ring.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "rom/rom_layout.h"

/* At most so much is copied at a time, one packet at least. */
#define LOOK_BYTES	65536u

struct ring {
	uint32_t phys;
	uint32_t first;		/* packet that lies first in it */
	uint32_t nr_subbufs;
	uint32_t subbuf_bytes;
};

static uint32_t load32(const uint32_t *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

/* The ring that the newest packets lie in; false: its numbers do not fit. */
static bool find_ring(const struct live *live, struct ring *ring)
{
	const struct vmi_trace_ctl *ctl = live->ctl;
	uint32_t bytes;

	/* The ROM stores ring_phys last. */
	ring->phys = load32(&ctl->ring_phys);
	if (!ring->phys) {
		*ring = (struct ring){
			.phys = live->rom.phys + live->rom.ring_offset,
			.nr_subbufs = live->rom.ring_bytes /
				      live->rom.subbuf_bytes,
			.subbuf_bytes = live->rom.subbuf_bytes,
		};
		return true;
	}
	bytes = load32(&ctl->ring_bytes);
	ring->subbuf_bytes = load32(&ctl->subbuf_bytes);
	ring->first = load32(&ctl->first_packet);
	if (!rom_layout_ring_fits(bytes, ring->subbuf_bytes) ||
	    !guest_ram_at(live->ram, ring->phys, bytes, 4096))
		return false;
	ring->nr_subbufs = bytes / ring->subbuf_bytes;
	return true;
}

static const struct vmi_packet *packet_at(const struct live *live,
					  const struct ring *ring,
					  uint32_t number)
{
	const uint32_t index = (number - ring->first) % ring->nr_subbufs;

	return (const struct vmi_packet *)(live->ram->base + ring->phys +
					   (size_t)index * ring->subbuf_bytes);
}

/* Bytes reserved in the packet, its header included; 0: that makes no sense. */
static uint32_t reserved_bytes(const struct live *live, const struct ring *ring,
			       const struct vmi_packet *packet, bool open)
{
	const uint32_t bytes =
		open ? ((load32(&live->ctl->pos) - 1) &
			(ring->subbuf_bytes - 1)) + 1
		     : load32(&packet->packet_bits) / 8;

	if (bytes < VMI_PKT_HEADER_BYTES || bytes > ring->subbuf_bytes ||
	    bytes % VMI_REC_BYTES)
		return 0;
	return bytes;
}

/*
 * Count records in private memory from `from` to `bytes`.  Returns where those end
 * that are committed and fit.
 */
static uint32_t count_records(struct live *live, const uint8_t *copy,
			      uint32_t from, uint32_t bytes)
{
	while (from < bytes) {
		const struct vmi_record *record =
			(const struct vmi_record *)(copy + from);
		const size_t size = trace_record_bytes((const char *)record);

		if (!record->word || size > bytes - from)
			break;
		live->records++;
		sites_add(live->sites, record);
		from += (uint32_t)size;
	}
	return from;
}

static uint8_t *buffer_of(struct live *live, const struct ring *ring)
{
	uint8_t *buffer = realloc(live->buffer, ring->subbuf_bytes);

	if (!buffer)
		err(EXIT_FAILURE, "memory");
	live->buffer = buffer;
	return buffer;
}

/*
 * Count what is new in packet `number`.  Its place is used again once as many
 * packets were closed after it as the ring has places: then the copy is void.
 * Returns false when the packet is not whole yet.
 */
static bool look_at(struct live *live, const struct ring *ring, uint32_t number,
		    bool open)
{
	const struct vmi_packet *packet = packet_at(live, ring, number);
	const uint32_t bytes = reserved_bytes(live, ring, packet, open);
	uint8_t *copy = buffer_of(live, ring);
	uint32_t from = live->offset;

	if (!bytes || load32(&packet->seq) != number)
		return false;
	if (from >= bytes)
		return true;
	memcpy(copy + from, (const uint8_t *)packet + from, bytes - from);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (load32(&live->ctl->packets) - number >= ring->nr_subbufs)
		return true;
	live->offset = count_records(live, copy, from, bytes);
	return live->offset == bytes;
}

static void go_to(struct live *live, uint32_t packet)
{
	live->packet = packet;
	live->offset = VMI_PKT_HEADER_BYTES;
}

void live_ring_skip(struct live *live)
{
	const uint32_t packets = load32(&live->ctl->packets);
	struct ring ring;
	uint32_t bytes;

	go_to(live, packets);
	if (!find_ring(live, &ring) || !load32(&live->ctl->open))
		return;
	bytes = reserved_bytes(live, &ring, packet_at(live, &ring, packets),
			       true);
	if (bytes)
		live->offset = bytes;
	else
		go_to(live, packets + 1);
}

void live_ring_look(struct live *live)
{
	const uint32_t packets = load32(&live->ctl->packets);
	struct ring ring;
	uint32_t most;

	/* Passed over: a call was in flight in it. */
	if (live->packet == packets + 1 || !find_ring(live, &ring))
		return;
	most = LOOK_BYTES / ring.subbuf_bytes + 1;
	if (most > ring.nr_subbufs - 1)
		most = ring.nr_subbufs - 1;
	/* The newest ones; also when the cursor is ahead, which is nonsense. */
	if (packets - live->packet > most)
		go_to(live, packets - most);
	if ((int32_t)(live->packet - ring.first) < 0)
		go_to(live, ring.first);
	while (live->packet != packets && most--) {
		/* One that stays torn is left behind in the end. */
		if (!look_at(live, &ring, live->packet, false))
			return;
		go_to(live, live->packet + 1);
	}
	if (live->packet == packets && load32(&live->ctl->open))
		(void)look_at(live, &ring, packets, true);
}
