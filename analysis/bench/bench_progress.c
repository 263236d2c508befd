// SPDX-License-Identifier: GPL-2.0-only
#include "bench_progress.h"

#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/text.h"
#include "lib/tsc.h"

#define NS_PER_S	1000000000ull
#define REWRITE_NS	(NS_PER_S / 4)

void bench_progress_init(struct bench_progress *progress, bool off,
			 unsigned int nr_all)
{
	*progress = (struct bench_progress){
		.off = off,
		.rewrite = isatty(STDERR_FILENO),
		.nr_all = nr_all,
	};
}

void bench_progress_begin(struct bench_progress *progress, const char *platform,
			  const char *label)
{
	progress->nr++;
	progress->begin_ns = clock_ns();
	progress->shown_ns = 0;
	text_set(progress->name, sizeof(progress->name), "[%u/%u] %s: %s",
		 progress->nr, progress->nr_all, platform, label);
	bench_progress_update(progress, 0);
}

static double seconds_since(uint64_t begin_ns, uint64_t now_ns)
{
	return (double)(now_ns - begin_ns) / NS_PER_S;
}

void bench_progress_update(struct bench_progress *progress, size_t nr_cases)
{
	uint64_t now_ns = clock_ns();

	if (progress->off || !progress->rewrite ||
	    now_ns - progress->shown_ns < REWRITE_NS)
		return;
	(void)fprintf(stderr, "\r\033[K%s: %zu cases, %.0f s", progress->name,
		      nr_cases, seconds_since(progress->begin_ns, now_ns));
	progress->shown_ns = now_ns;
}

void bench_progress_end(struct bench_progress *progress, size_t nr_cases,
			const char *failure)
{
	if (progress->rewrite && !progress->off)
		(void)fputs("\r\033[K", stderr);
	if (failure)
		warnx("%s: %zu cases, then: %s", progress->name, nr_cases,
		      failure);
	else if (!progress->off)
		warnx("%s: %zu cases, %.1f s", progress->name, nr_cases,
		      seconds_since(progress->begin_ns, clock_ns()));
}
