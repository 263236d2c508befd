// SPDX-License-Identifier: GPL-2.0-only
#include "standard_files.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "write_error.h"

#define BY_SIGPIPE	(128 + SIGPIPE)	/* as a shell has it */

static bool pipe_ignored;	/* SIGPIPE was, when the program began */
static bool told;

/* Whether standard output is a pipe, or a socket, that nobody reads. */
static bool reader_is_gone(int error)
{
	struct pollfd out = { STDOUT_FILENO, POLLOUT, 0 };

	return error == EPIPE ||
	       (poll(&out, 1, 0) > 0 && out.revents & POLLERR);
}

/* The signal that a command may have ignored to be told of this. */
static void die_by_sigpipe(void)
{
	struct sigaction now;

	if (pipe_ignored)
		return;
	if (!sigaction(SIGPIPE, NULL, &now) && now.sa_handler == SIG_IGN)
		(void)signal(SIGPIPE, SIG_DFL);
	(void)raise(SIGPIPE);
}

bool standard_output_flush(void)
{
	int error = write_error(stdout);

	if (!error)
		return true;
	if (reader_is_gone(error)) {
		told = true;
		die_by_sigpipe();
		exit(BY_SIGPIPE);
	}
	if (!told)
		warnx("standard output: %s", strerror(error));
	told = true;
	return false;
}

/* exit() may not be called here once more. */
static void at_exit(void)
{
	int error;

	if (told)
		return;
	error = write_error(stdout);
	/* Some file systems tell of a failed write no earlier. */
	if (!error && close(STDOUT_FILENO))
		error = errno;
	if (!error)
		return;
	if (reader_is_gone(error)) {
		die_by_sigpipe();
		_exit(BY_SIGPIPE);
	}
	warnx("standard output: %s", strerror(error));
	_exit(EXIT_FAILURE);
}

void standard_files_begin(void)
{
	static const int flags[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	struct sigaction now;

	for (int fd = 0; fd < (int)(sizeof(flags) / sizeof(flags[0])); fd++) {
		/* The lowest number is what it gets: that is this one. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) != fd)
			_exit(EXIT_FAILURE);
	}
	pipe_ignored = !sigaction(SIGPIPE, NULL, &now) &&
		       now.sa_handler == SIG_IGN;
	(void)atexit(at_exit);
}
