// SPDX-License-Identifier: GPL-2.0-only
#include "trace_dir.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/text.h"
#include "lib/whole_file.h"
#include "trace_members.h"

#define RESERVE_BYTES	(64 << 10)

static char *join(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	return path;
}

/* mkdir -p.  Returns 0 or an errno value. */
static int make_dirs(const char *path)
{
	char *copy = strdup(path);
	int error = 0;

	if (!copy)
		abort();
	for (char *p = copy + 1; *copy; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST) {
			error = errno;
			break;
		}
		*p = c;
		if (!c)
			break;
	}
	free(copy);
	return error;
}

/* Which process holds the lock on the directory; 0: the kernel does not say. */
static int lock_owner(int fd)
{
	FILE *locks = fopen("/proc/locks", "re");
	struct stat status;
	char line[200];
	int owner = 0;

	while (locks && !owner && !fstat(fd, &status) &&
	       fgets(line, sizeof(line), locks)) {
		unsigned int major_nr, minor_nr;
		unsigned long inode;
		int pid;

		if (sscanf(line, "%*d: FLOCK %*s WRITE %d %x:%x:%lu", &pid, /* NOLINT(cert-err34-c) */
			   &major_nr, &minor_nr, &inode) == 4 &&
		    makedev(major_nr, minor_nr) == status.st_dev &&
		    inode == status.st_ino)
			owner = pid;
	}
	if (locks)
		(void)fclose(locks);
	return owner;
}

static bool lock(int fd, const char *path)
{
	int owner;

	if (!flock(fd, LOCK_EX | LOCK_NB))
		return true;
	if (errno != EWOULDBLOCK) {
		/* A file system that knows no locks takes recordings as well. */
		warnx("%s cannot be locked (%s): see to it that nothing else records into it",
		      path, strerror(errno));
		return true;
	}
	owner = lock_owner(fd);
	if (owner > 0)
		warnx("process %d is recording into %s; wait for its end, or name another directory with -o",
		      owner, path);
	else
		warnx("another process is recording into %s; wait for its end, or name another directory with -o",
		      path);
	return false;
}

static bool clear(int fd, const char *path)
{
	char member[300];
	int error = trace_members_remove(fd, member, sizeof(member));

	if (error)
		warnx("cannot remove %s/%s: %s", path, member, strerror(error));
	return !error;
}

static bool make_empty(int fd, const char *path, bool force)
{
	char foreign[400];

	switch (trace_members_look(fd, foreign, sizeof(foreign))) {
	case TRACE_NOTHING:
		return true;
	case TRACE_NO_CALLS:
		return clear(fd, path);
	case TRACE_OF_OURS:
		if (force)
			return clear(fd, path);
		warnx("%s holds a trace already; --force overwrites it", path);
		return false;
	default:
		text_clean(foreign);
		warnx("%s is no empty directory and no trace of ours: it has %s; name another with -o",
		      path, foreign);
		return false;
	}
}

static int open_dir(int dir_fd, const char *path, int more_flags)
{
	return openat(dir_fd, path,
		      O_RDONLY | O_DIRECTORY | O_CLOEXEC | more_flags);
}

/* Best effort: not every file system can. */
static void keep_room(const struct trace_dir *dir)
{
	int fd = openat(dir->run_fd, "reserve",
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0666);

	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, RESERVE_BYTES))
		warnx("%s: the disk is nearly full", dir->path);
	close(fd);
}

static void name_all(struct trace_dir *dir, const char *path)
{
	*dir = (struct trace_dir){
		.fd = -1,
		.run_fd = -1,
		.path = strdup(path),
		.run = join(path, "run"),
		.stream = join(path, TRACE_DIR_STREAM),
		.console_log = join(path, "run/console.log"),
		.qemu_log = join(path, "run/qemu.log"),
	};
}

/* Make and open run/, in the directory that is open. */
static int make_run(struct trace_dir *dir)
{
	char run[40];

	if (mkdirat(dir->fd, "run", 0777) && errno != EEXIST)
		return errno;
	dir->run_fd = open_dir(dir->fd, "run", O_NOFOLLOW);
	if (dir->run_fd < 0)
		return errno;
	text_set(run, sizeof(run), "/proc/self/fd/%d", dir->run_fd);
	dir->console_file = join(run, "console.log");
	dir->qemu_file = join(run, "qemu.log");
	return 0;
}

bool trace_dir_create(struct trace_dir *dir, const char *path, bool force)
{
	int error = make_dirs(path);

	name_all(dir, path);
	if (!error) {
		dir->fd = open_dir(AT_FDCWD, path, 0);
		error = dir->fd < 0 ? errno : 0;
	}
	if (error) {
		warnx("cannot create %s: %s", path, strerror(error));
		return false;
	}
	if (!lock(dir->fd, path) || !make_empty(dir->fd, path, force))
		return false;
	error = make_run(dir);
	if (error) {
		warnx("cannot create %s: %s", dir->run, strerror(error));
		return false;
	}
	keep_room(dir);
	return true;
}

void trace_dir_name_dump(struct trace_dir *dir, const struct trace_dir *parent,
			 unsigned int n)
{
	char *path;

	if (asprintf(&path, "%s/dump-%u", parent->path, n) < 0)
		abort();
	name_all(dir, path);
	free(path);
}

int trace_dir_make_dump(struct trace_dir *dir, const struct trace_dir *parent)
{
	const char *name = strrchr(dir->path, '/') + 1;

	if (mkdirat(parent->fd, name, 0777))
		return errno;
	dir->fd = open_dir(parent->fd, name, O_NOFOLLOW);
	return dir->fd < 0 ? errno : make_run(dir);
}

int trace_dir_write_metadata(const struct trace_dir *dir, const char *text)
{
	return whole_file_text_at(dir->fd, "metadata", text);
}

int trace_dir_write_run_json(const struct trace_dir *dir, const char *text)
{
	return whole_file_text_at(dir->run_fd, "run.json", text);
}

void trace_dir_free_reserve(const struct trace_dir *dir)
{
	(void)unlinkat(dir->run_fd, "reserve", 0);
}

void trace_dir_remove(const struct trace_dir *dir)
{
	char member[300];

	if (!dir->path || dir->fd < 0)
		return;
	(void)trace_members_remove(dir->fd, member, sizeof(member));
	(void)rmdir(dir->path);
}

void trace_dir_free(struct trace_dir *dir)
{
	if (!dir->path)
		return;
	if (dir->run_fd >= 0)
		close(dir->run_fd);
	/* The lock goes with it. */
	if (dir->fd >= 0)
		close(dir->fd);
	free(dir->path);
	free(dir->run);
	free(dir->stream);
	free(dir->console_log);
	free(dir->qemu_log);
	free(dir->console_file);
	free(dir->qemu_file);
	*dir = (struct trace_dir){ .fd = -1, .run_fd = -1 };
}
