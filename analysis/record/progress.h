/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * progress.h - show on stderr how a recording goes on
 *
 * On a terminal one line that is written anew; elsewhere, and when the guest's
 * console shares the terminal, a plain line from time to time.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool off;
	bool rewrite;		/* one line, over and over */
	bool line_open;
	uint64_t begin_ns;
	uint64_t shown_ns;
	uint64_t shown_events;
};

/* off: show nothing.  shared: others write to the terminal, too. */
void progress_begin(struct progress *progress, bool off, bool shared);

/* To be called often; shows something only when it is time. */
void progress_update(struct progress *progress, uint64_t now_ns,
		     uint64_t events, uint64_t lost);

/* Take the line away, before a message and at the end. */
void progress_clear(struct progress *progress);

/* "12,345,678"; text has room for 27 bytes. */
const char *with_commas(char *text, uint64_t number);

#endif /* PROGRESS_H */
