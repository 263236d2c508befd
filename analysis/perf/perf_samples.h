/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * perf_samples.h - the samples in a perf.data, as "perf script" tells them
 */
#ifndef PERF_SAMPLES_H
#define PERF_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct perf_sample {
	int64_t ns;		/* CLOCK_MONOTONIC */
	uint32_t symbol;	/* index into perf_samples.symbol */
};

struct perf_symbol {
	char *name;		/* "[unknown]" when there is none */
	char *dso;		/* file name without folders */
};

struct perf_samples {
	size_t nr;
	struct perf_sample *sample;	/* by time */
	size_t nr_symbols;
	struct perf_symbol *symbol;
	char event[64];			/* of the first sample */
	size_t nr_bad;			/* lines that could not be read */
};

/*
 * Read the samples of the file by perf, or what PERF in the environment names.
 * NULL after a message.  To be freed with perf_samples_free().
 */
struct perf_samples *perf_samples_read(const char *path);

void perf_samples_free(struct perf_samples *samples);

#endif /* PERF_SAMPLES_H */
