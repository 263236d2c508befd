/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flight.h - keep the last packets of a stream in memory
 *
 * A ring of whole packets, one behind the other: a new one takes the place of
 * the oldest ones.  What is kept is at least the memory's size less two packets.
 */
#ifndef FLIGHT_H
#define FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flight {
	uint8_t *memory;
	size_t bytes;
	size_t head;		/* where the next packet goes */
	size_t tail;		/* the oldest packet */
	size_t wrap;		/* behind the last packet before the head went to 0 */
	bool wrapped;		/* head is below tail */
	uint64_t packets;	/* kept */
	uint64_t events;	/* in these */
	uint64_t overwritten;	/* events that were kept before */
};

/* Take the memory.  Returns 0 or an errno value. */
int flight_open(struct flight *flight, size_t bytes);

/*
 * Room for a packet of `bytes` bytes, a multiple of 16; the oldest packets give
 * way.  The memory grows, and forgets, if one packet does not fit.  NULL:
 * out of memory.
 */
void *flight_room(struct flight *flight, size_t bytes);

/* The room is a packet with so many events from now on. */
void flight_append(struct flight *flight, uint32_t bytes, uint32_t events);

/*
 * Call fn with each packet, from the oldest on, until it returns false.  Returns
 * whether it never did.
 */
typedef bool flight_visit_fn(void *arg, const void *packet, uint32_t bytes,
			     uint32_t events);
bool flight_visit(const struct flight *flight, flight_visit_fn *fn, void *arg);

void flight_close(struct flight *flight);

#endif /* FLIGHT_H */
