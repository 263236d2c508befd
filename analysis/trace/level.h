/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * level.h - how much of each call is kept: the levels of a recording
 *
 * All that is different between levels stands in one table.  A new level is one
 * entry of it and, if no ROM does what it needs, a ROM.
 */
#ifndef LEVEL_H
#define LEVEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum run_level {
	RUN_LEVEL_EVENT,	/* a record of each: the trace */
	RUN_LEVEL_STAMP,	/* the same, cycles of some only */
	RUN_LEVEL_AGGREGATE,	/* count, sum and histogram of cycles */
	RUN_LEVEL_COUNT,	/* how often it was made */
	NR_RUN_LEVELS
};

struct level_traits {
	const char *name;	/* for --level and run.json */
	const char *rom;	/* its ROM, as --rom has it */
	uint32_t rom_flags;	/* VMI_DESC_*: what a ROM must be to do it */
	/*
	 * Attach: with events the ring is drained into a trace.  Without, the
	 * host samples totals in memory, at the end of which there is a sum for
	 * each call.
	 */
	bool events;
	bool cycles;		/* of calls are known, */
	bool sampled;		/* of some: every Nth, which the host chooses */
	bool site_counts;	/* call sites count by themselves if told so: */
	const char *linux_word;	/* with this word for the guest; "" none */
	const char *embedded_word;
	const char *keeps;	/* in a few words */
	const char *note;	/* what to know about its table in a report */
};

extern const struct level_traits run_levels[NR_RUN_LEVELS];

/* The level of that name; -1 if there is none. */
int run_level_by_name(const char *name);

/* "event, aggregate or count", as messages list them. */
const char *run_level_names(void);

/*
 * The level at which a ROM with these descriptor flags is used, or -1; drained:
 * a recorder takes what is in its ring.
 */
int run_level_of_rom(uint32_t rom_flags, bool drained);

/*
 * Whether a ROM with these descriptor flags can do that level.  One that keeps
 * nothing can do none.
 */
bool run_level_fits_rom(enum run_level level, uint32_t rom_flags);

#endif /* LEVEL_H */
