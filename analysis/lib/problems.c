// SPDX-License-Identifier: GPL-2.0-only
#include "problems.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "text.h"

void problems_add(struct problems *problems, const char *format, ...)
{
	va_list args;
	char *text;

	problems->nr++;
	if (problems->nr > PROBLEMS_KEPT)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		err(EXIT_FAILURE, "memory");
	va_end(args);
	text_clean(text);
	problems->text[problems->nr - 1] = text;
	if (!problems->quiet)
		warnx("%s", text);
}

void problems_take(struct problems *problems, const struct problems *from)
{
	for (size_t i = 0; i < problems_kept(from); i++)
		problems_add(problems, "%s", from->text[i]);
	problems->nr += from->nr - problems_kept(from);
}

size_t problems_kept(const struct problems *problems)
{
	return problems->nr < PROBLEMS_KEPT ? problems->nr : PROBLEMS_KEPT;
}

void problems_close(const struct problems *problems)
{
	if (problems->nr > PROBLEMS_KEPT)
		warnx("and %zu problems more", problems->nr - PROBLEMS_KEPT);
}

void problems_free(struct problems *problems)
{
	for (size_t i = 0; i < problems_kept(problems); i++)
		free(problems->text[i]);
	problems->nr = 0;
}
