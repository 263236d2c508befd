// SPDX-License-Identifier: GPL-2.0-only
#include "label.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "text.h"

void print_label(const char *label, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		err(EXIT_FAILURE, "memory");
	va_end(args);
	text_clean(text);
	printf("%-*s %s\n", LABEL_WIDTH, label, text);
	free(text);
}
