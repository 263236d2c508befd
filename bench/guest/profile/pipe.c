// SPDX-License-Identifier: GPL-2.0-only
/*
 * pipe.c - a queue of bytes between two tasks
 */
#include "kernel/lock.h"
#include "profile/objects.h"
#include "profile/pipe.h"

#define PIPE_BYTES	512

static struct lock pipe_lock;
static uint8_t buffer[PIPE_BYTES];
static uint32_t head, tail;	/* run on; their difference is what is in it */

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

uint32_t pipe_write(uint32_t bytes)
{
	uint8_t *message = object_allocate();
	uint32_t mask = lock_take(&pipe_lock);
	uint32_t room = PIPE_BYTES - (head - tail);
	uint32_t i;

	bytes = smaller(smaller(bytes, room), OBJECT_BYTES);
	for (i = 0; i < bytes; i++)
		buffer[head++ % PIPE_BYTES] = message[i];
	lock_release(&pipe_lock, mask);
	object_free(message);
	return bytes;
}

uint32_t pipe_read(uint32_t bytes)
{
	uint8_t *message = object_allocate();
	uint32_t mask = lock_take(&pipe_lock);
	uint32_t i;

	bytes = smaller(smaller(bytes, head - tail), OBJECT_BYTES);
	for (i = 0; i < bytes; i++)
		message[i] = buffer[tail++ % PIPE_BYTES];
	lock_release(&pipe_lock, mask);
	object_free(message);
	return bytes;
}
