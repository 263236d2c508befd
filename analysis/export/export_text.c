// SPDX-License-Identifier: GPL-2.0-only
#include "export_text.h"

#include <string.h>

#define DIGITS_MAX 24

/* Digits of value in front of end, at least so many; returns the first. */
static char *digits(char *end, uint64_t value, int least)
{
	char *p = end;

	while (value || end - p < least) {
		*--p = (char)('0' + value % 10);
		value /= 10;
	}
	return p;
}

static void put_bytes(FILE *out, const char *from, const char *to)
{
	(void)fwrite_unlocked(from, 1, (size_t)(to - from), out);
}

void put_number(FILE *out, uint64_t value)
{
	char text[DIGITS_MAX], *end = text + sizeof(text);

	put_bytes(out, digits(end, value, 1), end);
}

void put_hex(FILE *out, uint64_t value, int least)
{
	char text[DIGITS_MAX], *end = text + sizeof(text), *p = end;

	while (value || end - p < least) {
		*--p = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
	put_bytes(out, p, end);
}

void put_fixed(FILE *out, uint64_t value, int decimals)
{
	char text[DIGITS_MAX], *end = text + sizeof(text);
	char *first = digits(end, value, decimals + 1);

	put_bytes(out, first, end - decimals);
	put_char(out, '.');
	put_bytes(out, end - decimals, end);
}

void put_json(FILE *out, const char *text)
{
	put_char(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			put_char(out, '\\');
		if ((unsigned char)*text < 0x20)
			(void)fprintf(out, "\\u%04x", (unsigned char)*text);
		else
			put_char(out, *text);
	}
	put_char(out, '"');
}

void put_csv(FILE *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		put_text(out, text);
		return;
	}
	put_char(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			put_char(out, '"');
		put_char(out, *text);
	}
	put_char(out, '"');
}

void put_label(FILE *out, const char *text)
{
	put_char(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			put_char(out, '\\');
		if (*text == '\n')
			put_text(out, "\\n");
		else
			put_char(out, *text);
	}
	put_char(out, '"');
}
