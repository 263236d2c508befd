/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet_queue.h - copies of packets from one thread to another
 */
#ifndef PACKET_QUEUE_H
#define PACKET_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmi/trace.h"

struct queued_packet {
	uint64_t skipped;	/* records left out in front of it */
	uint64_t bytes;		/* of the packet; 0: go on at the beginning */
	struct vmi_packet packet;
};

struct packet_queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	char *buffer;
	size_t size;
	size_t read, write;	/* offsets; equal: empty */
	uint64_t skipped;	/* not told with a packet yet */
	bool closed;		/* nothing will be put any more */
	bool broken;		/* nothing is taken any more */
};

/* Returns 0 or an errno value. */
int packet_queue_init(struct packet_queue *queue, size_t bytes);
void packet_queue_free(struct packet_queue *queue);

/*
 * Append a copy.  Without room: wait for it if `wait`, else leave the packet out
 * and count its records as skipped.  A broken queue takes nothing.
 */
void packet_queue_put(struct packet_queue *queue,
		      const struct vmi_packet *packet, bool wait);

/*
 * The oldest packet, which stays until packet_queue_release(); NULL after so many
 * milliseconds, or at once when the queue is closed and empty.
 */
const struct queued_packet *packet_queue_take(struct packet_queue *queue,
					      unsigned int timeout_ms);
void packet_queue_release(struct packet_queue *queue,
			  const struct queued_packet *packet);

void packet_queue_close(struct packet_queue *queue);
bool packet_queue_closed(struct packet_queue *queue);

/* What waits is forgotten, nobody waits for room any more. */
void packet_queue_break(struct packet_queue *queue);

#endif /* PACKET_QUEUE_H */
