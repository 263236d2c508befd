// SPDX-License-Identifier: GPL-2.0-only
/*
 * objects.c - a cache of objects of one size
 */
#include <stddef.h>

#include "kernel/lock.h"
#include "kernel/paging.h"
#include "profile/objects.h"

struct object {
	struct object *next;
};

static struct lock object_lock;
static struct object *free_objects;

/* Cuts a page into objects; called with the lock. */
static void refill(void)
{
	char *page = page_allocate();
	uint32_t at;

	for (at = 0; at < PAGE_BYTES; at += OBJECT_BYTES) {
		struct object *object = (struct object *)(page + at);

		object->next = free_objects;
		free_objects = object;
	}
}

void *object_allocate(void)
{
	uint32_t mask = lock_take(&object_lock);
	struct object *object;

	if (!free_objects)
		refill();
	object = free_objects;
	free_objects = object->next;
	lock_release(&object_lock, mask);
	return object;
}

void object_free(void *object)
{
	struct object *free = object;
	uint32_t mask = lock_take(&object_lock);

	free->next = free_objects;
	free_objects = free;
	lock_release(&object_lock, mask);
}
