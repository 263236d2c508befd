/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lttng_output.h - a recording's events as LTTng tracepoints
 *
 * A thread of its own turns packets into events, so that a slow or dead LTTng
 * does not keep the recorder from the ring.  The queue between both is bounded.
 * When it is full, a lossless recording waits; else the packet is left out, and
 * counted in the next event vmi:lost.
 */
#ifndef LTTNG_OUTPUT_H
#define LTTNG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lttng/modules.h"
#include "vmi/trace.h"

struct lttng_output;

struct lttng_output_config {
	const char *session;	/* NULL or "": one of our own */
	const char *url;	/* of a relay for a new one; NULL: local */
	bool lossless;
	bool quiet;
};

/*
 * Start a session daemon if none runs, open the session, load the tracepoints
 * and start the thread.  Returns NULL after a message.  The texts of run must
 * live as long as the output.
 */
struct lttng_output *lttng_output_open(const struct lttng_output_config *config,
				       const struct lttng_run *run);

/* A drain_observe_fn: queue the packet. */
void lttng_output_packet(void *output, const struct vmi_packet *packet);

/* From `time` on the guest makes the call in that mode; a constant text. */
void lttng_output_mode(struct lttng_output *output, uint64_t time,
		       uint8_t call, const char *mode);

/* Say in vmi:run from now on what is known of the clock; see struct lttng_run. */
void lttng_output_clock(struct lttng_output *output, uint64_t tsc_hz,
			int64_t offset_ns, int64_t error_ns);

/* Name and place of the session. */
const char *lttng_output_session(const struct lttng_output *output);
const char *lttng_output_path(const struct lttng_output *output);

/*
 * Emit what is queued, then counted[VMI_NR_SLOTS] and end (unless it is NULL:
 * nothing was recorded); end the session and, if this started it and no session
 * is left, the daemon.  end->events_recorded is set to what was emitted.
 * problem: what went wrong since open, "" when all events went through.
 */
void lttng_output_close(struct lttng_output *output, struct lttng_end *end,
			const uint64_t *counted, char *problem, size_t bytes);

#endif /* LTTNG_OUTPUT_H */
