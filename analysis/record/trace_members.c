// SPDX-License-Identifier: GPL-2.0-only
#include "trace_members.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/text.h"
#include "lib/whole_file.h"
#include "trace/run_info.h"

#define RUN_JSON	"run.json"

/* Files of a trace, and of its run/; run.json is not among them. */
static const char *const trace_files[] = { "vcpu0", "metadata", NULL };
static const char *const run_files[] = { "console.log", "qemu.log", "reserve",
					 "perf.data", "perf.log", NULL };

/* What is there, of all that one looks for. */
struct seen {
	char *foreign;		/* "": nothing is */
	size_t bytes;
	bool any;		/* is there */
	bool run_json;
	bool data;		/* somebody may miss it */
	bool dump;
};

enum place { IN_TRACE, IN_DUMP, IN_RUN };

static bool is_one_of(const char *name, const char *const *list)
{
	while (*list && strcmp(name, *list) != 0)
		list++;
	return *list;
}

/* "dump-N": a trace of its own, which has some of the members. */
static bool is_dump(const char *name)
{
	const char *number = name + strlen("dump-");

	return !strncmp(name, "dump-", strlen("dump-")) && *number &&
	       !number[strspn(number, "0123456789")];
}

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static int open_dir_at(int dir_fd, const char *name)
{
	return openat(dir_fd, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Entries of the directory, to be closed with closedir; NULL with errno. */
static DIR *entries_of(int dir_fd)
{
	/* Not a dup: the place that is read at would be shared. */
	int fd = open_dir_at(dir_fd, ".");
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);

	if (!entries && fd >= 0)
		close(fd);
	return entries;
}

static void is_foreign(struct seen *seen, const char *where, const char *name,
		       const char *why)
{
	if (!*seen->foreign)
		text_set(seen->foreign, seen->bytes, "%s%s%s", where, name, why);
}

static void look(int dir_fd, enum place place, const char *where,
		 struct seen *seen);

static void look_into(int dir_fd, const char *name, enum place place,
		      const char *where, struct seen *seen)
{
	char inside[300];
	int fd = open_dir_at(dir_fd, name);

	if (fd < 0) {
		is_foreign(seen, where, name,
			   errno == ENOTDIR ? ", which is no directory"
					    : ", which cannot be opened");
		return;
	}
	text_set(inside, sizeof(inside), "%s%s/", where, name);
	look(fd, place, inside, seen);
	close(fd);
}

static void look_at_file(const struct stat *status, enum place place,
			 const char *where, const char *name, struct seen *seen)
{
	bool run_json = place == IN_RUN && !strcmp(name, RUN_JSON);
	bool ours = run_json || whole_file_is_temporary(name) ||
		    is_one_of(name, place == IN_RUN ? run_files : trace_files);

	if (!ours)
		is_foreign(seen, where, name, "");
	else if (S_ISLNK(status->st_mode))
		is_foreign(seen, where, name, ", which is a link");
	else if (!S_ISREG(status->st_mode))
		is_foreign(seen, where, name, ", which is no file");
	if (run_json)
		seen->run_json = true;
	else if (status->st_size && (!strcmp(name, "vcpu0") ||
				     !strcmp(name, "perf.data")))
		seen->data = true;
}

static void look_at(int dir_fd, enum place place, const char *where,
		    const char *name, struct seen *seen)
{
	struct stat status;

	seen->any = true;
	if (place != IN_RUN && !strcmp(name, "run")) {
		look_into(dir_fd, name, IN_RUN, where, seen);
	} else if (place == IN_TRACE && is_dump(name)) {
		seen->dump = true;
		look_into(dir_fd, name, IN_DUMP, where, seen);
	} else if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW)) {
		is_foreign(seen, where, name, ", which cannot be looked at");
	} else {
		look_at_file(&status, place, where, name, seen);
	}
}

static void look(int dir_fd, enum place place, const char *where,
		 struct seen *seen)
{
	DIR *entries = entries_of(dir_fd);
	struct dirent *entry;

	if (!entries) {
		is_foreign(seen, where, "", "(cannot be read)");
		return;
	}
	while (!*seen->foreign && (entry = readdir(entries))) {
		if (!is_dots(entry->d_name))
			look_at(dir_fd, place, where, entry->d_name, seen);
	}
	closedir(entries);
}

/* A call that was counted is one that was recorded, at any level. */
static bool has_calls(const struct run_info *info)
{
	if (!info->known)
		return true;
	if (info->counts_known && info->events_counted)
		return true;
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (info->site_counts[nr] ||
		    (info->totals && info->totals[nr].count))
			return true;
	}
	return false;
}

static bool counted_calls(int dir_fd)
{
	struct problems problems = { .quiet = true };
	struct run_info *info;
	char path[40];
	bool calls;

	text_set(path, sizeof(path), "/proc/self/fd/%d", dir_fd);
	info = run_info_read(path, &problems);
	calls = has_calls(info);
	run_info_free(info);
	problems_free(&problems);
	return calls;
}

enum trace_content trace_members_look(int dir_fd, char *foreign, size_t bytes)
{
	struct seen seen = { .foreign = foreign, .bytes = bytes };
	struct stat status;

	*foreign = '\0';
	look(dir_fd, IN_TRACE, "", &seen);
	if (*foreign)
		return TRACE_FOREIGN;
	if (!seen.any)
		return TRACE_NOTHING;
	if (!seen.run_json) {
		/* A recorder that was killed at once leaves as much as this. */
		if (!seen.data && !seen.dump &&
		    fstatat(dir_fd, "metadata", &status, AT_SYMLINK_NOFOLLOW))
			return TRACE_NO_CALLS;
		text_set(foreign, bytes, "no run/" RUN_JSON);
		return TRACE_FOREIGN;
	}
	return seen.data || seen.dump || counted_calls(dir_fd) ? TRACE_OF_OURS
							       : TRACE_NO_CALLS;
}

/* ---- Removal ---- */

struct removal {
	char *failed;
	size_t bytes;
	int error;		/* the first */
};

static bool failed(struct removal *removal, const char *name)
{
	if (errno != ENOENT && !removal->error) {
		removal->error = errno;
		text_set(removal->failed, removal->bytes, "%s", name);
	}
	return removal->error;
}

static void remove_files(int dir_fd, const char *const *list,
			 struct removal *removal)
{
	DIR *entries = entries_of(dir_fd);
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		if (!is_one_of(entry->d_name, list) &&
		    !whole_file_is_temporary(entry->d_name))
			continue;
		if (unlinkat(dir_fd, entry->d_name, 0))
			failed(removal, entry->d_name);
	}
	if (entries)
		closedir(entries);
	else
		failed(removal, ".");
}

/* The files of a trace or a dump, and its run/. */
static void remove_trace(int dir_fd, struct removal *removal)
{
	int run_fd = open_dir_at(dir_fd, "run");

	remove_files(dir_fd, trace_files, removal);
	if (run_fd < 0) {
		failed(removal, "run");
		return;
	}
	remove_files(run_fd, run_files, removal);
	if (!removal->error && unlinkat(run_fd, RUN_JSON, 0))
		failed(removal, "run/" RUN_JSON);
	close(run_fd);
	if (!removal->error && unlinkat(dir_fd, "run", AT_REMOVEDIR))
		failed(removal, "run");
}

static void remove_dumps(int dir_fd, struct removal *removal)
{
	DIR *entries = entries_of(dir_fd);
	struct dirent *entry;

	while (entries && !removal->error && (entry = readdir(entries))) {
		int fd;

		if (!is_dump(entry->d_name))
			continue;
		fd = open_dir_at(dir_fd, entry->d_name);
		if (fd < 0) {
			failed(removal, entry->d_name);
			continue;
		}
		remove_trace(fd, removal);
		close(fd);
		if (!removal->error &&
		    unlinkat(dir_fd, entry->d_name, AT_REMOVEDIR))
			failed(removal, entry->d_name);
	}
	if (entries)
		closedir(entries);
}

int trace_members_remove(int dir_fd, char *name, size_t bytes)
{
	struct removal removal = { .failed = name, .bytes = bytes };

	remove_dumps(dir_fd, &removal);
	if (!removal.error)
		remove_trace(dir_fd, &removal);
	return removal.error;
}
