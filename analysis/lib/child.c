// SPDX-License-Identifier: GPL-2.0-only
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* out_fd becomes the child's standard output; -1: it is not changed. */
static int start(struct child *child, char *const argv[], enum child_pipe end,
		 int out_fd)
{
	int fd[2];
	int ours = end == CHILD_STDIN ? 1 : 0;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error;

	if (pipe2(fd, O_CLOEXEC))
		return errno;
	error = posix_spawn_file_actions_init(&actions);
	if (error)
		goto close_pipe;
	/* The child's end of the pipe becomes its descriptor 1 or 0. */
	error = posix_spawn_file_actions_adddup2(&actions, fd[!ours], !ours);
	if (!error && out_fd >= 0)
		error = posix_spawn_file_actions_adddup2(&actions, out_fd,
							 STDOUT_FILENO);
	if (!error)
		error = posix_spawnattr_init(&attributes);
	if (!error) {
		/* Group 0 is one of its own. */
		if (end == CHILD_STDOUT_GROUP)
			error = posix_spawnattr_setflags(&attributes,
							 POSIX_SPAWN_SETPGROUP);
		if (!error)
			error = posix_spawnp(&child->pid, argv[0], &actions,
					     &attributes, argv, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		goto close_pipe;
	close(fd[!ours]);
	child->pipe = fdopen(fd[ours], end == CHILD_STDIN ? "w" : "r");
	if (child->pipe)
		return 0;
	error = errno;
	close(fd[ours]);
	waitpid(child->pid, NULL, 0);
	return error;

close_pipe:
	close(fd[0]);
	close(fd[1]);
	return error;
}

int child_open(struct child *child, char *const argv[], enum child_pipe end)
{
	return start(child, argv, end, -1);
}

int child_open_filter(struct child *child, char *const argv[], int out_fd)
{
	return start(child, argv, CHILD_STDIN, out_fd);
}

int child_close(struct child *child)
{
	struct rusage usage;

	return child_close_usage(child, &usage);
}

int child_close_usage(struct child *child, struct rusage *usage)
{
	int failed = fclose(child->pipe);
	int status;

	while (wait4(child->pid, &status, 0, usage) < 0) {
		if (errno != EINTR)
			return -1;
	}
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	if (WEXITSTATUS(status))
		return WEXITSTATUS(status);
	return failed ? -1 : 0;
}
