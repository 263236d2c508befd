// SPDX-License-Identifier: GPL-2.0-only
#include "export_text.h"

#include <stdarg.h>
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

static void put_digits(struct export_out *out, const char *from,
		       const char *end)
{
	put_bytes(out, from, (size_t)(end - from));
}

void put_flush(struct export_out *out)
{
	(void)fwrite(out->text, 1, out->used, out->file);
	out->used = 0;
}

void put_format(struct export_out *out, const char *format, ...)
{
	va_list args;

	put_flush(out);
	va_start(args, format);
	(void)vfprintf(out->file, format, args);
	va_end(args);
}

void put_number(struct export_out *out, uint64_t value)
{
	char text[DIGITS_MAX], *end = text + sizeof(text);

	put_digits(out, digits(end, value, 1), end);
}

void put_hex(struct export_out *out, uint64_t value, int least)
{
	char text[DIGITS_MAX], *end = text + sizeof(text), *p = end;

	while (value || end - p < least) {
		*--p = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
	put_digits(out, p, end);
}

void put_fixed(struct export_out *out, uint64_t value, int decimals)
{
	char text[DIGITS_MAX], *end = text + sizeof(text);
	char *first = digits(end, value, decimals + 1);

	put_digits(out, first, end - decimals);
	put_char(out, '.');
	put_digits(out, end - decimals, end);
}

void put_json(struct export_out *out, const char *text)
{
	put_char(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			put_char(out, '\\');
		if ((unsigned char)*text < 0x20)
			put_format(out, "\\u%04x", (unsigned char)*text);
		else
			put_char(out, *text);
	}
	put_char(out, '"');
}

void put_csv(struct export_out *out, const char *text)
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

void put_label(struct export_out *out, const char *text)
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
