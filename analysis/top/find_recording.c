// SPDX-License-Identifier: GPL-2.0-only
#include "find_recording.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/text.h"

#define PROGRAM		"vmiprof"
#define COMMAND		"record"
#define MEMORY_LINK	"/memfd:vmiprof-guest-ram"
#define LOG_NAME	"/run/qemu.log"
#define RUN_JSON	"/run/run.json"
#define LISTED_MAX	16

/* What a look through /proc has found. */
struct found {
	struct recording_place place[LISTED_MAX];
	size_t nr;
	pid_t foreign;		/* a vmiprof that this user may not look into */
};

static bool link_text(const char *path, char *text, size_t bytes)
{
	ssize_t length = readlink(path, text, bytes - 1);

	if (length < 0)
		return false;
	text[length] = '\0';
	return true;
}

static bool begins_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* The program's name as the kernel has it; "" when there is no such process. */
static void read_comm(pid_t pid, char *comm, size_t bytes)
{
	char path[64];
	FILE *file;

	comm[0] = '\0';
	text_set(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(comm, (int)bytes, file))
		comm[0] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
	(void)fclose(file);
}

/* Whether the process is a "vmiprof record". */
static bool is_record(pid_t pid)
{
	char comm[32], path[64], words[256] = "";
	size_t bytes;
	FILE *file;

	read_comm(pid, comm, sizeof(comm));
	if (!begins_with(comm, PROGRAM))
		return false;
	text_set(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	bytes = fread(words, 1, sizeof(words) - 1, file);
	(void)fclose(file);
	words[bytes] = '\0';
	/* Each word ends with a NUL; the first one is the program. */
	bytes = strlen(words) + 1;
	return bytes < sizeof(words) && !strcmp(words + bytes, COMMAND);
}

typedef bool link_fn(void *arg, const char *path, const char *target);

/*
 * Call fn for each file that the process has open until it returns true.
 * Returns 0, or the errno value that kept it from looking.
 */
static int each_file(pid_t pid, link_fn *fn, void *arg)
{
	char dir_name[32], path[64], target[PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	bool done = false;

	text_set(dir_name, sizeof(dir_name), "/proc/%d/fd", (int)pid);
	dir = opendir(dir_name);
	if (!dir)
		return errno;
	while (!done && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		text_set(path, sizeof(path), "%s/%.20s", dir_name,
			 entry->d_name);
		done = link_text(path, target, sizeof(target)) &&
		       fn(arg, path, target);
	}
	(void)closedir(dir);
	return 0;
}

/* The link's own permissions tell how the file was opened, see proc(5). */
static bool is_memory(void *arg, const char *path, const char *target)
{
	struct recording_place *place = arg;
	struct stat link;

	if (!begins_with(target, MEMORY_LINK) || lstat(path, &link) ||
	    !(link.st_mode & S_IWUSR))
		return false;
	text_set(place->ram_path, sizeof(place->ram_path), "%s", path);
	return true;
}

static bool is_log(void *arg, const char *path, const char *target)
{
	struct recording_place *place = arg;
	const size_t length = strlen(target), name = strlen(LOG_NAME);

	(void)path;
	if (length <= name || strcmp(target + length - name, LOG_NAME) != 0)
		return false;
	text_set(place->dir, sizeof(place->dir), "%.*s", (int)(length - name),
		 target);
	return true;
}

typedef void process_fn(void *arg, pid_t pid);

static void each_process(process_fn *fn, void *arg)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");

	if (!proc)
		err(EXIT_FAILURE, "cannot look for recordings: /proc");
	while ((entry = readdir(proc))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (pid > 0 && !*end)
			fn(arg, (pid_t)pid);
	}
	(void)closedir(proc);
}

static pid_t parent_of(pid_t pid)
{
	char path[64], line[128];
	int parent = 0;
	FILE *file;

	text_set(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (begins_with(line, "PPid:")) {
			parent = (int)strtol(line + strlen("PPid:"), NULL, 10);
			break;
		}
	}
	(void)fclose(file);
	return parent;
}

static void look_for_log(void *arg, pid_t pid)
{
	struct recording_place *place = arg;

	if (!*place->dir && parent_of(pid) == place->pid)
		(void)each_file(pid, is_log, place);
}

/* Fill in place if the process is a recording; else returns an errno value. */
static int look(struct recording_place *place, pid_t pid)
{
	int error;

	*place = (struct recording_place){ .pid = pid, .pidfd = -1 };
	/* A child of one is about to become QEMU or perf. */
	if (!is_record(pid) || is_record(parent_of(pid)))
		return ESRCH;
	/* From here on the number cannot become another process unnoticed. */
	place->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (place->pidfd < 0)
		return errno;
	error = each_file(pid, is_memory, place);
	if (!error && *place->ram_path) {
		each_process(look_for_log, place);
		return 0;
	}
	close(place->pidfd);
	place->pidfd = -1;
	return error ? error : ESRCH;
}

static void collect(void *arg, pid_t pid)
{
	struct found *found = arg;
	int error;

	if (found->nr == LISTED_MAX)
		return;
	error = look(&found->place[found->nr], pid);
	if (!error)
		found->nr++;
	else if (error == EACCES || error == EPERM)
		found->foreign = pid;
}

/* The name or number of the user that runs a process. */
static void owner_of(pid_t pid, char *name, size_t bytes)
{
	char path[32];
	struct stat status;
	struct passwd *user;

	text_set(path, sizeof(path), "/proc/%d", (int)pid);
	if (stat(path, &status)) {
		text_set(name, bytes, "another user");
		return;
	}
	user = getpwuid(status.st_uid);
	if (user)
		text_set(name, bytes, "user %s", user->pw_name);
	else
		text_set(name, bytes, "user %u", (unsigned int)status.st_uid);
}

static void say_foreign(pid_t pid)
{
	char owner[64];

	owner_of(pid, owner, sizeof(owner));
	warnx("process %d belongs to %s: its guest's memory can be read by that user or root only",
	      (int)pid, owner);
}

static bool find_by_pid(struct recording_place *place, pid_t pid)
{
	char comm[32];
	int error = look(place, pid);

	if (!error)
		return true;
	read_comm(pid, comm, sizeof(comm));
	if (!*comm)
		warnx("there is no process %d: the recording has ended",
		      (int)pid);
	else if (error == EACCES || error == EPERM)
		say_foreign(pid);
	else
		warnx("process %d (%s) is no recording: expected a running \"vmiprof record\"",
		      (int)pid, comm);
	return false;
}

static bool keep(struct found *found, size_t which,
		 struct recording_place *place)
{
	for (size_t i = 0; i < found->nr; i++) {
		if (i == which)
			*place = found->place[i];
		else
			recording_place_free(&found->place[i]);
	}
	return which < found->nr;
}

static void say_dead(const char *dir, const char *path)
{
	char run_json[PATH_MAX];

	text_set(run_json, sizeof(run_json), "%s%s", path, RUN_JSON);
	if (access(run_json, F_OK))
		warnx("%s is no trace: there is no %s", dir, run_json);
	else
		warnx("no recording writes to %s any more: it has ended; \"vmiprof report\" shows it",
		      dir);
}

static bool find_by_dir(struct found *found, struct recording_place *place,
			const char *dir)
{
	char path[PATH_MAX];
	size_t which = 0;

	if (!realpath(dir, path)) {
		warn("%s", dir);
		return keep(found, found->nr, place);
	}
	while (which < found->nr && strcmp(found->place[which].dir, path) != 0)
		which++;
	if (which == found->nr && found->foreign)
		say_foreign(found->foreign);
	if (which == found->nr)
		say_dead(dir, path);
	return keep(found, which, place);
}

static bool find_only(struct found *found, struct recording_place *place)
{
	if (found->nr == 1)
		return keep(found, 0, place);
	if (found->nr) {
		warnx("%zu recordings run; choose one by its directory or with -p:",
		      found->nr);
		for (size_t i = 0; i < found->nr; i++)
			warnx("  -p %d  %s", (int)found->place[i].pid,
			      *found->place[i].dir ? found->place[i].dir
						   : "(no directory)");
	} else if (found->foreign) {
		say_foreign(found->foreign);
	} else {
		warnx("no recording runs here; \"vmiprof record\" starts one");
	}
	return keep(found, found->nr, place);
}

bool find_recording(struct recording_place *place, const char *dir, pid_t pid)
{
	struct found *found;
	bool ok;

	if (pid)
		return find_by_pid(place, pid);
	found = calloc(1, sizeof(*found));
	if (!found)
		err(EXIT_FAILURE, "memory");
	each_process(collect, found);
	ok = dir ? find_by_dir(found, place, dir) : find_only(found, place);
	free(found);
	return ok;
}

/*
 * The memory of a recording, opened; -1 after a message.  Whoever made it may be
 * another user, or no recording at all: it must be a file of the kind that
 * guest_ram_create makes, which nobody can cut short while it is mapped here.
 */
static int open_memory(const struct recording_place *place, size_t *bytes)
{
	/* Without O_NONBLOCK a FIFO would be waited for. */
	int fd = open(place->ram_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	int seals;

	if (fd < 0 || fstat(fd, &status)) {
		warn("cannot open the guest's memory, %s", place->ram_path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	seals = fcntl(fd, F_GET_SEALS);
	if (!S_ISREG(status.st_mode) || seals < 0 ||
	    !(seals & F_SEAL_SHRINK) || status.st_size <= 0 ||
	    (uintmax_t)status.st_size > (uintmax_t)GUEST_RAM_MAX_MIB << 20) {
		warnx("process %d is no recording of ours: its %s, %jd bytes, is not memory of 1 byte to %d MiB that is sealed against shrinking",
		      (int)place->pid, place->ram_path,
		      (intmax_t)status.st_size, GUEST_RAM_MAX_MIB);
		close(fd);
		return -1;
	}
	*bytes = (size_t)status.st_size;
	return fd;
}

bool map_recording(struct guest_ram *ram, const struct recording_place *place)
{
	size_t bytes = 0;
	int fd = open_memory(place, &bytes);
	void *base;

	if (fd < 0)
		return false;
	base = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (base == MAP_FAILED) {
		warn("cannot map the guest's memory, %s", place->ram_path);
		return false;
	}
	*ram = (struct guest_ram){
		.base = base,
		.bytes = bytes,
		.fd = -1,
	};
	return true;
}

void unmap_recording(struct guest_ram *ram)
{
	munmap(ram->base, ram->bytes);
}

bool recording_ended(const struct recording_place *place)
{
	struct pollfd end = { .fd = place->pidfd, .events = POLLIN };

	return poll(&end, 1, 0) > 0;
}

void recording_place_free(struct recording_place *place)
{
	if (place->pidfd >= 0)
		close(place->pidfd);
	place->pidfd = -1;
}
