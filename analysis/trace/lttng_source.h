/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lttng_source.h - LTTng traces of the events vmi:* as a struct trace
 *
 * A directory may hold the trace of one session or, from a relay, those of many
 * hosts; each host may have run vmiprof many times.  Each vCPU of each run
 * becomes a stream of a struct trace, in the order of its guest's time.
 */
#ifndef LTTNG_SOURCE_H
#define LTTNG_SOURCE_H

#include <stdbool.h>

#include "trace_reader.h"

struct lttng_source;
struct run_info;

/* Whether dir, or a directory below it, holds a trace that LTTng wrote. */
bool lttng_source_detect(const char *dir);

/*
 * Read all traces below trace->dir and fill in trace: its streams, clock and
 * problems.  Returns false after a message when there is no event vmi:call.
 */
bool lttng_source_load(struct trace *trace);

/*
 * What the runs told of themselves, as run/run.json does for a trace of our own;
 * sums over all runs.  To be freed with run_info_free().
 */
struct run_info *lttng_source_run_info(const struct trace *trace);

void lttng_source_free(struct lttng_source *source);

#endif /* LTTNG_SOURCE_H */
