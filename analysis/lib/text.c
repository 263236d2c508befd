// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Of the character of so many bytes, which utf8_bytes() has found. */
static unsigned int code_point(const unsigned char *text, size_t bytes)
{
	static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned int code = text[0] & first_bits[bytes];

	for (size_t i = 1; i < bytes; i++)
		code = code << 6 | (text[i] & 0x3f);
	return code;
}

/*
 * What is not to be shown as it is: controls, which a terminal may act on; marks
 * that turn the direction of what stands around them, or are not seen at all;
 * and what is no character, which XML does not allow.
 */
static bool is_unfit(unsigned int code)
{
	static const struct {
		unsigned int first, last;
	} ranges[] = {
		{0x0000, 0x001f}, {0x007f, 0x009f},   {0x061c, 0x061c},
		{0x180e, 0x180e}, {0x200b, 0x200f},   {0x2028, 0x202e},
		{0x2060, 0x206f}, {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},
		{0xfff9, 0xfffb}, {0xe0000, 0xe007f},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	}
	return (code & 0xfffe) == 0xfffe;
}

/* Clean up to the NUL, or to the end; `kept`: controls that may stay. */
static void clean(unsigned char *p, const unsigned char *end, const char *kept)
{
	while (p < end) {
		const size_t bytes = utf8_bytes(p);

		if (bytes && *p && strchr(kept, *p)) {
			p++;
			continue;
		}
		if (bytes && !is_unfit(code_point(p, bytes))) {
			p += bytes;
			continue;
		}
		/* As many marks as bytes: the length stays. */
		memset(p, '?', bytes ? bytes : 1);
		p += bytes ? bytes : 1;
	}
}

void text_clean(char *text)
{
	clean((unsigned char *)text, (unsigned char *)text + strlen(text), "");
}

char *text_clean_copy(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		err(EXIT_FAILURE, "memory");
	if (copy)
		text_clean(copy);
	return copy;
}

void text_clean_lines(char *text)
{
	clean((unsigned char *)text, (unsigned char *)text + strlen(text),
	      "\n\t");
}

/* Bytes at the end that are the begin of a character. */
static size_t unfinished(const unsigned char *text, size_t bytes)
{
	for (size_t back = 1; back <= 3 && back <= bytes; back++) {
		const unsigned char c = text[bytes - back];

		if (c < 0x80)
			return 0;
		if (c >= 0xc0)
			return back < (c < 0xe0 ? 2u : c < 0xf0 ? 3u : 4u)
				       ? back
				       : 0;
	}
	return 0;
}

size_t text_clean_stream(char *text, size_t bytes)
{
	unsigned char *p = (unsigned char *)text;

	bytes -= unfinished(p, bytes);
	clean(p, p + bytes, "\n\r\t\b");
	return bytes;
}
