/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * objects.h - a cache of objects of one size, under a lock
 */
#ifndef GUEST_OBJECTS_H
#define GUEST_OBJECTS_H

#define OBJECT_BYTES	64

/* Never NULL: takes a page when there are no more. */
void *object_allocate(void);
void object_free(void *object);

#endif /* GUEST_OBJECTS_H */
