// SPDX-License-Identifier: GPL-2.0-only
#include "drain.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "copy_records.h"
#include "lib/text.h"
#include "rom/rom_layout.h"

#define HEADER_BITS	(VMI_PKT_HEADER_BYTES * 8)
#define RECORD_BITS	(VMI_REC_BYTES * 8)

/* Enough to hide how far the lines are away. */
#define PACKETS_AHEAD	2

/*
 * Calls that may be under way, one in the other's handler: counted and not lost
 * or recorded yet, or the other way round.
 */
#define UNDER_WAY_MAX	64

/* An interrupted call goes on within this time, or never. */
#define PATIENCE_NS	1000000000

/* Faster than any recorder: two time stamps alone take 14 ns. */
#define FASTEST_CALL_NS	10

/*
 * A count is one instruction at least.  At once: two looks may be nearer than the
 * guest's stores.
 */
#define FASTEST_COUNT_NS	1
#define COUNTED_AT_ONCE		1000000

enum taken {
	TAKEN,
	NOT_YET,		/* not committed whole */
	FAILED,
};

static uint32_t load32(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static uint64_t load64(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

__attribute__((format(printf, 2, 3)))
static void corrupt(struct drain *drain, const char *format, ...)
{
	va_list args;

	text_set(drain->error, sizeof(drain->error),
		 "guest corrupted the ring: ");
	va_start(args, format);
	text_vappend(drain->error, sizeof(drain->error), format, args);
	va_end(args);
}

bool drain_observe(struct drain *drain, drain_observe_fn *fn, void *arg)
{
	if (drain->nr_observers == DRAIN_OBSERVERS_MAX)
		return false;
	drain->observer[drain->nr_observers++] =
		(struct drain_observer){ fn, arg };
	return true;
}

void drain_attach(struct drain *drain, const struct guest_ram *ram,
		  const struct trace_rom *rom, struct ctf_stream *stream,
		  const uint8_t uuid[16], uint32_t host_flags)
{
	struct drain observed = *drain;

	/* trace_rom_parse checked that all of this is RAM and aligned. */
	*drain = (struct drain){
		.nr_observers = observed.nr_observers,
		.clock = observed.clock,
		.patience_ns = PATIENCE_NS,
		.ram = ram,
		.stream = stream,
		.rom = *rom,
		.ctl = guest_ram_at(ram, rom->phys + rom->ctl_offset,
				    VMI_CTL_BYTES, 64),
		.host = guest_ram_at(ram, rom->phys + rom->host_offset,
				     VMI_HOST_BYTES, 64),
		.counters = guest_ram_at(ram, rom->phys + rom->counters_offset,
					 sizeof(uint32_t) * VMI_NR_SLOTS, 64),
		.image = {
			.phys = rom->phys + rom->ring_offset,
			.nr_subbufs = rom->ring_bytes / rom->subbuf_bytes,
			.subbuf_bytes = rom->subbuf_bytes,
		},
	};
	memcpy(drain->observer, observed.observer, sizeof(drain->observer));
	memcpy(drain->uuid, uuid, sizeof(drain->uuid));
	__atomic_store_n(&drain->host->consumed, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&drain->host->stolen, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&drain->host->flags, host_flags, __ATOMIC_RELEASE);
}

/*
 * See whether the kernel gave a ring.  The ROM stores ring_phys last, so once it
 * is there the rest is, too.  It happens at most once.
 */
static bool adopt_donated_ring(struct drain *drain)
{
	const struct vmi_trace_ctl *ctl = drain->ctl;
	struct drain_ring *ring = &drain->donated;
	uint32_t phys = load32(&ctl->ring_phys);
	uint32_t bytes, subbuf_bytes, first;

	if (phys == ring->phys)
		return true;
	if (ring->nr_subbufs) {
		corrupt(drain, "ctl.ring_phys is 0x%x, was 0x%x", phys,
			ring->phys);
		return false;
	}
	bytes = load32(&ctl->ring_bytes);
	subbuf_bytes = load32(&ctl->subbuf_bytes);
	first = load32(&ctl->first_packet);
	if (!rom_layout_ring_fits(bytes, subbuf_bytes)) {
		corrupt(drain,
			"ctl.ring_bytes is %u and ctl.subbuf_bytes %u, expected two or more sub-buffers, both powers of two",
			bytes, subbuf_bytes);
		return false;
	}
	if (!guest_ram_at(drain->ram, phys, bytes, 4096)) {
		corrupt(drain,
			"ctl.ring_phys is 0x%x, expected %u bytes of RAM at a page boundary",
			phys, bytes);
		return false;
	}
	if (phys < drain->rom.phys + drain->rom.image_bytes &&
	    drain->rom.phys < phys + bytes) {
		corrupt(drain, "the donated ring at 0x%x overlaps the ROM at 0x%x",
			phys, drain->rom.phys);
		return false;
	}
	if (first - drain->consumed > drain->image.nr_subbufs) {
		corrupt(drain, "ctl.first_packet is %u, expected %u to %u",
			first, drain->consumed,
			drain->consumed + drain->image.nr_subbufs);
		return false;
	}
	*ring = (struct drain_ring){ phys, bytes / subbuf_bytes, subbuf_bytes };
	drain->first_donated = first;
	drain->in_donated = first == drain->consumed;
	return true;
}

/* How many closed packets there can be beyond those consumed. */
static uint32_t most_ready(const struct drain *drain)
{
	if (drain->in_donated)
		return drain->donated.nr_subbufs;
	if (drain->donated.nr_subbufs)
		return drain->first_donated - drain->consumed +
		       drain->donated.nr_subbufs;
	return drain->image.nr_subbufs;
}

/* Where the packet numbered drain->consumed lies. */
static const struct vmi_packet *head_packet(const struct drain *drain,
					    const struct drain_ring **ring)
{
	uint32_t index;

	if (drain->in_donated) {
		*ring = &drain->donated;
		index = drain->consumed - drain->first_donated;
	} else {
		*ring = &drain->image;
		index = drain->consumed;
	}
	index %= (*ring)->nr_subbufs;
	return (const struct vmi_packet *)(drain->ram->base + (*ring)->phys +
					   (size_t)index *
						   (*ring)->subbuf_bytes);
}

static const struct drain_ring *current_ring(const struct drain *drain)
{
	return drain->in_donated ? &drain->donated : &drain->image;
}

static void pass_head(struct drain *drain)
{
	drain->consumed++;
	if (drain->donated.nr_subbufs &&
	    drain->consumed == drain->first_donated)
		drain->in_donated = true;
	if (drain->clock)
		clock_map_release(drain->clock, drain->consumed,
				  current_ring(drain)->nr_subbufs,
				  clock_host_tsc());
	__atomic_store_n(&drain->host->consumed, drain->consumed,
			 __ATOMIC_RELEASE);
}

/*
 * Whether so many calls can have been lost: no fewer than before, no more than
 * were counted and not recorded.  The counters are read after `lost`, so that they
 * have all that it has.  who: names the word that says it.
 */
static bool check_lost(struct drain *drain, const char *who, uint64_t lost)
{
	struct drain_totals totals;
	uint64_t most;

	if (lost < drain->last_lost) {
		corrupt(drain, "%s is %llu, expected at least %llu", who,
			(unsigned long long)lost,
			(unsigned long long)drain->last_lost);
		return false;
	}
	drain_sample(drain);
	if (*drain->error)
		return false;
	drain_totals(drain, &totals);
	most = totals.counted + UNDER_WAY_MAX;
	most = most > drain->events ? most - drain->events : 0;
	if (lost > most || lost > totals.lost) {
		corrupt(drain,
			"%s is %llu, but ctl.lost %llu, and of %llu calls counted %llu are recorded",
			who, (unsigned long long)lost,
			(unsigned long long)totals.lost,
			(unsigned long long)totals.counted,
			(unsigned long long)drain->events);
		return false;
	}
	return true;
}

static bool check_header(struct drain *drain, const struct vmi_packet *header,
			 bool open)
{
	char who[40];

	if (header->seq != drain->consumed || header->vcpu) {
		corrupt(drain, "packet %u: seq is %u and vcpu %u, expected %u and 0",
			drain->consumed, header->seq, header->vcpu,
			drain->consumed);
		return false;
	}
	if (header->time_begin < drain->last_time) {
		corrupt(drain, "packet %u: time_begin is %llu, expected at least %llu",
			drain->consumed, (unsigned long long)header->time_begin,
			(unsigned long long)drain->last_time);
		return false;
	}
	if (!open && (header->time_end < header->time_begin ||
		      header->time_end >> 32 != header->time_begin >> 32)) {
		corrupt(drain,
			"packet %u: time_end is 0x%llx, expected 0x%llx or more with the same high half",
			drain->consumed, (unsigned long long)header->time_end,
			(unsigned long long)header->time_begin);
		return false;
	}
	if (header->lost == drain->last_lost)
		return true;
	text_set(who, sizeof(who), "packet %u: lost", drain->consumed);
	return check_lost(drain, who, header->lost);
}

/*
 * Copy the head packet, of `bytes` bytes, to the room at the end of the stream
 * and make its header ours, but for its end.  Returns what copy_records returns,
 * and the time of the last record in *time.
 */
static int64_t copy_raw(struct drain *drain, const struct vmi_packet *from,
			uint32_t bytes, bool open, struct vmi_packet *to,
			uint32_t *time)
{
	*to = *from;
	to->magic = VMI_PKT_CTF_MAGIC;
	memcpy(to->uuid, drain->uuid, sizeof(to->uuid));
	to->stream_id = 0;
	to->content_bits = bytes * 8;
	to->packet_bits = bytes * 8;
	if (open)
		to->lost = load64(&drain->ctl->lost);
	if (!check_header(drain, to, open))
		return RECORDS_BAD;
	*time = (uint32_t)to->time_begin;
	return copy_records((struct vmi_record *)(to + 1),
			    (const struct vmi_record *)(from + 1),
			    (bytes - sizeof(*to)) / VMI_REC_BYTES, drain->soon,
			    time);
}

/* Where the record behind this one would be. */
static const struct vmi_record *behind(const struct vmi_record *record)
{
	return record + (record->word & VMI_REC_WIDE
				 ? VMI_REC_WIDE_BYTES / VMI_REC_BYTES
				 : 1);
}

/* A call that was given up has written over a record in this packet's place. */
static bool drop_late(struct drain *drain, const struct vmi_packet *from,
		      struct vmi_packet *to)
{
	const uint32_t units = (to->content_bits - HEADER_BITS) / RECORD_BITS;
	bool any = false;

	for (unsigned int i = 0; i < DRAIN_HOLES_MAX; i++) {
		struct drain_hole *hole = &drain->hole[i];

		if (hole->packet != from || hole->unit >= units)
			continue;
		((struct vmi_record *)(to + 1))[hole->unit].word = 0;
		hole->packet = NULL;
		any = true;
	}
	return any;
}

static void remember_holes(struct drain *drain, const struct vmi_packet *from,
			   const struct vmi_packet *to)
{
	const struct vmi_record *begin = (const struct vmi_record *)(to + 1);
	const struct vmi_record *end =
		begin + (to->content_bits - HEADER_BITS) / RECORD_BITS;

	for (const struct vmi_record *r = begin; r < end; r = behind(r))
		if (!r->word)
			drain->hole[drain->nr_holes++ % DRAIN_HOLES_MAX] =
				(struct drain_hole){ from,
						     (uint32_t)(r - begin) };
}

/* Take the committed records of a copy alone; returns as copy_records. */
static int64_t give_up(struct drain *drain, struct vmi_packet *to,
		       uint32_t *time)
{
	struct vmi_record *record = (struct vmi_record *)(to + 1);
	size_t units = (to->content_bits - HEADER_BITS) / RECORD_BITS;
	size_t dropped = drop_uncommitted(record, units);

	drain->uncommitted += dropped;
	to->content_bits -= (uint32_t)dropped * RECORD_BITS;
	to->packet_bits = to->content_bits;
	*time = (uint32_t)to->time_begin;
	return copy_records(record, record, units - dropped, NULL, time);
}

/*
 * The same, and its end: the open packet has none yet, its last record is it.
 * Records that are not committed are left out if `all` is to be taken, else
 * RECORDS_UNCOMMITTED is returned.  The packet is not appended yet.
 */
static int64_t copy_packet(struct drain *drain, const struct vmi_packet *from,
			   uint32_t bytes, bool open, bool all,
			   struct vmi_packet **copy)
{
	struct vmi_packet *to = ctf_stream_room(drain->stream, bytes);
	uint32_t time = 0, time_end;
	int64_t events;

	*copy = to;
	if (!to)
		return RECORDS_BAD;
	events = copy_raw(drain, from, bytes, open, to, &time);
	if (events == RECORDS_BAD && !*drain->error &&
	    drop_late(drain, from, to))
		events = give_up(drain, to, &time);
	if (events == RECORDS_UNCOMMITTED) {
		if (!all)
			return events;
		remember_holes(drain, from, to);
		events = give_up(drain, to, &time);
	}
	time_end = open ? time : (uint32_t)to->time_end;
	if (events < 0 || time > time_end) {
		if (!*drain->error)
			corrupt(drain,
				"packet %u: its records do not fit, or their time steps back",
				drain->consumed);
		return RECORDS_BAD;
	}
	to->time_end = (to->time_begin & ~(uint64_t)UINT32_MAX) | time_end;
	return events;
}

/* The stolen cycles that wide records book, and when the next call was. */
static void map_stolen(struct clock_map *clock, uint64_t epoch,
		       const struct vmi_record *record,
		       const struct vmi_record *end)
{
	for (; record < end; record = behind(record)) {
		const struct vmi_record *next = behind(record);
		const struct vmi_record_wide *wide =
			(const struct vmi_record_wide *)record;

		if (record->word & VMI_REC_WIDE && wide->stolen_cycles)
			clock_map_booked(clock, wide->stolen_cycles,
					 next < end ? epoch | next->time : 0);
	}
}

/*
 * A call reads what the host stored behind its own time stamp.  So what says
 * when that was, at the latest, is the stamp of the next one.
 */
static void map_clock(struct drain *drain, const struct vmi_packet *packet,
		      uint32_t events)
{
	const struct vmi_record *begin = (const struct vmi_record *)(packet + 1);
	const struct vmi_record *end =
		begin + (packet->content_bits - HEADER_BITS) / RECORD_BITS;
	uint64_t epoch = packet->time_begin & ~(uint64_t)UINT32_MAX;
	uint32_t nr = current_ring(drain)->nr_subbufs;
	uint32_t first = drain->in_donated ? drain->first_donated : 0;

	if (events >= 2 && packet->seq - first >= nr)
		clock_map_used(drain->clock, packet->seq + 1 - nr, nr,
			       epoch | behind(begin)->time);
	if (events != (uint32_t)(end - begin))
		map_stolen(drain->clock, epoch, begin, end);
}

/* The packet that lies in the stream's room becomes part of the stream. */
static void append(struct drain *drain, const struct vmi_packet *packet,
		   uint32_t events)
{
	for (unsigned int i = 0; i < drain->nr_observers; i++)
		drain->observer[i].fn(drain->observer[i].arg, packet);
	drain->events += events;
	if (drain->clock)
		map_clock(drain, packet, events);
	drain->last_time = packet->time_end;
	drain->last_lost = packet->lost;
	ctf_stream_append(drain->stream, packet->content_bits / 8, events);
	if (!drain->stream->full)
		drain->stream_lost = packet->lost;
}

static enum taken append_packet(struct drain *drain,
				const struct vmi_packet *from, uint32_t bytes,
				bool open, bool all)
{
	struct vmi_packet *packet;
	int64_t events = copy_packet(drain, from, bytes, open, all, &packet);

	if (events == RECORDS_UNCOMMITTED)
		return NOT_YET;
	if (events < 0)
		return FAILED;
	append(drain, packet, (uint32_t)events);
	return TAKEN;
}

static enum taken take_packet(struct drain *drain, bool all)
{
	const struct drain_ring *ring;
	const struct vmi_packet *packet = head_packet(drain, &ring);
	uint32_t bits = load32(&packet->packet_bits);

	if (bits < HEADER_BITS || bits > ring->subbuf_bytes * 8 ||
	    bits % RECORD_BITS) {
		corrupt(drain,
			"packet %u: packet_bits is %u, expected %u to %u, a multiple of %u",
			drain->consumed, bits, HEADER_BITS,
			ring->subbuf_bytes * 8, RECORD_BITS);
		return FAILED;
	}
	return append_packet(drain, packet, bits / 8, false, all);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The head packet is not committed whole: was it, and the ring full, for long? */
static bool out_of_patience(struct drain *drain, uint32_t packets)
{
	uint64_t now;

	if (packets - drain->consumed < most_ready(drain)) {
		drain->stuck_since_ns = 0;
		return false;
	}
	now = now_ns();
	if (!drain->stuck_since_ns)
		drain->stuck_since_ns = now;
	return now - drain->stuck_since_ns >= drain->patience_ns;
}

/*
 * What to fetch while the head packet is copied: the packet after next, if that
 * is closed, so that the recorder is not disturbed, and lies behind it.
 */
static void look_ahead(struct drain *drain, uint32_t packets)
{
	const struct drain_ring *ring;
	const struct vmi_packet *head = head_packet(drain, &ring);
	const uint8_t *end = drain->ram->base + ring->phys +
			     (size_t)ring->nr_subbufs * ring->subbuf_bytes;
	const uint8_t *ahead = (const uint8_t *)head +
			       (size_t)PACKETS_AHEAD * ring->subbuf_bytes;

	drain->soon = NULL;
	if (packets - drain->consumed > PACKETS_AHEAD && ahead < end)
		drain->soon = ahead + sizeof(*head);
}

int drain_poll(struct drain *drain)
{
	uint32_t packets = load32(&drain->ctl->packets);
	uint64_t seen = 0;
	int nr = 0;

	if (drain->clock && packets != drain->consumed)
		seen = clock_host_tsc();
	/* Only now: no packet below `packets` lies in a ring given later. */
	if (!adopt_donated_ring(drain))
		return -1;
	if (packets - drain->consumed > most_ready(drain)) {
		corrupt(drain, "ctl.packets is %u, expected at most %u", packets,
			drain->consumed + most_ready(drain));
		return -1;
	}
	for (; drain->consumed != packets; nr++) {
		enum taken taken;

		look_ahead(drain, packets);
		taken = take_packet(drain, false);
		if (taken == NOT_YET && out_of_patience(drain, packets))
			taken = take_packet(drain, true);
		if (taken == FAILED)
			return -1;
		if (taken == NOT_YET)
			break;
		drain->stuck_since_ns = 0;
		pass_head(drain);
	}
	if (seen && nr)
		clock_map_seen(drain->clock, drain->last_time, seen);
	return nr;
}

uint64_t drain_pause_ns(const struct drain *drain)
{
	const struct drain_ring *ring = drain_last_ring(drain);

	return (uint64_t)ring->nr_subbufs * ring->subbuf_bytes /
	       VMI_REC_BYTES * FASTEST_CALL_NS / 8;
}

void drain_sample(struct drain *drain)
{
	const uint64_t at_ns = now_ns();
	const uint64_t most = drain->sampled_ns
				      ? (at_ns - drain->sampled_ns) /
						FASTEST_COUNT_NS + COUNTED_AT_ONCE
				      : UINT32_MAX;

	drain->sampled_ns = at_ns;
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		uint32_t now = load32(&drain->counters[nr]);

		/* One that fell seems to have grown by nearly 2^32. */
		if (now - drain->counter_seen[nr] > most) {
			if (!*drain->error)
				corrupt(drain,
					"the counter of call %d was %u and is %u: it was set back, or the guest began anew",
					nr, drain->counter_seen[nr], now);
			continue;
		}
		drain->counted[nr] += now - drain->counter_seen[nr];
		drain->counter_seen[nr] = now;
	}
}

void drain_publish_every(struct drain *drain, uint32_t every)
{
	__atomic_store_n(&drain->host->every, every, __ATOMIC_RELEASE);
}

void drain_publish_stolen(struct drain *drain, uint64_t cycles)
{
	if (drain->clock)
		clock_map_publish(drain->clock, cycles, clock_host_tsc());
	__atomic_store_n(&drain->host->stolen, cycles, __ATOMIC_RELEASE);
}

void drain_totals(const struct drain *drain, struct drain_totals *totals)
{
	totals->counted = 0;
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++)
		totals->counted += drain->counted[nr];
	totals->lost = load64(&drain->ctl->lost);
	totals->wait_cycles = load64(&drain->ctl->wait_cycles);
}

/*
 * The open packet and the bytes reserved in it, or NULL; *bytes is 0 if they make
 * no sense.  All closed packets were consumed.
 */
static const struct vmi_packet *open_packet(const struct drain *drain,
					    uint32_t *bytes)
{
	const struct drain_ring *ring;
	const struct vmi_packet *packet = head_packet(drain, &ring);

	if (!load32(&drain->ctl->open))
		return NULL;
	*bytes = ((load32(&drain->ctl->pos) - 1) & (ring->subbuf_bytes - 1)) + 1;
	if (*bytes % VMI_REC_BYTES || *bytes < VMI_PKT_HEADER_BYTES)
		*bytes = 0;
	return packet;
}

bool drain_settled(struct drain *drain)
{
	const struct vmi_packet *packet;
	struct vmi_packet *copy;
	struct drain_totals totals;
	int64_t events = 0;
	uint64_t known;
	uint32_t bytes;

	if (load32(&drain->ctl->packets) != drain->consumed ||
	    load32(&drain->ctl->busy))
		return false;
	packet = open_packet(drain, &bytes);
	if (packet) {
		if (!bytes)
			return false;
		events = copy_packet(drain, packet, bytes, true, false, &copy);
	}
	if (events == RECORDS_BAD)
		return true;	/* waiting mends nothing */
	if (events == RECORDS_UNCOMMITTED)
		return false;
	drain_sample(drain);
	drain_totals(drain, &totals);
	/* A call whose record was given up may be counted or not. */
	known = drain->events + (uint64_t)events + totals.lost;
	return totals.counted >= known &&
	       totals.counted - known <= drain->uncommitted;
}

bool drain_adds_up(struct drain *drain, struct drain_totals *totals, char *why,
		   size_t why_bytes)
{
	const struct drain_ring *image = &drain->image, *more = &drain->donated;
	const uint64_t room =
		((uint64_t)image->nr_subbufs * image->subbuf_bytes +
		 (uint64_t)more->nr_subbufs * more->subbuf_bytes) /
			VMI_REC_BYTES + UNDER_WAY_MAX + drain->uncommitted;
	const uint64_t lost_before = load64(&drain->ctl->lost);
	uint64_t low, high;

	drain_sample(drain);
	drain_totals(drain, totals);
	if (!__builtin_add_overflow(drain->events, lost_before, &low) &&
	    !__builtin_add_overflow(drain->events + room, totals->lost, &high) &&
	    totals->counted + UNDER_WAY_MAX >= low && totals->counted <= high)
		return true;
	text_set(why, why_bytes,
		 "the ROM counted %llu calls, but %llu were taken, ctl.lost is %llu, and the ring has room for %llu",
		 (unsigned long long)totals->counted,
		 (unsigned long long)drain->events,
		 (unsigned long long)totals->lost, (unsigned long long)room);
	return false;
}

/* A packet without events tells what was lost. */
static int append_empty(struct drain *drain, uint64_t lost)
{
	struct vmi_packet *packet =
		ctf_stream_room(drain->stream, sizeof(*packet));

	if (!packet)
		return -1;
	*packet = (struct vmi_packet){
		.magic = VMI_PKT_CTF_MAGIC,
		.time_begin = drain->last_time,
		.time_end = drain->last_time,
		.content_bits = HEADER_BITS,
		.packet_bits = HEADER_BITS,
		.lost = lost,
		.seq = drain->consumed,
	};
	memcpy(packet->uuid, drain->uuid, sizeof(packet->uuid));
	append(drain, packet, 0);
	return 0;
}

/* Tell how many calls were lost up to the end, if the last packet does not. */
static int append_lost(struct drain *drain)
{
	struct drain_totals totals;
	uint64_t lost;

	lost = load64(&drain->ctl->lost);
	if (!check_lost(drain, "ctl.lost", lost))
		return -1;
	drain_totals(drain, &totals);
	/* Of records that were given up, those are lost that were counted. */
	if (drain->uncommitted && totals.counted > drain->events + lost) {
		uint64_t more = totals.counted - drain->events - lost;

		lost += more < drain->uncommitted ? more : drain->uncommitted;
	}
	return lost > drain->last_lost ? append_empty(drain, lost) : 0;
}

/* The closed packets that are not committed whole, and what follows them. */
static int take_closed(struct drain *drain, uint32_t packets)
{
	drain->soon = NULL;
	for (; drain->consumed != packets; pass_head(drain))
		if (take_packet(drain, true) == FAILED)
			return -1;
	return 0;
}

static int take_open(struct drain *drain)
{
	uint32_t bytes;
	const struct vmi_packet *packet = open_packet(drain, &bytes);

	if (!packet || bytes == VMI_PKT_HEADER_BYTES)
		return 0;
	if (!bytes) {
		drain->uncommitted++;
		return 0;
	}
	drain->soon = NULL;
	if (append_packet(drain, packet, bytes, true, true) == FAILED)
		return -1;
	pass_head(drain);
	return 0;
}

int drain_finish(struct drain *drain)
{
	uint32_t packets;

	if (drain_poll(drain) < 0)
		return -1;
	packets = load32(&drain->ctl->packets);
	if (packets - drain->consumed > most_ready(drain)) {
		corrupt(drain, "ctl.packets is %u, expected at most %u", packets,
			drain->consumed + most_ready(drain));
		return -1;
	}
	if (take_closed(drain, packets) || take_open(drain))
		return -1;
	return append_lost(drain);
}

const struct drain_ring *drain_last_ring(const struct drain *drain)
{
	return drain->donated.nr_subbufs ? &drain->donated : &drain->image;
}
