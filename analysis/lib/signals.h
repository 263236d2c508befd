/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signals.h - a command that is interrupted ends in order
 *
 * A signal that was ignored when the program began stays ignored: nohup(1) and
 * shells that start a job in the background count on it.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>

/* The signal that asked for the end; 0 = none did. */
extern volatile sig_atomic_t stop_signal;

/* SIGUSR2 came since this was set to 0. */
extern volatile sig_atomic_t dump_signal;

/*
 * From here on SIGINT, SIGTERM and SIGHUP only set stop_signal, and a write to a
 * pipe that nobody reads is an error like any other.
 */
void catch_signals(void);

/* From here on SIGUSR2 only sets dump_signal. */
void catch_dump_signal(void);

#endif /* SIGNALS_H */
