// SPDX-License-Identifier: GPL-2.0-only
#include "flight.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* Stands in front of each packet, and keeps packets aligned. */
struct entry {
	uint32_t bytes;
	uint32_t events;
	uint64_t pad;
};

static const struct entry *entry_at(const struct flight *flight, size_t at)
{
	return (const struct entry *)(flight->memory + at);
}

int flight_open(struct flight *flight, size_t bytes)
{
	*flight = (struct flight){ .bytes = bytes };
	if (!bytes)
		return 0;
	/* Populated: no page fault while packets come, no surprise later. */
	flight->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
			      0);
	if (flight->memory == MAP_FAILED) {
		flight->memory = NULL;
		return errno;
	}
	return 0;
}

static void forget_oldest(struct flight *flight)
{
	const struct entry *oldest = entry_at(flight, flight->tail);

	flight->packets--;
	flight->events -= oldest->events;
	flight->overwritten += oldest->events;
	flight->tail += sizeof(*oldest) + oldest->bytes;
	if (flight->wrapped && flight->tail == flight->wrap) {
		flight->tail = 0;
		flight->wrapped = false;
	}
	if (!flight->packets)
		flight->head = flight->tail = 0;
}

/* More than all of the memory is wanted. */
static bool grow(struct flight *flight, size_t bytes)
{
	struct flight larger;

	if (flight_open(&larger, bytes))
		return false;
	larger.overwritten = flight->overwritten + flight->events;
	flight_close(flight);
	*flight = larger;
	return true;
}

void *flight_room(struct flight *flight, size_t bytes)
{
	size_t need = sizeof(struct entry) + bytes;

	if (need > flight->bytes && !grow(flight, need))
		return NULL;
	for (;;) {
		if (flight->wrapped) {
			if (flight->tail - flight->head >= need)
				break;
			forget_oldest(flight);
		} else {
			if (flight->bytes - flight->head >= need)
				break;
			flight->wrap = flight->head;
			flight->head = 0;
			flight->wrapped = true;
		}
	}
	return flight->memory + flight->head + sizeof(struct entry);
}

void flight_append(struct flight *flight, uint32_t bytes, uint32_t events)
{
	const struct entry entry = { .bytes = bytes, .events = events };

	memcpy(flight->memory + flight->head, &entry, sizeof(entry));
	flight->head += sizeof(entry) + bytes;
	flight->packets++;
	flight->events += events;
}

bool flight_visit(const struct flight *flight, flight_visit_fn *fn, void *arg)
{
	size_t at = flight->tail;

	for (uint64_t i = 0; i < flight->packets; i++) {
		const struct entry *entry = entry_at(flight, at);

		if (!fn(arg, entry + 1, entry->bytes, entry->events))
			return false;
		at += sizeof(*entry) + entry->bytes;
		if (flight->wrapped && at == flight->wrap)
			at = 0;
	}
	return true;
}

void flight_close(struct flight *flight)
{
	if (flight->memory)
		munmap(flight->memory, flight->bytes);
	flight->memory = NULL;
}
