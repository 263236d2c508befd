// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file is written whole or not at all, by two programs at once as well, and what
 * was there before keeps its mode and its links.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/whole_file.h"

static char dir[] = "/tmp/vmiprof-whole-XXXXXX";

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void holds(const char *path, const char *text)
{
	char found[100] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	(void)!fgets(found, sizeof(found), file);
	(void)fclose(file);
	assert_string_equal(found, text);
}

/* How many files the directory has. */
static int files(void)
{
	DIR *stream = opendir(dir);
	int nr = 0;

	assert_non_null(stream);
	while (readdir(stream))
		nr++;
	closedir(stream);
	return nr - 2;
}

static void write_whole(const char *path, const char *text)
{
	struct whole_file file;

	assert_int_equal(whole_file_open(&file, path), 0);
	(void)fputs(text, file.out);
	assert_int_equal(whole_file_commit(&file), 0);
}

static int begin(void **state)
{
	(void)state;
	memset(dir + strlen(dir) - 6, 'X', 6);
	return mkdtemp(dir) && !chdir(dir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int end(void **state)
{
	(void)state;
	return chdir("/") || nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void is_seen_whole(void **state)
{
	struct whole_file file;

	(void)state;
	put("x", "before");
	assert_int_equal(whole_file_open(&file, "x"), 0);
	(void)fputs("after", file.out);
	(void)fflush(file.out);
	holds("x", "before");
	assert_int_equal(whole_file_commit(&file), 0);
	holds("x", "after");
	assert_int_equal(whole_file_open(&file, "x"), 0);
	(void)fputs("never", file.out);
	whole_file_drop(&file);
	holds("x", "after");
	assert_int_equal(files(), 1);
}

static void two_at_once(void **state)
{
	struct whole_file first, second;

	(void)state;
	assert_int_equal(whole_file_open(&first, "x"), 0);
	assert_int_equal(whole_file_open(&second, "x"), 0);
	(void)fputs("the first", first.out);
	(void)fputs("the other", second.out);
	(void)fflush(first.out);
	assert_int_equal(whole_file_commit(&second), 0);
	holds("x", "the other");
	assert_int_equal(whole_file_commit(&first), 0);
	holds("x", "the first");
	assert_int_equal(files(), 1);
}

static void mode_is_kept(void **state)
{
	struct stat status;

	(void)state;
	put("x", "before");
	assert_int_equal(chmod("x", 0640), 0);
	write_whole("x", "after");
	assert_int_equal(stat("x", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	umask(027);
	write_whole("y", "new");
	umask(022);
	assert_int_equal(stat("y", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
}

static void links_are_kept(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(mkdir("sub", 0777), 0);
	put("sub/target", "before");
	assert_int_equal(symlink("sub/link", "link"), 0);
	assert_int_equal(symlink("target", "sub/link"), 0);
	write_whole("link", "after");
	holds("sub/target", "after");
	assert_int_equal(lstat("link", &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(lstat("sub/link", &status), 0);
	assert_true(S_ISLNK(status.st_mode));

	/* Nor is one that leads to what is not there yet. */
	assert_int_equal(symlink("new", "sub/dangling"), 0);
	write_whole("sub/dangling", "made");
	holds("sub/new", "made");
}

static void a_ring_of_links(void **state)
{
	struct whole_file file;

	(void)state;
	assert_int_equal(symlink("b", "a"), 0);
	assert_int_equal(symlink("a", "b"), 0);
	assert_int_equal(whole_file_open(&file, "a"), ELOOP);
}

static void what_cannot_be_is_found_first(void **state)
{
	struct whole_file file;

	(void)state;
	put("x", "before");
	assert_int_equal(mkdir("sub", 0777), 0);
	assert_int_equal(whole_file_check("sub"), EISDIR);
	assert_int_equal(whole_file_check("none/x"), ENOENT);
	assert_int_equal(whole_file_check("x/y"), ENOTDIR);
	assert_int_equal(whole_file_check("new"), 0);
	assert_int_equal(whole_file_check("x"), 0);
	holds("x", "before");
	assert_int_equal(files(), 2);
	assert_int_equal(symlink("x", "link"), 0);
	assert_int_equal(whole_file_open_at(&file, AT_FDCWD, "link"), ELOOP);
}

static void devices_are_written_in_place(void **state)
{
	struct whole_file file;

	(void)state;
	write_whole("/dev/null", "gone");
	assert_int_equal(whole_file_open(&file, "/dev/full"), 0);
	(void)fputs("too much", file.out);
	assert_int_equal(whole_file_commit(&file), ENOSPC);
}

/* A limit stands for a full disk. */
static void a_full_disk(void **state)
{
	struct rlimit before, small;
	struct whole_file file;

	(void)state;
	put("x", "before");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 1000;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(whole_file_open(&file, "x"), 0);
	for (int i = 0; i < 1001; i++)
		(void)fputc('x', file.out);
	assert_int_equal(whole_file_commit(&file), EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	holds("x", "before");
	assert_int_equal(files(), 1);
}

/* In a child: it writes half of two files, and ends in the middle of that. */
static int ended_by(int signal_nr)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		struct whole_file one, two;

		if (whole_file_open(&one, "x") || whole_file_open(&two, "y"))
			_exit(99);
		if (signal_nr)
			(void)raise(signal_nr);
		/* Not _exit: as err() does. */
		exit(7);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void nothing_is_left_behind(void **state)
{
	static const int deadly[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE };

	(void)state;
	put("x", "before");
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
		int status = ended_by(deadly[i]);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), deadly[i]);
		assert_int_equal(files(), 1);
	}
	assert_int_equal(WEXITSTATUS(ended_by(0)), 7);
	assert_int_equal(files(), 1);
	holds("x", "before");
}

static void long_names(void **state)
{
	char name[256];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	write_whole(name, "long");
	holds(name, "long");
	assert_int_equal(files(), 1);
}

static void temporary_names(void **state)
{
	struct whole_file file;

	(void)state;
	assert_int_equal(whole_file_open(&file, "run.json"), 0);
	assert_true(whole_file_is_temporary(file.temporary));
	whole_file_drop(&file);
	assert_false(whole_file_is_temporary("run.json"));
	assert_false(whole_file_is_temporary(".tmp"));
	assert_false(whole_file_is_temporary(".profile"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(is_seen_whole),
		TEST(two_at_once),
		TEST(mode_is_kept),
		TEST(links_are_kept),
		TEST(a_ring_of_links),
		TEST(what_cannot_be_is_found_first),
		TEST(devices_are_written_in_place),
		TEST(a_full_disk),
		TEST(nothing_is_left_behind),
		TEST(long_names),
		TEST(temporary_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
