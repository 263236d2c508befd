/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tap.c - what prove reads
 */
#include <stdarg.h>
#include <stdio.h>

#include "recorder.h"

static unsigned int run, failed;

bool ok(bool condition, const char *format, ...)
{
	va_list args;

	run++;
	if (!condition)
		failed++;
	printf("%sok %u - ", condition ? "" : "not ", run);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return condition;
}

void diag(const char *format, ...)
{
	va_list args;

	fputs("# ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int done_testing(void)
{
	printf("1..%u\n", run);
	return failed != 0;
}
