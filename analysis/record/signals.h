/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signals.h - a recording that is interrupted ends in order; SIGUSR2 dumps
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>

/* The signal that asked for the end; 0 = none did. */
extern volatile sig_atomic_t stop_signal;

/* SIGUSR2 came since this was set to 0. */
extern volatile sig_atomic_t dump_signal;

/* From here on SIGINT, SIGTERM, SIGHUP and SIGUSR2 only set these. */
void catch_signals(void);

#endif /* SIGNALS_H */
