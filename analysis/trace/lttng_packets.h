/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lttng_packets.h - the events of one vCPU put back into packets
 *
 * The packets are those of include/vmi/trace.h, in a file without a name: what
 * reads traces need not know where they came from, and memory stays flat.
 */
#ifndef LTTNG_PACKETS_H
#define LTTNG_PACKETS_H

#include <stdint.h>

#include "lttng/modules.h"
#include "vmi/trace.h"

/*
 * Events that arrive in another order than they were made are put right as long
 * as no more later ones than this came before them, nor a loss.
 */
#define LTTNG_WINDOW		1024
#define LTTNG_PACKET_BYTES	65536

struct lttng_packets {
	int fd;
	uint8_t vcpu;
	uint8_t uuid[16];
	uint64_t begin;		/* of the first call to begin; UINT64_MAX: none */
	uint64_t events;	/* in packets, or about to be */
	uint64_t late;		/* left out: older than the window reaches */
	uint64_t last;		/* time of the last record put into a packet */
	uint64_t lost;
	uint32_t seq;
	int error;		/* errno of the write that failed, or 0 */

	/* A ring, by time; when it is full the oldest one goes. */
	struct lttng_call window[LTTNG_WINDOW];
	unsigned int oldest;
	unsigned int waiting;

	/* The open packet: its header first. */
	uint32_t used;
	_Alignas(8) char packet[LTTNG_PACKET_BYTES];
};

/* Returns NULL, with errno set, when there is no room for a temporary file. */
struct lttng_packets *lttng_packets_new(const uint8_t uuid[16], uint8_t vcpu);
void lttng_packets_free(struct lttng_packets *packets);

/* The call has a number of include/vmi/calls.h. */
void lttng_packets_call(struct lttng_packets *packets,
			const struct lttng_call *call);

/* So many were lost before `time`; 0: before what comes next. */
void lttng_packets_lost(struct lttng_packets *packets, uint64_t time,
			uint64_t lost);

/* Nothing more comes: all is in the file.  Returns 0 or packets->error. */
int lttng_packets_finish(struct lttng_packets *packets);

#endif /* LTTNG_PACKETS_H */
