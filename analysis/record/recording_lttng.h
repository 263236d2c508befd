/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recording_lttng.h - --lttng: the events of a recording, in an LTTng session too
 */
#ifndef RECORDING_LTTNG_H
#define RECORDING_LTTNG_H

#include "recording.h"

/*
 * Without -o: let the files of the run lie in a temporary directory.  Returns
 * false after a message.
 */
bool recording_lttng_directory(struct recording *r);

/* Open the session and observe the drain.  Returns false after a message. */
bool recording_lttng_open(struct recording *r);

/* Tell the session the modes and what is known of the clocks; a few times a second. */
void recording_lttng_tick(struct recording *r);

/*
 * The guest has ended: emit the rest and end the session.  What went wrong makes
 * the recording partial.  counts: NULL when nothing was recorded.
 */
void recording_lttng_close(struct recording *r,
			   const struct run_counts *counts);

/*
 * Take the temporary directory away, unless somebody wants to look why the
 * recording failed.
 */
void recording_lttng_clean_up(struct recording *r, enum vmiprof_exit status);

#endif /* RECORDING_LTTNG_H */
