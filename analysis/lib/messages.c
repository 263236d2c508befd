// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions of <err.h>, as the C library has them, but for text that a
 * terminal might act on: a message names files, guests and symbols, and whoever
 * made those may have put an escape sequence into the name.  A definition in the
 * program takes precedence over the library's, so that no message goes round.
 */
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* "vmiprof: " and the message, in one write; of an error without memory too. */
static void tell(const char *suffix, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	if (text)
		text_clean_lines(text);
	(void)fprintf(stderr, "%s: %s%s%s\n", program_invocation_short_name,
		      text ? text : format, suffix ? ": " : "",
		      suffix ? suffix : "");
	free(text);
}

void warnx(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(NULL, format, args);
	va_end(args);
}

void warn(const char *format, ...)
{
	const int error = errno;
	va_list args;

	va_start(args, format);
	tell(strerror(error), format, args);
	va_end(args);
}

void errx(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(NULL, format, args);
	va_end(args);
	exit(status);
}

void err(int status, const char *format, ...)
{
	const int error = errno;
	va_list args;

	va_start(args, format);
	tell(strerror(error), format, args);
	va_end(args);
	exit(status);
}
