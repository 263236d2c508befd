// SPDX-License-Identifier: GPL-2.0-only
/*
 * string.c - memory and strings
 */
#include "lib/string.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
	void *result = to;

	__asm__ volatile("rep movsb"
			 : "+D"(to), "+S"(from), "+c"(bytes)
			 :
			 : "memory");
	return result;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if ((uintptr_t)to <= (uintptr_t)from)
		return memcpy(to, from, bytes);
	t += bytes;
	f += bytes;
	while (bytes--) {
		*--t = *--f;
		/* Keeps the compiler from calling memmove here. */
		__asm__ volatile("" : : : "memory");
	}
	return to;
}

void *memset(void *to, int byte, size_t bytes)
{
	void *result = to;

	__asm__ volatile("rep stosb"
			 : "+D"(to), "+c"(bytes)
			 : "a"(byte)
			 : "memory");
	return result;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const uint8_t *x = a, *y = b;

	for (; bytes; bytes--, x++, y++) {
		if (*x != *y)
			return *x < *y ? -1 : 1;
	}
	return 0;
}

void string_copy(char *to, const char *from, size_t bytes)
{
	for (; bytes > 1 && *from; bytes--)
		*to++ = *from++;
	if (bytes)
		*to = '\0';
}

bool string_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

size_t string_length(const char *s)
{
	size_t length = 0;

	while (s[length])
		length++;
	return length;
}

const char *string_after(const char *s, const char *prefix)
{
	for (; *prefix; s++, prefix++) {
		if (*s != *prefix)
			return NULL;
	}
	return s;
}

bool string_number(const char *s, uint32_t *value)
{
	uint32_t number = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		uint32_t digit = (uint32_t)(*s - '0');

		if (digit > 9 || number > (UINT32_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*value = number;
	return true;
}
