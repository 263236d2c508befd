// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <stdio.h>
#include <string.h>

void text_vappend(char *text, size_t bytes, const char *format, va_list args)
{
	size_t used = strnlen(text, bytes);

	/* A message that is cut is still the message. */
	(void)vsnprintf(text + used, bytes - used, format, args);
}

void text_append(char *text, size_t bytes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vappend(text, bytes, format, args);
	va_end(args);
}

void text_set(char *text, size_t bytes, const char *format, ...)
{
	va_list args;

	if (!bytes)
		return;
	text[0] = '\0';
	va_start(args, format);
	text_vappend(text, bytes, format, args);
	va_end(args);
}
