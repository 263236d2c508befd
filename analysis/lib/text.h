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
 * Make text from outside fit to be printed, or put into JSON, XML or a script of
 * gnuplot: control characters, marks of direction, what is no character and what
 * is not UTF-8 become '?'.
 */
void text_clean(char *text);

/* A copy made so, to be freed; NULL of NULL. */
char *text_clean_copy(const char *text);

/* The same of many lines: line ends and tabs stay. */
void text_clean_lines(char *text);

/*
 * The same of a part of a stream, as what goes to a terminal line by line.
 * Returns how many bytes are done: a character that is not all here comes with
 * the next part.  Behind the bytes there is room for a NUL, which is one.
 */
size_t text_clean_stream(char *text, size_t bytes);

#endif /* TEXT_H */
