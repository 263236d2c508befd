// SPDX-License-Identifier: GPL-2.0-only
#include "sample_stats.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OUTSIDE_ON_A_SIDE	0.025

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Each sample lies below the median with probability 1/2, so how many of them do
 * is binomial: the tail up to rank lo may weigh 2.5 % at most.
 */
void sample_ci95_ranks(size_t nr, size_t *lo, size_t *hi)
{
	double tail = 0;
	size_t rank = 0;

	for (; rank < nr / 2; rank++) {
		tail += exp(lgamma((double)nr + 1) - lgamma((double)rank + 1) -
			    lgamma((double)(nr - rank) + 1) -
			    (double)nr * log(2));
		if (tail > OUTSIDE_ON_A_SIDE)
			break;
	}
	/* The tail up to rank - 1 was light enough. */
	*lo = rank ? rank - 1 : 0;
	*hi = nr - 1 - *lo;
}

static double median_of(const double *sorted, size_t nr)
{
	return (sorted[(nr - 1) / 2] + sorted[nr / 2]) / 2;
}

static struct interval ci95_of(const double *sorted, size_t nr)
{
	size_t lo, hi;

	sample_ci95_ranks(nr, &lo, &hi);
	return (struct interval){ sorted[lo], sorted[hi] };
}

static double *allocate(size_t nr)
{
	double *values = calloc(nr, sizeof(*values));

	if (!values)
		err(EXIT_FAILURE, "memory");
	return values;
}

void sample_stats(struct sample_stats *stats, const double *samples, size_t nr)
{
	double *sorted = allocate(nr);

	memcpy(sorted, samples, nr * sizeof(*sorted));
	qsort(sorted, nr, sizeof(*sorted), compare);
	stats->min = sorted[0];
	stats->median = median_of(sorted, nr);
	stats->p95 = sorted[(nr * 95 + 99) / 100 - 1];
	stats->ci95 = ci95_of(sorted, nr);
	free(sorted);
}

bool sample_ratio(struct sample_ratio *ratio, const double *samples,
		  const double *base, size_t nr)
{
	double *ratios;
	size_t i;

	if (!nr)
		return false;
	ratios = allocate(nr);
	for (i = 0; i < nr && base[i] > 0; i++)
		ratios[i] = samples[i] / base[i];
	if (i == nr) {
		qsort(ratios, nr, sizeof(*ratios), compare);
		ratio->median = median_of(ratios, nr);
		ratio->ci95 = ci95_of(ratios, nr);
	}
	free(ratios);
	return i == nr;
}
