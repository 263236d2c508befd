// SPDX-License-Identifier: GPL-2.0-only
#include "signals.h"

#include <stddef.h>

volatile sig_atomic_t stop_signal;
volatile sig_atomic_t dump_signal;

static void on_signal(int signal)
{
	stop_signal = signal;
}

static void on_dump_signal(int signal)
{
	dump_signal = signal;
}

void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	action.sa_handler = on_dump_signal;
	sigaction(SIGUSR2, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}
