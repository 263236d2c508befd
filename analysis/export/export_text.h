/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * export_text.h - numbers and texts as other tools read them, fast
 *
 * A hundred million events are written number by number, so these do not go
 * through printf().  One thread writes; errors stay in the FILE.
 */
#ifndef EXPORT_TEXT_H
#define EXPORT_TEXT_H

#include <stdint.h>
#include <stdio.h>

static inline void put_text(FILE *out, const char *text)
{
	(void)fputs_unlocked(text, out);
}

static inline void put_char(FILE *out, char c)
{
	(void)putc_unlocked(c, out);
}

void put_number(FILE *out, uint64_t value);

/* At least so many digits. */
void put_hex(FILE *out, uint64_t value, int digits);

/* value / 10^decimals, with so many decimals: at most 9. */
void put_fixed(FILE *out, uint64_t value, int decimals);

/* A JSON string with its quotes. */
void put_json(FILE *out, const char *text);

/* A field of CSV by RFC 4180, in quotes where it needs them. */
void put_csv(FILE *out, const char *text);

/* The value of a label, with its quotes, as OpenMetrics escapes it. */
void put_label(FILE *out, const char *text);

#endif /* EXPORT_TEXT_H */
