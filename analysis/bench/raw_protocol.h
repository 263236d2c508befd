/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * raw_protocol.h - what a benchmark program prints, taken into results
 *
 * One line for each case, one for each that cannot be, and a last one:
 *
 *   clock group=GROUP step=CYCLES operations=N
 *   case call=NAME form=FORM padding=PADDING|- unit=UNIT group=GROUP samples=V,V,...
 *   skip call=NAME form=FORM why=[PADDING: ]TEXT
 *   bench: done
 *
 * A clock line stands before the cases of its group: by how much the clock moves
 * at a time, and how many operations it timed together.
 *
 * Values are of one operation, without the cost of the loop around it.  Lines
 * that begin otherwise are none of ours: a guest's console has them.  The
 * program is not trusted.
 */
#ifndef RAW_PROTOCOL_H
#define RAW_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "results/results.h"

#define RAW_CLOCKS	4

/* What the clock of a group can tell of one operation. */
struct raw_clock {
	char group[49];
	double resolution;
};

struct raw_reader {
	struct results *results;
	enum result_platform platform;
	const char *label;	/* what ran: put in front of each group */
	unsigned int repetition;
	struct raw_clock clock[RAW_CLOCKS];
	size_t nr_clocks;
	size_t nr_cases;
	size_t nr_skips;
	size_t nr_faults;
	char fault[320];	/* the first one */
	bool done;		/* the last line was seen */
	char last_case[96];	/* call and form, for "died after"; "" for none */

	char *line;		/* begun, without its end yet */
	size_t line_bytes;
};

/* Take the next bytes that were printed, whole lines or not. */
void raw_feed(struct raw_reader *reader, const char *bytes, size_t nr);

/*
 * Nothing more comes.  A line that was cut off counts for nothing, but is told
 * as a fault if it is one of ours.
 */
void raw_end(struct raw_reader *reader);

#endif /* RAW_PROTOCOL_H */
