/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * histogram.h - counts of 64-bit values in log-linear buckets
 *
 * Values below 256 have a bucket each and are exact.  Above, every power of two
 * is divided into 128 buckets of equal width; a quantile is the middle of its
 * bucket, so it is off by at most 1/256 of the value (0.4 %).
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB_BITS	7
#define HISTOGRAM_SUB		(1 << HISTOGRAM_SUB_BITS)
#define HISTOGRAM_BUCKETS	((64 - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUB)

struct histogram {
	uint64_t count[HISTOGRAM_BUCKETS];
};

/* Bucket of a value. */
static inline unsigned int histogram_bucket(uint64_t value)
{
	/* The bit below the lowest that a bucket of its own can tell. */
	unsigned int shift =
		63 - HISTOGRAM_SUB_BITS -
		(unsigned int)__builtin_clzll(value | HISTOGRAM_SUB);

	return (shift << HISTOGRAM_SUB_BITS) + (unsigned int)(value >> shift);
}

/* Smallest and largest value of a bucket. */
uint64_t histogram_low(unsigned int bucket);
uint64_t histogram_high(unsigned int bucket);

/* Add the counts of another one. */
void histogram_add(struct histogram *histogram, const struct histogram *other);

uint64_t histogram_total(const struct histogram *histogram);

/*
 * The value of nearest rank: at least `quantile` (0 to 1) of all values are as
 * small as it, to the precision above.  0 when there are no values.
 */
uint64_t histogram_quantile(const struct histogram *histogram, double quantile);

#endif /* HISTOGRAM_H */
