/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * string.h - memory and strings, what the compiler and the guest need
 */
#ifndef GUEST_STRING_H
#define GUEST_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

/* Copies at most bytes - 1 characters and always ends the copy with a NUL. */
void string_copy(char *to, const char *from, size_t bytes);
bool string_equal(const char *a, const char *b);
size_t string_length(const char *s);

/*
 * If s starts with prefix, returns what follows, else NULL.
 */
const char *string_after(const char *s, const char *prefix);

/*
 * A decimal number that fills s and fits 32 bits.  Returns false if it is not
 * one; *value is then unchanged.
 */
bool string_number(const char *s, uint32_t *value);

#endif /* GUEST_STRING_H */
