/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - the ring that the trace ROM fills and the host drains
 *
 * A sub-buffer of the ring is a CTF 1.8 packet in place: a 64-byte header, then
 * records of 16 bytes (48 for the wide form).  The host takes a sub-buffer when
 * it is closed (its number is below ctl.packets) and each of its records is
 * committed, and appends it to the stream.
 *
 * One recorder runs on one vCPU and may be interrupted at any instruction by a
 * handler that records too.  It reads `pos`, then compares `last` with the
 * call's first time stamp, and reserves with a plain cmpxchg from that very
 * `pos`: this succeeds only if nothing was recorded since the first time stamp,
 * so the time stamps in a packet never step back and `cycles` is the call's own.
 * A plain xadd would be as fast but lets a handler's later time stamp land in
 * front of an earlier one, which a CTF reader takes for a wrap of the clock.
 *
 * `pos` alone tells whether there is room: it is a multiple of the sub-buffer's
 * size exactly while no compact record may be reserved, because no packet is
 * open or the open one is full.  Whoever closes a packet moves `pos` up to that
 * multiple, so a reservation begun before fails.
 *
 * A record is committed by its second word, which is never 0 and is stored last;
 * opening a packet sets the second word of each 16 bytes in it to 0.
 *
 * Guest memory is not to be trusted: the host checks every number read here.
 */
#ifndef VMI_TRACE_H
#define VMI_TRACE_H

#include "calls.h"

/*
 * struct vmi_trace_ctl, written by the guest: two cache lines, of which most
 * calls touch the first alone.
 */
#define VMI_CTL_POS		0x00
#define VMI_CTL_EPOCH		0x04
#define VMI_CTL_LAST		0x08
#define VMI_CTL_RING_MASK	0x0c
#define VMI_CTL_RING_DELTA	0x10
#define VMI_CTL_STOLEN_SEEN	0x14
#define VMI_CTL_STOLEN_SEEN_HI	0x18
#define VMI_CTL_PACKETS		0x1c
#define VMI_CTL_LOST		0x20
#define VMI_CTL_WAIT		0x28
#define VMI_CTL_STATE		0x30
#define VMI_CTL_OPEN		0x34
#define VMI_CTL_BUSY		0x38
#define VMI_CTL_COUNTDOWN	0x3c
#define VMI_CTL_RING_PHYS	0x40
#define VMI_CTL_RING_BYTES	0x44
#define VMI_CTL_SUBBUF_BYTES	0x48
#define VMI_CTL_SEED		0x4c
#define VMI_CTL_FIRST_PACKET	0x50
#define VMI_CTL_COUNT_PHYS	0x54
#define VMI_CTL_COUNT_CPUS	0x58
#define VMI_CTL_COUNT_STRIDE	0x5c
#define VMI_CTL_MODES_PHYS	0x60
#define VMI_CTL_BYTES		0x80

#define VMI_STATE_OFF		0	/* Init was not called */
#define VMI_STATE_ON		1

/* struct vmi_trace_host, written by the host. */
#define VMI_HOST_CONSUMED	0x00
#define VMI_HOST_FLAGS		0x04
#define VMI_HOST_STOLEN		0x08
#define VMI_HOST_EVERY		0x10
#define VMI_HOST_BYTES		0x40

#define VMI_STAMP_EVERY		32	/* unless the host says otherwise */

#define VMI_HOST_ATTACHED	0x01	/* a recorder drains the ring */
#define VMI_HOST_LOSSLESS	0x02	/* wait for room (needs ATTACHED) */
#define VMI_HOST_STOLEN_VALID	0x04	/* `stolen` is fed */
#define VMI_HOST_OVERWRITE	0x08	/* never full: the oldest packet goes */

/* Packet header, a CTF packet header and context. */
#define VMI_PKT_MAGIC		0x00
#define VMI_PKT_TIME_BEGIN	0x18
#define VMI_PKT_TIME_END	0x20
#define VMI_PKT_CONTENT_BITS	0x28
#define VMI_PKT_PACKET_BITS	0x2c
#define VMI_PKT_LOST		0x30
#define VMI_PKT_SEQ		0x38
#define VMI_PKT_VCPU		0x3c
#define VMI_PKT_HEADER_BYTES	0x40
#define VMI_PKT_CTF_MAGIC	0xc1fc1fc1

/*
 * Second word of a record: bit 0 form, bits 1-7 call, bit 8 interrupted,
 * bits 9-31 cycles (0 in the wide form, which has them in 64 bits, all set if the
 * call was not measured).
 */
#define VMI_REC_WIDE		0x001
#define VMI_REC_CALL_SHIFT	1
#define VMI_REC_INTERRUPTED	0x100
#define VMI_REC_CYCLES_SHIFT	9
#define VMI_REC_NO_CYCLES	0x7fffff	/* the call was not measured */
#define VMI_REC_CYCLES_LIMIT	VMI_REC_NO_CYCLES	/* from here on: wide */
#define VMI_REC_WIDE_NO_CYCLES	UINT64_MAX
#define VMI_REC_BYTES		16
#define VMI_REC_WIDE_BYTES	48

/* struct vmi_aggregate */
#define VMI_AGG_SUM		0x00
#define VMI_AGG_INTERRUPTED	0x08
#define VMI_AGG_BUCKET		0x10
#define VMI_AGG_BUCKETS		32
#define VMI_AGG_BYTES		0x90

#ifndef __ASSEMBLER__
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Recorder state of one vCPU.  The record at `pos` lies at ring_delta + (pos &
 * ring_mask), relative to the ROM's first byte, so that the ROM may be called at
 * any linear address.  While a packet is open its reserved bytes, the header's
 * included, are ((pos - 1) & (subbuf_bytes - 1)) + 1.  Whenever busy is 0 and
 * every reserved record is committed, the counters add up to records + lost.
 */
struct vmi_trace_ctl {
	uint32_t pos;		/* next record, bytes; runs on, never wraps back */
	uint32_t epoch;		/* high half of the TSC in the open packet */
	uint32_t last;		/* low half of `time` of the last call recorded
				 * or lost; its high half is epoch
				 */
	uint32_t ring_mask;	/* ring_bytes - 1 */
	uint32_t ring_delta;	/* ROM-relative address of the ring */
	uint32_t stolen_seen;	/* low half of host.stolen already recorded */
	uint32_t stolen_seen_hi;	/* its high half */
	uint32_t packets;	/* closed packets = number of the open one, if any */
	uint64_t lost;		/* calls not recorded, cumulative */
	uint64_t wait_cycles;	/* spent waiting for room, cumulative */
	uint32_t state;		/* VMI_STATE_* */
	uint32_t open;		/* 1: packet number `packets` is open */
	uint32_t busy;		/* inside the slow path */
	int32_t countdown;	/* VMI_DESC_STAMP: calls until the next measured */
	uint32_t ring_phys;	/* 0 = in the image, else donated memory */
	uint32_t ring_bytes;	/* a power of two, at least 2 sub-buffers */
	uint32_t subbuf_bytes;	/* a power of two */
	uint32_t seed;		/* of the random intervals between these */
	uint32_t first_packet;	/* packet n >= this one lies in this ring, at
				 * ((n - first_packet) % nr_subbufs); older ones
				 * in the ring of the image, at n % nr_subbufs
				 */
	/*
	 * Counters that the guest itself increments in its call sites, without
	 * a call: uint32_t[VMI_NR_SLOTS] of vCPU n at count_phys + n *
	 * count_stride.  Written by the guest, count_phys last; the ROM leaves
	 * them alone.
	 */
	uint32_t count_phys;	/* physical address; 0 = there are none */
	uint32_t count_cpus;	/* vCPUs that have them */
	uint32_t count_stride;	/* bytes */
	/*
	 * Where the guest says how its call sites are made: struct vmi_modes.
	 * Written by the guest once all is there.
	 */
	uint32_t modes_phys;	/* physical address; 0 = it does not say */
	uint32_t pad[7];
};

/* What the sites of a call are, a bit for each kind of which there are any. */
#define VMI_SITES_NATIVE	0x01	/* the bare instruction */
#define VMI_SITES_STUB		0x02	/* a call of the ROM's slot */
#define VMI_SITES_INLINE	0x04	/* the ROM's body, copied in */
#define VMI_SITES_COUNT		0x08	/* a counter and the bare instruction */

/* In the guest's memory; valid while seq is even. */
struct vmi_modes {
	uint32_t seq;		/* odd while it is being written */
	uint32_t reserved;
	uint64_t since;		/* TSC at which these modes began */
	uint8_t sites[VMI_NR_SLOTS];	/* VMI_SITES_*; 0: there are none */
};

struct vmi_trace_host {
	uint32_t consumed;	/* packets that may be overwritten */
	uint32_t flags;		/* VMI_HOST_* */
	uint64_t stolen;	/* cycles this vCPU was ready but did not run */
	uint32_t every;		/* VMI_DESC_STAMP: measure every Nth call */
	uint32_t pad[11];
};

/*
 * magic, uuid, stream_id and content_bits are the host's to fill in as it writes
 * a packet out; the ROM leaves them alone.  A packet's time stamps share their high half
 * (ctl.epoch), so 32 bits in a record are enough and never wrap inside one.
 */
struct vmi_packet {
	uint32_t magic;
	uint8_t uuid[16];
	uint32_t stream_id;
	uint64_t time_begin;	/* TSC */
	uint64_t time_end;	/* TSC, at or after the last record's */
	uint32_t content_bits;	/* the host's */
	uint32_t packet_bits;	/* 0 while open; reserved bits once closed */
	uint64_t lost;		/* ctl.lost when the packet was closed */
	uint32_t seq;		/* packet number */
	uint32_t vcpu;
};

/*
 * `time` is when the call was done, low half of the TSC.  `word` is not 0, as no
 * call has the number 0, and is stored when all the rest is there, that of the
 * wide form included.
 */
struct vmi_record {
	uint32_t time;
	uint32_t word;		/* VMI_REC_* */
	uint32_t ret;		/* return address of the call, linear */
	uint32_t arg;
};

/*
 * Written when a compact record has no room for what there is to say: cycles of
 * 2^23 and more, stolen cycles published since the record before, or a wait for
 * room in the ring.
 */
struct vmi_record_wide {
	struct vmi_record head;
	uint64_t cycles;
	uint64_t stolen_cycles;
	uint64_t wait_cycles;
	uint64_t reserved;
};

/*
 * What the aggregating ROM keeps of one call.  It was made sum(bucket) +
 * interrupted times; bucket b counts calls whose cycles have b significant bits,
 * 2^(b-1) to 2^b - 1, bucket 0 those of 0 cycles and the last one all from 2^30
 * on.  Each field is changed by one instruction, or an add and an adc, so that a
 * handler in between does no harm; 32-bit fields wrap.
 */
struct vmi_aggregate {
	uint64_t sum_cycles;	/* of the calls in the buckets */
	uint32_t interrupted;	/* calls in which a handler made one: in none */
	uint32_t reserved;
	uint32_t bucket[VMI_AGG_BUCKETS];
};

static_assert(offsetof(struct vmi_aggregate, bucket) == VMI_AGG_BUCKET,
	      "aggregate");
static_assert(sizeof(struct vmi_aggregate) == VMI_AGG_BYTES, "aggregate");
static_assert(offsetof(struct vmi_trace_ctl, lost) == VMI_CTL_LOST, "ctl");
static_assert(offsetof(struct vmi_trace_ctl, state) == VMI_CTL_STATE, "ctl");
static_assert(offsetof(struct vmi_trace_ctl, stolen_seen_hi) ==
	      VMI_CTL_STOLEN_SEEN_HI, "ctl");
static_assert(offsetof(struct vmi_trace_ctl, countdown) == VMI_CTL_COUNTDOWN,
	      "ctl");
static_assert(offsetof(struct vmi_trace_ctl, seed) == VMI_CTL_SEED, "ctl");
static_assert(offsetof(struct vmi_trace_host, every) == VMI_HOST_EVERY, "host");
static_assert(offsetof(struct vmi_trace_ctl, last) == VMI_CTL_LAST, "ctl");
static_assert(offsetof(struct vmi_trace_ctl, ring_phys) == VMI_CTL_RING_PHYS,
	      "ctl");
static_assert(offsetof(struct vmi_trace_ctl, first_packet) ==
	      VMI_CTL_FIRST_PACKET, "ctl");
static_assert(offsetof(struct vmi_trace_ctl, count_phys) == VMI_CTL_COUNT_PHYS,
	      "ctl");
static_assert(offsetof(struct vmi_trace_ctl, count_stride) ==
	      VMI_CTL_COUNT_STRIDE, "ctl");
static_assert(offsetof(struct vmi_trace_ctl, modes_phys) == VMI_CTL_MODES_PHYS,
	      "ctl");
static_assert(sizeof(struct vmi_trace_ctl) == VMI_CTL_BYTES, "ctl");
static_assert(offsetof(struct vmi_trace_host, stolen) == VMI_HOST_STOLEN,
	      "host");
static_assert(sizeof(struct vmi_trace_host) == VMI_HOST_BYTES, "host");
static_assert(offsetof(struct vmi_packet, content_bits) == VMI_PKT_CONTENT_BITS,
	      "packet");
static_assert(offsetof(struct vmi_packet, seq) == VMI_PKT_SEQ, "packet");
static_assert(sizeof(struct vmi_packet) == VMI_PKT_HEADER_BYTES, "packet");
static_assert(sizeof(struct vmi_record) == VMI_REC_BYTES, "record");
static_assert(sizeof(struct vmi_record_wide) == VMI_REC_WIDE_BYTES, "wide");
#endif /* __ASSEMBLER__ */

#endif /* VMI_TRACE_H */
