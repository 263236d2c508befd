// SPDX-License-Identifier: GPL-2.0-only
#include "bench_run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/text.h"

bool bench_run_failed(struct bench_run *run, const char *format, ...)
{
	va_list args;

	run->failure[0] = '\0';
	va_start(args, format);
	text_vappend(run->failure, sizeof(run->failure), format, args);
	va_end(args);
	return false;
}

char *bench_run_file(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	return path;
}
