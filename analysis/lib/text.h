/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text.h - messages in buffers of fixed size, and text that is not trusted
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* Format into text, which has room for so many bytes; cut what is too long. */
void text_set(char *text, size_t bytes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Format behind what text holds already. */
void text_append(char *text, size_t bytes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void text_vappend(char *text, size_t bytes, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* The text, or "not known" for NULL and "". */
const char *or_unknown(const char *text);

/*
 * Make text from outside fit to be printed or put into JSON: control characters
 * and what is not UTF-8 become '?'.
 */
void text_clean(char *text);

#endif /* TEXT_H */
