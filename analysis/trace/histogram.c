// SPDX-License-Identifier: GPL-2.0-only
#include "histogram.h"

#include <math.h>

/* Buckets of the first two sub-ranges are one value wide. */
uint64_t histogram_low(unsigned int bucket)
{
	unsigned int shift = bucket >> HISTOGRAM_SUB_BITS;

	if (shift)
		shift--;
	return (uint64_t)(bucket - (shift << HISTOGRAM_SUB_BITS)) << shift;
}

uint64_t histogram_high(unsigned int bucket)
{
	unsigned int shift = bucket >> HISTOGRAM_SUB_BITS;

	if (shift)
		shift--;
	return histogram_low(bucket) + ((uint64_t)1 << shift) - 1;
}

void histogram_add(struct histogram *histogram, const struct histogram *other)
{
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram->count[i] += other->count[i];
}

uint64_t histogram_total(const struct histogram *histogram)
{
	uint64_t total = 0;

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		total += histogram->count[i];
	return total;
}

uint64_t histogram_quantile(const struct histogram *histogram, double quantile)
{
	const uint64_t total = histogram_total(histogram);
	uint64_t rank = (uint64_t)ceil(quantile * (double)total);
	uint64_t below = 0;

	if (!total)
		return 0;
	if (!rank)
		rank = 1;
	if (rank > total)
		rank = total;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += histogram->count[i];
		if (below >= rank)
			return histogram_low(i) +
			       (histogram_high(i) - histogram_low(i)) / 2;
	}
	return 0; /* not reached: below ends as total */
}
