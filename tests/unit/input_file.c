// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a path from outside may name: regular files of some size, and nothing
 * that blocks or has no end; and what a file of JSON may hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "lib/input_file.h"
#include "lib/json.h"

#define BYTES_MAX 4096

/* "image" is a name that scratch_remove() knows. */
static char *path_in(const char *dir)
{
	char *path;

	if (asprintf(&path, "%s/image", dir) < 0)
		err(EXIT_FAILURE, "memory");
	return path;
}

static void refused(const char *path, const char *expected)
{
	char why[INPUT_WHY_BYTES] = "";

	assert_int_equal(input_open(path, NULL, why), -1);
	assert_non_null(strstr(why, expected));
	assert_null(input_text(path, BYTES_MAX, NULL, why));
	assert_null(json_read(path, BYTES_MAX, why, sizeof(why)));
	assert_non_null(strstr(why, expected));
}

static void kinds(void **state)
{
	char *dir = scratch_new();
	char *path = path_in(dir);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	refused(path, "No such file");
	refused(dir, "found a directory, expected a regular file");
	refused("/dev/zero", "found a device");
	assert_int_equal(mkfifo(path, 0600), 0);
	refused(path, "found a FIFO");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/zero", path), 0);
	refused(path, "found a device");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("image", path), 0);
	refused(path, "symbolic links");
	assert_int_equal(unlink(path), 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	refused(path, "found a socket");
	(void)close(fd);
	free(path);
	scratch_remove(dir);
}

/* Up to the limit; of a file with holes nothing is read. */
static void sizes(void **state)
{
	char *dir = scratch_new();
	char *path = path_in(dir);
	char why[INPUT_WHY_BYTES];
	FILE *file = fopen(path, "we");
	size_t bytes = 1;
	char *text;

	(void)state;
	assert_non_null(file);
	(void)fclose(file);
	text = input_text(path, BYTES_MAX, &bytes, why);
	assert_string_equal(text, "");
	assert_int_equal(bytes, 0);
	free(text);
	assert_int_equal(truncate(path, BYTES_MAX), 0);
	text = input_text(path, BYTES_MAX, &bytes, why);
	assert_non_null(text);
	assert_int_equal(bytes, BYTES_MAX);
	free(text);
	assert_int_equal(truncate(path, BYTES_MAX + 1), 0);
	assert_null(input_text(path, BYTES_MAX, &bytes, why));
	assert_string_equal(why, "found 4097 bytes, expected at most 4096");
	assert_int_equal(truncate(path, (off_t)3 << 30), 0);
	assert_null(input_text(path, BYTES_MAX, &bytes, why));
	free(path);
	scratch_remove(dir);
}

static struct json_object *read_json(const char *text, size_t bytes, char *why,
				     size_t why_bytes)
{
	char *dir = scratch_new();
	char *path = path_in(dir);
	FILE *file = fopen(path, "we");
	struct json_object *value;

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, bytes, file), bytes);
	assert_int_equal(fclose(file), 0);
	value = json_read(path, (size_t)64 << 20, why, why_bytes);
	free(path);
	scratch_remove(dir);
	return value;
}

/* One value, white space around it, and nothing else. */
static void json(void **state)
{
	static const struct {
		const char *text;
		const char *why; /* NULL: good */
	} cases[] = {
		{"{}", NULL},
		{" \n{ \"a\": [1] }\r\n\t ", NULL},
		{"7", NULL},
		{"\"x\"", NULL},
		{"", "at byte 0"},
		{" \n", "at byte 2"},
		{"{", "at byte 1"},
		{"[1,2", "at byte 4"},
		{"{a}", "at byte 1"},
		{"null", "found null"},
		{"{}{}", "behind the value, at byte 2"},
		{"{ \"a\": 1 }\n{ \"a\": 2 }\n", "behind the value, at byte 11"},
		{"{} x", "behind the value, at byte 3"},
		{"[] // said", "behind the value, at byte 3"},
		{"[],", "behind the value, at byte 2"},
		{"7 7", "behind the value, at byte 2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char why[200] = "";
		struct json_object *value =
			read_json(cases[i].text, strlen(cases[i].text), why,
				  sizeof(why));

		assert_int_equal(value == NULL, cases[i].why != NULL);
		if (cases[i].why)
			assert_non_null(strstr(why, cases[i].why));
		json_object_put(value);
	}
	{
		char why[200] = "";

		assert_null(read_json("{}\0{}", 5, why, sizeof(why)));
		assert_non_null(strstr(why, "at byte 2"));
	}
}

/* Few bytes that would be much memory. */
static void many_parts(void **state)
{
	const size_t bytes = (size_t)2 << 20;
	char *text = malloc(bytes);
	char why[200] = "";

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i + 3 < bytes; i += 3)
		memcpy(text + i, "[],", sizeof("[],"));
	text[0] = '[';
	assert_null(read_json(text, bytes, why, sizeof(why)));
	assert_non_null(strstr(why, "too many parts"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(sizes),
		cmocka_unit_test(json),
		cmocka_unit_test(many_parts),
	};

	return cmocka_run_group_tests_name("input_file", tests, NULL, NULL);
}
