/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * problems.h - what was wrong with the input, told at once and kept
 *
 * A report over a damaged trace shows what could be read, and repeats at its
 * end what could not.
 */
#ifndef PROBLEMS_H
#define PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

/* A file that is garbage all over should not fill the screen. */
#define PROBLEMS_KEPT	20

struct problems {
	size_t nr;			/* all, kept or not */
	bool quiet;			/* kept only, told by problems_take() */
	char *text[PROBLEMS_KEPT];
};

/* Print a problem on stderr, and keep it; of many only the first ones. */
void problems_add(struct problems *problems, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* How many are kept. */
size_t problems_kept(const struct problems *problems);

/* Tell and keep those that `from` has kept without telling; its nr adds up. */
void problems_take(struct problems *problems, const struct problems *from);

/* Say on stderr how many were left out, if any. */
void problems_close(const struct problems *problems);

void problems_free(struct problems *problems);

#endif /* PROBLEMS_H */
