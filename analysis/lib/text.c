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

const char *or_unknown(const char *text)
{
	return text && *text ? text : "not known";
}

/* Bytes of the UTF-8 character at text, 0: there is none. */
static size_t utf8_bytes(const unsigned char *text)
{
	/* What the first byte announces, and the range of the second. */
	static const struct {
		unsigned char first, last, low, high;
		size_t bytes;
	} forms[] = {
		{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	if (text[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (text[1] < forms[i].low || text[1] > forms[i].high)
			return 0;
		for (size_t n = 2; n < forms[i].bytes; n++) {
			if (text[n] < 0x80 || text[n] > 0xbf)
				return 0;
		}
		return forms[i].bytes;
	}
	return 0;
}

/* U+0000 to U+001F, U+007F to U+009F: a terminal may act on them. */
static int is_control(const unsigned char *text)
{
	return text[0] < 0x20 || text[0] == 0x7f ||
	       (text[0] == 0xc2 && text[1] < 0xa0);
}

void text_clean(char *text)
{
	unsigned char *p = (unsigned char *)text;

	while (*p) {
		size_t bytes = utf8_bytes(p);

		if (!bytes || is_control(p)) {
			*p++ = '?';
			continue;
		}
		p += bytes;
	}
}
