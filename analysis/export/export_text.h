/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * export_text.h - numbers and texts as other tools read them, fast
 *
 * A hundred million events are written piece by piece, so pieces go neither
 * through printf() nor, one by one, through stdio: that took half of the time.
 */
#ifndef EXPORT_TEXT_H
#define EXPORT_TEXT_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT_OUT_BYTES ((size_t)1 << 16)

/* Errors stay in the file, to be asked for with ferror(). */
struct export_out {
	FILE *file;
	size_t used;
	char text[EXPORT_OUT_BYTES];
};

/* Hand to the file what is in the buffer. */
void put_flush(struct export_out *out);

static inline void put_bytes(struct export_out *out, const char *text,
			     size_t bytes)
{
	if (bytes > EXPORT_OUT_BYTES - out->used) {
		put_flush(out);
		if (bytes > EXPORT_OUT_BYTES) {
			(void)fwrite(text, 1, bytes, out->file);
			return;
		}
	}
	memcpy(out->text + out->used, text, bytes);
	out->used += bytes;
}

static inline void put_text(struct export_out *out, const char *text)
{
	put_bytes(out, text, strlen(text));
}

static inline void put_char(struct export_out *out, char c)
{
	if (out->used == EXPORT_OUT_BYTES)
		put_flush(out);
	out->text[out->used++] = c;
}

/* As printf(); for what is not written for each event. */
void put_format(struct export_out *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void put_number(struct export_out *out, uint64_t value);

/* At least so many digits. */
void put_hex(struct export_out *out, uint64_t value, int digits);

/* value / 10^decimals, with so many decimals: at most 9. */
void put_fixed(struct export_out *out, uint64_t value, int decimals);

/* A JSON string with its quotes. */
void put_json(struct export_out *out, const char *text);

/* A field of CSV by RFC 4180, in quotes where it needs them. */
void put_csv(struct export_out *out, const char *text);

/* The value of a label, with its quotes, as OpenMetrics escapes it. */
void put_label(struct export_out *out, const char *text);

#endif /* EXPORT_TEXT_H */
