// SPDX-License-Identifier: GPL-2.0-only
#include "packet_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ALIGN		8
#define ENTRY_BYTES	offsetof(struct queued_packet, packet)

static_assert(ENTRY_BYTES % ALIGN == 0, "entries are aligned");

int packet_queue_init(struct packet_queue *queue, size_t bytes)
{
	pthread_condattr_t monotonic;

	*queue = (struct packet_queue){ .size = bytes };
	queue->buffer = malloc(bytes);
	if (!queue->buffer)
		return ENOMEM;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return 0;
}

void packet_queue_free(struct packet_queue *queue)
{
	if (!queue->buffer)
		return;
	pthread_cond_destroy(&queue->changed);
	pthread_mutex_destroy(&queue->lock);
	free(queue->buffer);
}

/*
 * Where an entry of so many bytes may go; NULL: nowhere now.  One byte at least
 * stays free, so that full and empty differ; room for a mark to go on at the
 * beginning is kept at the end.
 */
static struct queued_packet *room(struct packet_queue *queue, size_t bytes)
{
	struct queued_packet *mark;

	if (queue->write >= queue->read) {
		if (queue->size - queue->write >= bytes + ENTRY_BYTES)
			return (struct queued_packet *)(queue->buffer +
							queue->write);
		if (queue->read <= bytes)
			return NULL;
		mark = (struct queued_packet *)(queue->buffer + queue->write);
		mark->bytes = 0;
		queue->write = 0;
	}
	return queue->read - queue->write > bytes
		       ? (struct queued_packet *)(queue->buffer + queue->write)
		       : NULL;
}

void packet_queue_put(struct packet_queue *queue,
		      const struct vmi_packet *packet, bool wait)
{
	const size_t bytes = packet->content_bits / 8;
	const size_t needed =
		(ENTRY_BYTES + bytes + ALIGN - 1) / ALIGN * ALIGN;
	struct queued_packet *entry = NULL;

	pthread_mutex_lock(&queue->lock);
	while (!queue->broken && !(entry = room(queue, needed)) && wait &&
	       needed < queue->size / 2)
		pthread_cond_wait(&queue->changed, &queue->lock);
	if (entry) {
		entry->skipped = queue->skipped;
		entry->bytes = bytes;
		memcpy(&entry->packet, packet, bytes);
		queue->skipped = 0;
		queue->write += needed;
		pthread_cond_broadcast(&queue->changed);
	} else {
		const char *p = (const char *)packet + VMI_PKT_HEADER_BYTES;
		const char *end = (const char *)packet + bytes;

		for (; p < end; queue->skipped++)
			p += ((const struct vmi_record *)p)->word & VMI_REC_WIDE
				     ? VMI_REC_WIDE_BYTES
				     : VMI_REC_BYTES;
	}
	pthread_mutex_unlock(&queue->lock);
}

static struct timespec deadline(unsigned int timeout_ms)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += timeout_ms / 1000;
	time.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_nsec -= 1000000000;
		time.tv_sec++;
	}
	return time;
}

const struct queued_packet *packet_queue_take(struct packet_queue *queue,
					      unsigned int timeout_ms)
{
	const struct timespec until = deadline(timeout_ms);
	const struct queued_packet *entry = NULL;

	pthread_mutex_lock(&queue->lock);
	while (queue->read == queue->write && !queue->closed &&
	       pthread_cond_timedwait(&queue->changed, &queue->lock, &until) !=
		       ETIMEDOUT)
		;
	if (queue->read != queue->write) {
		entry = (const struct queued_packet *)(queue->buffer +
						       queue->read);
		if (!entry->bytes) {
			queue->read = 0;
			entry = (const struct queued_packet *)queue->buffer;
		}
	}
	pthread_mutex_unlock(&queue->lock);
	return entry;
}

void packet_queue_release(struct packet_queue *queue,
			  const struct queued_packet *packet)
{
	const size_t needed =
		(ENTRY_BYTES + packet->bytes + ALIGN - 1) / ALIGN * ALIGN;

	pthread_mutex_lock(&queue->lock);
	if (!queue->broken)
		queue->read += needed;
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

void packet_queue_close(struct packet_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

bool packet_queue_closed(struct packet_queue *queue)
{
	bool closed;

	pthread_mutex_lock(&queue->lock);
	closed = queue->closed;
	pthread_mutex_unlock(&queue->lock);
	return closed;
}

void packet_queue_break(struct packet_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->broken = true;
	queue->read = queue->write;
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}
