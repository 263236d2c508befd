/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lttng_daemon.h - a session daemon for the time that we need one
 */
#ifndef LTTNG_DAEMON_H
#define LTTNG_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

#include "lttng/modules.h"

/*
 * Start lttng-sessiond if none answers, and say so unless quiet.  *pid is its
 * process, 0 when there was one already.  Returns false after a message.
 */
bool lttng_daemon_start(const struct lttng_session_control *control, bool quiet,
			pid_t *pid);

/*
 * End the daemon that lttng_daemon_start() started, unless somebody else has a
 * session there now.  Nothing happens for pid 0.
 */
void lttng_daemon_end(const struct lttng_session_control *control, bool quiet,
		      pid_t pid);

/* The same for a daemon that does not answer. */
void lttng_daemon_kill(pid_t pid);

#endif /* LTTNG_DAEMON_H */
