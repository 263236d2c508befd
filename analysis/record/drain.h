/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drain.h - take packets out of the ring in guest memory
 *
 * The ring is described in include/vmi/trace.h and docs/trace-format.md.  The
 * guest may write there whatever it likes, at any time.  So each number is read
 * once and checked, a packet is copied before it is looked at, and the drain
 * keeps its own idea of how far it is; what does not fit ends the recording with
 * drain->error saying what was found and what was expected.
 */
#ifndef DRAIN_H
#define DRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "clock_map.h"
#include "ctf_stream.h"
#include "guest/guest_ram.h"
#include "trace_rom.h"
#include "vmi/trace.h"

/*
 * Called for each packet that goes to the stream, in order: a private, checked
 * copy, its records behind the header, content_bits the bits of both.  Packets
 * without records are among them: they tell `lost`.
 */
typedef void drain_observe_fn(void *arg, const struct vmi_packet *packet);

#define DRAIN_OBSERVERS_MAX	4

struct drain_observer {
	drain_observe_fn *fn;
	void *arg;
};

struct drain_ring {
	uint32_t phys;
	uint32_t nr_subbufs;		/* 0: there is no such ring */
	uint32_t subbuf_bytes;
};

/*
 * Where a record was given up.  The call that reserved it may still commit it,
 * over a record of a later packet in the same place.
 */
struct drain_hole {
	const struct vmi_packet *packet;
	uint32_t unit;			/* of VMI_REC_BYTES, behind the header */
};

#define DRAIN_HOLES_MAX	16

struct drain {
	const struct guest_ram *ram;
	struct ctf_stream *stream;
	uint8_t uuid[16];
	struct trace_rom rom;
	const struct vmi_trace_ctl *ctl;
	struct vmi_trace_host *host;
	const uint32_t *counters;

	struct drain_ring image;	/* the ring of the image */
	struct drain_ring donated;	/* the one that the kernel gave, if any */
	uint32_t first_donated;		/* packet that lies first in it */
	bool in_donated;		/* `consumed` has come that far */

	uint32_t consumed;		/* packets taken or given up */
	uint64_t events;		/* taken; all were handed to the stream */
	const void *soon;		/* closed, to be copied soon; or NULL */
	uint64_t last_lost;		/* of the packet before */
	uint64_t stream_lost;		/* of the last packet in the stream */
	uint64_t last_time;
	uint64_t uncommitted;		/* records given up, see drain_poll */
	uint64_t patience_ns;		/* how long drain_poll waits for one */
	uint64_t stuck_since_ns;	/* host clock; 0: it does not wait */
	struct drain_hole hole[DRAIN_HOLES_MAX]; /* records given up lately */
	unsigned int nr_holes;		/* runs on */

	uint64_t counted[VMI_NR_SLOTS];	/* the ROM's counters, 64 bits wide */
	uint32_t counter_seen[VMI_NR_SLOTS];
	uint64_t sampled_ns;		/* host clock; 0: not yet */

	struct drain_observer observer[DRAIN_OBSERVERS_MAX];
	unsigned int nr_observers;

	struct clock_map *clock;	/* NULL: nobody wants to know */

	char error[200];
};

/* What ctl says beside the packets; checked for nothing but sense. */
struct drain_totals {
	uint64_t counted;		/* calls, all of them */
	uint64_t lost;			/* of those, not recorded */
	uint64_t wait_cycles;
};

/*
 * Let fn see each packet from now on.  Also possible on a zeroed drain, before
 * drain_attach.  Returns false when there are DRAIN_OBSERVERS_MAX already.
 */
bool drain_observe(struct drain *drain, drain_observe_fn *fn, void *arg);

/*
 * Attach to the ROM that trace_rom_search found recording.  The stream takes the
 * packets, under uuid.  host_flags: VMI_HOST_*.  *drain is zeroed, but for its
 * observers and its clock.
 */
void drain_attach(struct drain *drain, const struct guest_ram *ram,
		  const struct trace_rom *rom, struct ctf_stream *stream,
		  const uint8_t uuid[16], uint32_t host_flags);

/*
 * Take all packets that are closed and committed whole.  Returns how many they
 * were, or -1: with drain->error set the guest broke the ring, else the stream
 * has an error.
 *
 * A record that is not committed keeps its packet, and those behind it, in the
 * ring: the call that reserved it may be interrupted for long.  One that still is
 * not after patience_ns with a full ring never will be (its call was abandoned, or
 * hangs): it is given up, counted in `uncommitted`, and the rest is taken.
 */
int drain_poll(struct drain *drain);

/*
 * How long a ring that was empty may be left alone: an eighth of the time in
 * which a guest can fill it.  Each look takes the line of ctl, which a recorder
 * writes with every call, away from its CPU.
 */
uint64_t drain_pause_ns(const struct drain *drain);

/*
 * Let the 64-bit counters catch up.  To be called before a counter in the guest
 * can wrap twice: several times a minute.  One that fell, or grew faster than any
 * CPU can count, is not added; it sets drain->error.
 */
void drain_sample(struct drain *drain);

/* Publish the cycles that the vCPU was kept from running; never less again. */
/* Tell a ROM that measures every Nth call what N is. */
void drain_publish_every(struct drain *drain, uint32_t every);

void drain_publish_stolen(struct drain *drain, uint64_t cycles);

void drain_totals(const struct drain *drain, struct drain_totals *totals);

/*
 * The totals while the guest runs, and whether they can be true: what was counted
 * is what was taken, what was lost, and at most a ring full of calls.  If not, why
 * tells.
 */
bool drain_adds_up(struct drain *drain, struct drain_totals *totals, char *why,
		   size_t why_bytes);

/*
 * Whether the guest stopped between two calls, so that what is in the ring and
 * what it counted agree.  The guest does not run; drain_poll came before.  Also
 * true, with drain->error set, when the guest broke the open packet.
 */
bool drain_settled(struct drain *drain);

/*
 * The guest will not run again: take the rest, the open packet too.  Records not
 * committed are given up and counted in `uncommitted`; a packet without records
 * at the end tells of all that was lost.  Returns 0 or -1 as drain_poll.
 */
int drain_finish(struct drain *drain);

/* The ring that newest packets lie in. */
const struct drain_ring *drain_last_ring(const struct drain *drain);

#endif /* DRAIN_H */
