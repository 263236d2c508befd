/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timer.c - sleeping until a timer fires: sleep, timer
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define PERIOD_NS 1000000
#define PERIOD_US (PERIOD_NS / 1000)

enum outcome run_sleep(unsigned int rounds)
{
	const struct timespec period = {.tv_nsec = PERIOD_NS};

	while (rounds--) {
		if (nanosleep(&period, NULL))
			return fail("nanosleep");
	}
	return WORKLOAD_OK;
}

static enum outcome wait_timerfd(unsigned int rounds)
{
	const struct itimerspec period = {
		.it_interval.tv_nsec = PERIOD_NS,
		.it_value.tv_nsec = PERIOD_NS,
	};
	enum outcome outcome = WORKLOAD_OK;
	uint64_t expirations;
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);

	if (fd < 0)
		return skip("timerfd_create");
	if (timerfd_settime(fd, 0, &period, NULL))
		outcome = fail("timerfd_settime");
	while (outcome == WORKLOAD_OK && rounds--) {
		if (read(fd, &expirations, sizeof(expirations)) !=
		    sizeof(expirations))
			outcome = fail("read of the timerfd");
	}
	close(fd);
	return outcome;
}

static void on_alarm(int signal)
{
	(void)signal;
}

static enum outcome wait_itimer(unsigned int rounds)
{
	const struct itimerval period = {
		.it_interval.tv_usec = PERIOD_US,
		.it_value.tv_usec = PERIOD_US,
	};
	const struct itimerval never = {0};
	const struct sigaction action = {.sa_handler = on_alarm};
	sigset_t alarm, before;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarm, &before);
	sigaction(SIGALRM, &action, NULL);
	sigdelset(&before, SIGALRM);
	if (setitimer(ITIMER_REAL, &period, NULL))
		return fail("setitimer");
	while (rounds--)
		sigsuspend(&before);
	setitimer(ITIMER_REAL, &never, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = 0;
	return WORKLOAD_OK;
}

enum outcome run_timer(unsigned int rounds)
{
	enum outcome outcome = wait_timerfd(rounds);

	return outcome == WORKLOAD_OK ? wait_itimer(rounds) : outcome;
}
