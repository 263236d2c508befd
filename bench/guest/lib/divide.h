/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * divide.h - 64 by 32 bits, without the compiler's library
 */
#ifndef GUEST_DIVIDE_H
#define GUEST_DIVIDE_H

#include <stdint.h>

/* Leaves the quotient in *value and returns the rest. */
static inline uint32_t divide(uint64_t *value, uint32_t by)
{
	uint32_t high = (uint32_t)(*value >> 32);
	uint32_t low = (uint32_t)*value;
	uint32_t rest = high % by;

	/* The rest is below the divisor, so the low quotient fits. */
	high /= by;
	__asm__("divl %2" : "+a"(low), "+d"(rest) : "r"(by) : "cc");
	*value = (uint64_t)high << 32 | low;
	return rest;
}

#endif /* GUEST_DIVIDE_H */
