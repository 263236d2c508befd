// SPDX-License-Identifier: GPL-2.0-only
#include "progress.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/tsc.h"

#define NS_PER_S	1000000000ull
#define REWRITE_NS	(NS_PER_S / 4)
#define LINE_NS		(5 * NS_PER_S)

const char *with_commas(char *text, uint64_t number)
{
	char digits[21];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	char *to = text;

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}

void progress_begin(struct progress *progress, bool off, bool shared)
{
	uint64_t now_ns = clock_ns();

	*progress = (struct progress){
		.off = off,
		.rewrite = !shared && isatty(STDERR_FILENO),
		.begin_ns = now_ns,
		.shown_ns = now_ns,
	};
}

void progress_update(struct progress *progress, uint64_t now_ns,
		     uint64_t events, uint64_t lost)
{
	uint64_t passed_ns = now_ns - progress->shown_ns;
	char events_text[27], lost_text[27];
	struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };
	double rate;

	if (progress->off ||
	    passed_ns < (progress->rewrite ? REWRITE_NS : LINE_NS))
		return;
	/* Who does not read it must not make the recording wait. */
	if (poll(&ready, 1, 0) != 1)
		return;
	rate = (double)(events - progress->shown_events) * NS_PER_S /
	       (double)passed_ns;
	(void)fprintf(stderr, "%s%.1f s  %s events  %.2f M/s  lost %s%s",
		progress->rewrite ? "\r\033[K" : "vmiprof: ",
		(double)(now_ns - progress->begin_ns) / NS_PER_S,
		with_commas(events_text, events), rate / 1e6,
		with_commas(lost_text, lost), progress->rewrite ? "" : "\n");
	progress->line_open = progress->rewrite;
	progress->shown_ns = now_ns;
	progress->shown_events = events;
}

void progress_clear(struct progress *progress)
{
	if (progress->line_open)
		(void)fputs("\r\033[K", stderr);
	progress->line_open = false;
}
