// SPDX-License-Identifier: GPL-2.0-only
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "write_error.h"

#define LINKS_MAX	40
#define TRIES		100
#define SUFFIX		".tmp"
#define RANDOM_CHARS	8
/* The dot in front and the one in the middle, and what follows that. */
#define ADDED_CHARS	(2 + RANDOM_CHARS + sizeof(SUFFIX) - 1)
#define OPEN_MAX_FILES	8

/* What is to be removed when the program ends early. */
static struct {
	volatile sig_atomic_t used;
	int dir_fd;
	pid_t owner;	/* a forked child leaves its parent's alone */
	char name[NAME_MAX + 1];
} unfinished[OPEN_MAX_FILES];

static void remove_unfinished(void)
{
	for (int i = 0; i < OPEN_MAX_FILES; i++) {
		if (!unfinished[i].used || unfinished[i].owner != getpid())
			continue;
		unfinished[i].used = 0;
		(void)unlinkat(unfinished[i].dir_fd, unfinished[i].name, 0);
	}
}

/* SA_RESETHAND: the signal ends the program now as it would have before. */
static void on_signal(int signal)
{
	remove_unfinished();
	(void)raise(signal);
}

/* The signals that end a program which does not know them. */
static const int deadly[] = { SIGHUP,  SIGINT,	SIGQUIT, SIGTERM, SIGPIPE,
			      SIGALRM, SIGXCPU, SIGUSR1, SIGUSR2 };

#define NR_DEADLY	(sizeof(deadly) / sizeof(deadly[0]))

static void deadly_set(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < NR_DEADLY; i++)
		sigaddset(set, deadly[i]);
}

/* Those that somebody handles, or ignores, are left alone. */
static void watch_for_the_end(void)
{
	static bool done;
	struct sigaction now, action = { .sa_handler = on_signal,
					 .sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < NR_DEADLY; i++) {
		if (!sigaction(deadly[i], NULL, &now) &&
		    now.sa_handler == SIG_DFL)
			sigaction(deadly[i], &action, NULL);
	}
	if (!done)
		(void)atexit(remove_unfinished);
	done = true;
}

static void forget(const struct whole_file *file)
{
	for (int i = 0; i < OPEN_MAX_FILES; i++) {
		if (unfinished[i].used && unfinished[i].dir_fd == file->dir_fd &&
		    !strcmp(unfinished[i].name, file->temporary))
			unfinished[i].used = 0;
	}
}

static void remember(const struct whole_file *file)
{
	int i = 0;

	while (i < OPEN_MAX_FILES && unfinished[i].used)
		i++;
	if (i == OPEN_MAX_FILES)
		return;
	unfinished[i].dir_fd = file->dir_fd;
	unfinished[i].owner = getpid();
	memcpy(unfinished[i].name, file->temporary,
	       sizeof(unfinished[i].name));
	unfinished[i].used = 1;
}

/* ".NAME.RANDOM.tmp"; of a long name, the first part. */
static bool name_temporary(struct whole_file *file)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	const int name_max = (int)(NAME_MAX - ADDED_CHARS);
	uint8_t bytes[RANDOM_CHARS];
	char text[RANDOM_CHARS + 1] = "";

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (int i = 0; i < RANDOM_CHARS; i++)
		text[i] = chars[bytes[i] % (sizeof(chars) - 1)];
	(void)snprintf(file->temporary, sizeof(file->temporary),
		       ".%.*s.%s" SUFFIX, name_max, file->name, text);
	return true;
}

bool whole_file_is_temporary(const char *name)
{
	size_t n = strlen(name), tail = 1 + RANDOM_CHARS + sizeof(SUFFIX) - 1;

	return n > tail + 1 && name[0] == '.' && name[n - tail] == '.' &&
	       !strcmp(name + n - (sizeof(SUFFIX) - 1), SUFFIX);
}

/* Mode and owner of the file that is replaced; old NULL: as any new file. */
static int keep_rights(int fd, const struct stat *old)
{
	mode_t mode;

	if (!old)
		return 0;
	mode = old->st_mode & 07777;
	/* Who is not allowed to give it away owns it from now on. */
	if (fchown(fd, old->st_uid, old->st_gid) &&
	    fchown(fd, (uid_t)-1, old->st_gid))
		mode &= 0707;
	return fchmod(fd, mode) ? errno : 0;
}

/* A new file in the directory, of a name that nothing else has. */
static int make_temporary(struct whole_file *file, const struct stat *old)
{
	/* Nobody else may read what they may not read in the end. */
	const mode_t mode = old ? 0600 : 0666;
	sigset_t block, before;
	int fd = -1, error = EEXIST;

	watch_for_the_end();
	deadly_set(&block);
	sigprocmask(SIG_BLOCK, &block, &before);
	for (int i = 0; i < TRIES && error == EEXIST; i++) {
		if (!name_temporary(file)) {
			error = errno;
			break;
		}
		fd = openat(file->dir_fd, file->temporary,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    mode);
		error = fd < 0 ? errno : 0;
	}
	if (!error)
		remember(file);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (error)
		return error;
	error = keep_rights(fd, old);
	file->out = error ? NULL : fdopen(fd, "w");
	if (file->out)
		return 0;
	error = error ? error : errno;
	close(fd);
	(void)unlinkat(file->dir_fd, file->temporary, 0);
	forget(file);
	return error;
}

/* The file may be replaced: is it one that may be written as it is? */
static int check_replaced(int dir_fd, const char *name, const struct stat *old)
{
	if (S_ISDIR(old->st_mode))
		return EISDIR;
	if (S_ISLNK(old->st_mode))
		return ELOOP;
	if (!S_ISREG(old->st_mode))
		return EINVAL;
	return faccessat(dir_fd, name, W_OK, AT_EACCESS) ? errno : 0;
}

int whole_file_open_at(struct whole_file *file, int dir_fd, const char *name)
{
	struct stat old;
	bool exists;
	int error = 0;

	*file = (struct whole_file){ .dir_fd = -1 };
	if (strlen(name) > NAME_MAX)
		return ENAMETOOLONG;
	memcpy(file->name, name, strlen(name) + 1);
	exists = !fstatat(dir_fd, name, &old, AT_SYMLINK_NOFOLLOW);
	if (exists)
		error = check_replaced(dir_fd, name, &old);
	else if (errno != ENOENT)
		error = errno;
	if (error)
		return error;
	/* A directory of our own, so that the caller may close its. */
	file->dir_fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->dir_fd < 0)
		return errno;
	error = make_temporary(file, exists ? &old : NULL);
	if (error) {
		close(file->dir_fd);
		file->dir_fd = -1;
	}
	return error;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * Where the links that path may be lead, in the end: the file is there or would
 * be.  To be freed; NULL with errno.
 */
static char *follow(const char *path)
{
	char *now = strdup(path);

	for (int i = 0; now && i < LINKS_MAX; i++) {
		char to[PATH_MAX], *next = NULL;
		ssize_t n = readlink(now, to, sizeof(to) - 1);
		const char *slash = strrchr(now, '/');

		/* No link, or nothing of that name: this is it. */
		if (n < 0)
			return now;
		to[n] = '\0';
		if (*to == '/' || !slash)
			next = strdup(to);
		else if (asprintf(&next, "%.*s%s", (int)(slash + 1 - now), now,
				  to) < 0)
			next = NULL;
		free(now);
		now = next;
	}
	if (now)
		errno = ELOOP;
	free(now);
	return NULL;
}

/* Write to what is there: a device, a pipe, a file that has no name any more. */
static int open_in_place(struct whole_file *file, const char *path,
			 const struct stat *status)
{
	struct stat out;
	int fd;

	/* So that ">>" and what stands there already are respected. */
	if (!fstat(STDOUT_FILENO, &out) && same_file(&out, status))
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno;
	file->out = fdopen(fd, "w");
	if (file->out)
		return 0;
	close(fd);
	return errno;
}

static int open_in_directory(struct whole_file *file, char *target)
{
	char *slash = strrchr(target, '/');
	const char *name = slash ? slash + 1 : target;
	int dir_fd, error;

	/* "name/" and "" are no files. */
	if (!*name)
		return slash ? EISDIR : ENOENT;
	if (slash == target)
		dir_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	else {
		if (slash)
			*slash = '\0';
		dir_fd = open(slash ? target : ".",
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (dir_fd < 0)
		return errno;
	error = whole_file_open_at(file, dir_fd, name);
	close(dir_fd);
	return error;
}

int whole_file_open(struct whole_file *file, const char *path)
{
	struct stat status, out, there;
	char *target;
	bool exists = !stat(path, &status);
	int error;

	*file = (struct whole_file){ .dir_fd = -1 };
	if (exists && S_ISDIR(status.st_mode))
		return EISDIR;
	if (exists && (!S_ISREG(status.st_mode) ||
		       (!fstat(STDOUT_FILENO, &out) &&
			same_file(&out, &status))))
		return open_in_place(file, path, &status);
	target = follow(path);
	if (!target)
		return errno;
	/* /proc has links that lead to files without a name. */
	if (exists && (lstat(target, &there) || !same_file(&there, &status)))
		error = open_in_place(file, path, &status);
	else
		error = open_in_directory(file, target);
	free(target);
	return error;
}

/* Some file systems cannot, which is no error. */
static int to_disk(int fd)
{
	if (!fsync(fd) || errno == EINVAL || errno == EROFS || errno == ENOSYS)
		return 0;
	return errno;
}

static int close_out(struct whole_file *file, bool keep)
{
	int error = write_error(file->out);

	if (!error && keep && file->dir_fd >= 0)
		error = to_disk(fileno(file->out));
	if (fclose(file->out) && !error)
		error = errno;
	file->out = NULL;
	return error;
}

static void close_dir(struct whole_file *file)
{
	forget(file);
	close(file->dir_fd);
	file->dir_fd = -1;
}

int whole_file_commit(struct whole_file *file)
{
	int error = close_out(file, true);

	if (file->dir_fd < 0)
		return error;
	if (!error && renameat(file->dir_fd, file->temporary, file->dir_fd,
			       file->name))
		error = errno;
	if (error)
		(void)unlinkat(file->dir_fd, file->temporary, 0);
	else
		(void)fsync(file->dir_fd);
	close_dir(file);
	return error;
}

void whole_file_drop(struct whole_file *file)
{
	if (!file->out)
		return;
	(void)close_out(file, false);
	if (file->dir_fd < 0)
		return;
	(void)unlinkat(file->dir_fd, file->temporary, 0);
	close_dir(file);
}

int whole_file_text_at(int dir_fd, const char *name, const char *text)
{
	struct whole_file file;
	int error = whole_file_open_at(&file, dir_fd, name);

	if (error)
		return error;
	(void)fputs(text, file.out);
	return whole_file_commit(&file);
}

int whole_file_check(const char *path)
{
	struct whole_file file;
	int error = whole_file_open(&file, path);

	whole_file_drop(&file);
	return error;
}
