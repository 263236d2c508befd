/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signals.h - a recording that is interrupted ends in order
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>

/* The signal that asked for the end; 0 = none did. */
extern volatile sig_atomic_t stop_signal;

/* From here on SIGINT, SIGTERM and SIGHUP only set stop_signal. */
void catch_signals(void);

#endif /* SIGNALS_H */
