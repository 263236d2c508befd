/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dump_condition.h - what makes a flight recorder dump by itself
 *
 * WHAT>NUMBER: a call of that name, or "cycles", any call, that took more
 * cycles; or "lost", more calls lost since the dump before.  A call that was
 * interrupted does not count: its cycles have the handler's in them.
 */
#ifndef DUMP_CONDITION_H
#define DUMP_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmi/trace.h"

#define DUMP_CONDITIONS_MAX	16

struct dump_condition {
	enum { DUMP_ON_CALL, DUMP_ON_ANY_CALL, DUMP_ON_LOST } kind;
	unsigned int call;		/* DUMP_ON_CALL */
	uint64_t over;
};

/* Parse; false with what was expected in why. */
bool dump_condition_parse(struct dump_condition *condition, const char *text,
			  char *why, size_t why_bytes);

/* Looks at all packets for any of some conditions. */
struct dump_watch {
	uint64_t cycles_over[VMI_NR_SLOTS];	/* UINT64_MAX: never */
	uint64_t lost_over;			/* the same */
	uint64_t lost_base;			/* counted from here */
	char met[120];		/* what was met first; "" is nothing so far */
};

void dump_watch_init(struct dump_watch *watch,
		     const struct dump_condition *conditions, size_t nr);

/* A drain_observe_fn; arg is the dump_watch. */
void dump_watch_packet(void *arg, const struct vmi_packet *packet);

/* Dumped: look for the next. */
void dump_watch_rearm(struct dump_watch *watch, uint64_t lost);

#endif /* DUMP_CONDITION_H */
