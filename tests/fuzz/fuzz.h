/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.h - what the fuzz targets share: input as a stream of numbers, and files
 *
 * A target is built with clang's libFuzzer and the sanitizers.  It looks for more
 * than crashes: each says what must hold whatever the input is.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <err.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run as a crash does, with the reason. */
#define must_hold(condition)                                                   \
	do {                                                                   \
		if (!(condition)) {                                            \
			(void)fprintf(stderr, "%s:%d: does not hold: %s\n",    \
				      __FILE__, __LINE__, #condition);         \
			abort();                                               \
		}                                                              \
	} while (0)

struct fuzz_input {
	const uint8_t *data;
	size_t left;
};

/* The next `bytes` bytes as a number, little-endian; what is missing is 0. */
static inline uint32_t fuzz_take(struct fuzz_input *input, size_t bytes)
{
	uint32_t value = 0;
	size_t nr = bytes < input->left ? bytes : input->left;

	memcpy(&value, input->data, nr);
	input->data += nr;
	input->left -= nr;
	return value;
}

/* Up to `bytes` bytes as they are; how many goes to *nr. */
static inline const uint8_t *fuzz_bytes(struct fuzz_input *input, size_t bytes,
					size_t *nr)
{
	const uint8_t *data = input->data;

	*nr = bytes < input->left ? bytes : input->left;
	input->data += *nr;
	input->left -= *nr;
	return data;
}

/*
 * Write the file `name` in a directory of this process, which has one named
 * "run", too.  Returns its path; of the directory itself for "".
 */
static inline const char *fuzz_file(const char *name, const void *data,
				    size_t bytes)
{
	static char path[4][200];
	static unsigned int next;
	const char *top = getenv("TMPDIR");
	char *p = path[next++ % 4];
	char dir[120];
	FILE *file;

	(void)snprintf(dir, sizeof(dir), "%.80s/vmiprof-fuzz-%d",
		       top ? top : "/tmp", (int)getpid());
	(void)snprintf(p, sizeof(path[0]), "%s/run", dir);
	(void)mkdir(dir, 0700);
	(void)mkdir(p, 0700);
	(void)snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	if (!*name)
		return p;
	file = fopen(p, "we");
	if (!file || fwrite(data, 1, bytes, file) != bytes || fclose(file))
		err(EXIT_FAILURE, "%s", p);
	return p;
}

#endif /* FUZZ_H */
