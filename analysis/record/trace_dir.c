// SPDX-License-Identifier: GPL-2.0-only
#include "trace_dir.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/text.h"

#define RESERVE_BYTES	(64 << 10)

/* All that a recording makes, in the order in which it can be removed. */
static const char *const members[] = {
	"vcpu0", "run/console.log", "run/qemu.log", "run/reserve",
	"run/perf.data", "run/perf.log",
	"run/run.json", "run", "metadata",
};

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
	struct stat status;
	int error = 0;

	if (!copy)
		abort();
	for (char *p = copy + 1;; p++) {
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
	if (!error && (stat(path, &status) || !S_ISDIR(status.st_mode)))
		error = ENOTDIR;
	return error;
}

/* "dump-N": a trace of its own, which has some of the members. */
static bool is_dump(const char *name)
{
	const char *number = name + strlen("dump-");

	return !strncmp(name, "dump-", strlen("dump-")) && *number &&
	       !number[strspn(number, "0123456789")];
}

static bool is_member(const char *name)
{
	if (is_dump(name))
		return true;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (!strcmp(name, members[i]))
			return true;
	}
	return false;
}

enum content {
	NOTHING,
	NO_EVENTS,		/* a recording that came to nothing */
	A_TRACE,		/* run/run.json is there, and no foreign file */
	SOMETHING,
};

static bool has_events(const char *path)
{
	char *stream = join(path, "vcpu0");
	struct stat status;
	bool has = !stat(stream, &status) && status.st_size;

	free(stream);
	return has;
}

static enum content look_inside(const char *path, char *foreign, size_t bytes)
{
	DIR *stream = opendir(path);
	struct dirent *entry;
	enum content content = NOTHING;
	char *run_json;

	if (!stream) {
		text_set(foreign, bytes, "(%s)", strerror(errno));
		return SOMETHING;
	}
	while (content != SOMETHING && (entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		content = A_TRACE;
		text_set(foreign, bytes, "%s", entry->d_name);
		if (!is_member(entry->d_name))
			content = SOMETHING;
	}
	closedir(stream);
	run_json = join(path, "run/run.json");
	if (content == A_TRACE && access(run_json, F_OK))
		content = SOMETHING;
	if (content == A_TRACE && !has_events(path))
		content = NO_EVENTS;
	free(run_json);
	return content;
}

/* Returns false after a message. */
static bool remove_members(const char *path)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		char *member = join(path, members[i]);
		int failed = remove(member) && errno != ENOENT;

		if (failed)
			warn("cannot remove %s", member);
		free(member);
		if (failed)
			return false;
	}
	return true;
}

/* Remove DIR/dump-N, where there are any. */
static bool remove_dumps(const char *path)
{
	DIR *stream = opendir(path);
	struct dirent *entry;
	bool removed = true;

	while (stream && removed && (entry = readdir(stream))) {
		char *dump;

		if (!is_dump(entry->d_name))
			continue;
		dump = join(path, entry->d_name);
		removed = remove_members(dump);
		if (removed && rmdir(dump)) {
			warn("cannot remove %s", dump);
			removed = false;
		}
		free(dump);
	}
	if (stream)
		closedir(stream);
	return removed;
}

static bool remove_trace(const char *path)
{
	return remove_dumps(path) && remove_members(path);
}

static bool make_empty(const char *path, bool force)
{
	char foreign[256] = "";
	int error = make_dirs(path);

	if (error) {
		warnx("cannot create %s: %s", path, strerror(error));
		return false;
	}
	switch (look_inside(path, foreign, sizeof(foreign))) {
	case NOTHING:
		return true;
	case NO_EVENTS:
		return remove_trace(path);
	case A_TRACE:
		if (force)
			return remove_trace(path);
		warnx("%s holds a trace already; --force overwrites it", path);
		return false;
	default:
		warnx("%s is no empty directory and no trace of ours: it has %s; name another with -o",
		      path, foreign);
		return false;
	}
}

/* Best effort: not every file system can. */
static void keep_room(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, RESERVE_BYTES))
		warnx("%s: the disk is nearly full", path);
	close(fd);
}

static void name_all(struct trace_dir *dir, const char *path)
{
	*dir = (struct trace_dir){
		.path = strdup(path),
		.run = join(path, "run"),
		.metadata = join(path, "metadata"),
		.stream = join(path, "vcpu0"),
		.run_json = join(path, "run/run.json"),
		.console_log = join(path, "run/console.log"),
		.qemu_log = join(path, "run/qemu.log"),
		.reserve = join(path, "run/reserve"),
	};
}

bool trace_dir_create(struct trace_dir *dir, const char *path, bool force)
{
	if (!make_empty(path, force))
		return false;
	name_all(dir, path);
	if (mkdir(dir->run, 0777) && errno != EEXIST) {
		warn("cannot create %s", dir->run);
		return false;
	}
	keep_room(dir->reserve);
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

void trace_dir_free_reserve(const struct trace_dir *dir)
{
	unlink(dir->reserve);
}

static int write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	int error = 0;

	if (!file)
		return errno;
	if (fputs(text, file) < 0 || fflush(file))
		error = errno;
	if (fclose(file) && !error)
		error = errno;
	return error;
}

int trace_dir_replace(const char *path, const char *text)
{
	char *fresh;
	int error;

	if (asprintf(&fresh, "%s.new", path) < 0)
		abort();
	error = write_file(fresh, text);
	if (!error && rename(fresh, path))
		error = errno;
	if (error)
		unlink(fresh);
	free(fresh);
	return error;
}

void trace_dir_free(struct trace_dir *dir)
{
	free(dir->path);
	free(dir->run);
	free(dir->metadata);
	free(dir->stream);
	free(dir->run_json);
	free(dir->console_log);
	free(dir->qemu_log);
	free(dir->reserve);
}
