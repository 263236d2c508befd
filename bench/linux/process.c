/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process.c - processes and threads: fork, exec, shell, pipe, thread
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

#define SHELL_SCRIPT "/etc/workload.sh"

enum outcome run_fork(unsigned int rounds)
{
	while (rounds--) {
		pid_t child = fork();

		if (child < 0)
			return fail("fork");
		if (!child)
			_exit(0);
		if (!child_succeeded(child))
			return fail("the child did not exit with 0");
	}
	return WORKLOAD_OK;
}

static enum outcome run_program(char *const argv[])
{
	pid_t child = fork();

	if (child < 0)
		return fail("fork");
	if (!child) {
		execv(argv[0], argv);
		_exit(127);
	}
	if (!child_succeeded(child))
		return fail("%s did not exit with 0", argv[0]);
	return WORKLOAD_OK;
}

enum outcome run_exec(unsigned int rounds)
{
	char program[] = "/bin/true";
	char *const argv[] = {program, NULL};

	while (rounds--) {
		enum outcome outcome = run_program(argv);

		if (outcome != WORKLOAD_OK)
			return outcome;
	}
	return WORKLOAD_OK;
}

enum outcome run_shell(unsigned int rounds)
{
	char shell[] = "/bin/sh";
	char script[] = SHELL_SCRIPT;
	char count[16];
	char *const argv[] = {shell, script, count, NULL};

	if (access(SHELL_SCRIPT, R_OK))
		return skip(SHELL_SCRIPT);
	(void)snprintf(count, sizeof(count), "%u", rounds);
	return run_program(argv);
}

/* Sends back each byte until the other end is closed. */
static int echo(int in, int out)
{
	char byte;

	while (read(in, &byte, 1) == 1) {
		if (write(out, &byte, 1) != 1)
			return 1;
	}
	return 0;
}

enum outcome run_pipe(unsigned int rounds)
{
	enum outcome outcome = WORKLOAD_OK;
	int there[2], back[2];
	char byte = 'x';
	pid_t child;

	if (pipe(there))
		return fail("pipe");
	if (pipe(back)) {
		close(there[0]);
		close(there[1]);
		return fail("pipe");
	}
	child = fork();
	if (!child) {
		close(there[1]);
		close(back[0]);
		_exit(echo(there[0], back[1]));
	}
	close(there[0]);
	close(back[1]);
	if (child < 0)
		outcome = fail("fork");
	while (outcome == WORKLOAD_OK && rounds--) {
		if (write(there[1], &byte, 1) != 1 ||
		    read(back[0], &byte, 1) != 1)
			outcome = fail("the byte did not come back");
	}
	close(there[1]);
	close(back[0]);
	if (child > 0 && !child_succeeded(child) && outcome == WORKLOAD_OK)
		outcome = fail("the child did not exit with 0");
	return outcome;
}

/* Two threads take turns; each turn is a futex wait and a wake. */
struct turns {
	sem_t ours, theirs;
	unsigned int rounds;
};

static void *take_turns(void *argument)
{
	struct turns *turns = argument;

	for (unsigned int i = 0; i < turns->rounds; i++) {
		sem_wait(&turns->theirs);
		sem_post(&turns->ours);
	}
	return NULL;
}

#define TURNS_PER_THREAD 10

enum outcome run_thread(unsigned int rounds)
{
	struct turns turns = {.rounds = TURNS_PER_THREAD};
	int word = 0;

	/* The C library gives up without a word where there are none. */
	if (syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0) < 0)
		return skip("futex");
	sem_init(&turns.ours, 0, 0);
	sem_init(&turns.theirs, 0, 0);
	while (rounds--) {
		pthread_t thread;

		errno = pthread_create(&thread, NULL, take_turns, &turns);
		if (errno)
			return fail("pthread_create");
		for (unsigned int i = 0; i < TURNS_PER_THREAD; i++) {
			sem_post(&turns.theirs);
			sem_wait(&turns.ours);
		}
		pthread_join(thread, NULL);
	}
	return WORKLOAD_OK;
}
