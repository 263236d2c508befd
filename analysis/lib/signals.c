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

static void catch_signal(int signal, void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler };
	struct sigaction before;

	if (!sigaction(signal, NULL, &before) && before.sa_handler == SIG_IGN)
		return;
	sigaction(signal, &action, NULL);
}

void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		catch_signal(signals[i], on_signal);
	catch_signal(SIGPIPE, SIG_IGN);
}

void catch_dump_signal(void)
{
	catch_signal(SIGUSR2, on_dump_signal);
}
