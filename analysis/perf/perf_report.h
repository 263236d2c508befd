/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * perf_report.h - where the host spent the time of each call of a trace
 *
 * A sample belongs to the call that the vCPU was in: from its time stamp less its
 * cycles to its time stamp, brought to the host's clock.
 */
#ifndef PERF_REPORT_H
#define PERF_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/filter.h"

struct perf_report_request {
	const char *dir;
	struct trace_filter filter;
	size_t limit;			/* calls to show at most */
	bool json;
};

/* Print it.  Returns an exit status of vmiprof.h. */
int perf_report(const struct perf_report_request *request);

#endif /* PERF_REPORT_H */
