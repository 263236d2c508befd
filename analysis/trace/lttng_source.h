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
 * What is known of the run, for run_info_free(): of a trace of our own what
 * run/run.json says, with what is wrong with that added to problems; of one of
 * LTTng what the runs told of themselves, summed up.
 */
struct run_info *trace_run_info(const struct trace *trace,
				struct problems *problems);

void lttng_source_free(struct lttng_source *source);

#endif /* LTTNG_SOURCE_H */
