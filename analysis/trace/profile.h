/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * profile.h - a trace read as a whole: its run, its statistics, a row per call
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run_info.h"
#include "tally.h"
#include "trace_reader.h"

/*
 * What is shown of one call.  NAN: there is no such number (a call without
 * cycles of its own, a counter that was not fed).
 */
struct profile_row {
	const char *name;
	double nr;
	double count;		/* events recorded */
	double counted;		/* by the ROM */
	double lost;		/* counted, but not recorded */
	double unread;		/* recorded, but damaged */
	double share_calls;	/* of all events, 0 to 1 */
	double share_cycles;	/* of all calls' own cycles, 0 to 1 */
	double cycles;		/* estimated if fewer than all were measured */
	double measured;	/* calls that have cycles of their own */
	double mean_cycles;
	double mean_error;	/* half of its 95 % interval; 0: exact */
	double p50_cycles;
	double p99_cycles;
	double max_cycles;
	double stolen_cycles;
	double wait_cycles;
	double interrupted;
	double idle_cycles;	/* Halt only */
	double seconds;		/* the time that a mode was on */
};

struct profile {
	struct trace *trace;
	struct run_info *info;
	struct tally *tally;
	/* The tally's, of all streams; without events, of what was added up. */
	const struct stats *stats;
	bool filtered;			/* calls may be left out on request */
	const char *accelerator;	/* "tcg", "kvm"; "unknown" */
	bool emulated;			/* cycles may not be the hardware's */
	uint64_t unread;		/* events recorded, but damaged */
	uint64_t cycles;		/* of all calls */
	uint64_t unmeasured;		/* calls that have no cycles of theirs */
	size_t nr_rows;
	struct profile_row rows[VMI_NR_SLOTS];	/* by call number */
};

/*
 * Read the trace in dir.  NULL after a message when it cannot be opened, or when
 * what is asked for needs events and the level keeps none.
 */
struct profile *profile_load(const char *dir);

/* The same of some calls, and with more added up; the request has to live on. */
struct profile *profile_read(const char *dir,
			     const struct tally_request *request);

/* Whether the cycles in the row are estimates. */
bool profile_is_estimate(const struct profile_row *row);

/* How long the run was, in seconds; NAN: not known. */
double profile_seconds(const struct profile *profile);

/* The numbers of a call in some statistics, as shares of the whole trace's. */
void profile_fill_call(struct profile_row *row, const struct profile *profile,
		       const struct stats *stats, unsigned int nr);

/* Those of all calls of one stream. */
void profile_fill_stream(struct profile_row *row, const struct profile *profile,
			 const struct trace_stream *stream);

/* Those of a site. */
void profile_fill_site(struct profile_row *row, const struct profile *profile,
		       const struct site *site);

/* Whether what the ROM has counted is of the calls that are looked at. */
bool profile_is_counted(const struct profile *profile);

/*
 * Whether something is missing: a damaged trace, or a recording that did not
 * end by itself.
 */
bool profile_is_partial(const struct profile *profile);

/* VMIPROF_OK, or VMIPROF_PARTIAL when the trace is damaged. */
int profile_exit_status(const struct profile *profile);

/*
 * Print what is missing, if anything, under the line "PARTIAL: " and `what`:
 * "this is not the whole run."
 */
void profile_print_partial(const struct profile *profile, const char *what);

/* The unit of cycles as a table or an axis names it: "TCG cycles (emulated)". */
const char *profile_cycles_label(const struct profile *profile);

/* What cycles are, in a sentence's words. */
const char *profile_cycles_meaning(const struct profile *profile);

void profile_free(struct profile *profile);

#endif /* PROFILE_H */
