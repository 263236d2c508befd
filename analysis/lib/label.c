// SPDX-License-Identifier: GPL-2.0-only
#include "label.h"

#include <stdarg.h>
#include <stdio.h>

void print_label(const char *label, const char *format, ...)
{
	va_list args;

	printf("%-*s ", LABEL_WIDTH, label);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}
