/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * relay_watch.h - notice that a relay daemon went away
 *
 * LTTng's consumer daemon drops what it cannot send and tells nobody.  So we
 * hold an idle connection to the relay's control port: when the daemon ends, its
 * end closes.
 */
#ifndef RELAY_WATCH_H
#define RELAY_WATCH_H

#include <stdbool.h>

/*
 * Connect to the relay of a session path, "net://HOST:PORT/… [data: PORT]".
 * Returns the descriptor, or -1 when the path is no relay's or none answers.
 */
int relay_watch_open(const char *path);

/* Whether the relay has closed the connection; never for -1. */
bool relay_watch_gone(int fd);

#endif /* RELAY_WATCH_H */
