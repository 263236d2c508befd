// SPDX-License-Identifier: GPL-2.0-only
#include "perf_report.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/json.h"
#include "lib/label.h"
#include "perf_samples.h"
#include "trace/run_info.h"
#include "vmiprof.h"

#define NS_PER_S	1000000000
#define SYMBOLS_SHOWN	5

/* Rows that are no calls, behind those that are. */
enum {
	ROW_BETWEEN = VMI_NR_SLOTS,	/* calls of the guest, no call itself */
	ROW_OUTSIDE,			/* before the first call, behind the last */
	ROW_LEFT_OUT,			/* calls that the filter leaves out */
	NR_ROWS
};

struct row {
	int nr;
	uint64_t samples;
	uint64_t near_edge;		/* of these, within the clock's error */
	uint64_t *by_symbol;		/* [nr_symbols], NULL: no samples */
};

struct perf_tally {
	const struct perf_report_request *request;
	const struct perf_samples *samples;
	int64_t *ticks;			/* of the samples, by the guest's TSC */
	uint64_t error_ticks;
	size_t next;			/* first sample that has no row */
	int64_t last;			/* end of the call before */
	bool begun;
	struct row row[NR_ROWS];
};

static const char *row_name(const struct row *row)
{
	switch (row->nr) {
	case ROW_BETWEEN:
		return "between calls";
	case ROW_OUTSIDE:
		return "outside";
	case ROW_LEFT_OUT:
		return "left out";
	default:
		return call_table[row->nr].name;
	}
}

static bool is_near(const struct perf_tally *tally, int64_t ticks, int64_t edge)
{
	uint64_t apart = ticks > edge ? (uint64_t)ticks - (uint64_t)edge
				      : (uint64_t)edge - (uint64_t)ticks;

	return apart <= tally->error_ticks;
}

static void add(struct perf_tally *tally, int nr, bool near_edge)
{
	const struct perf_samples *samples = tally->samples;
	struct row *row = &tally->row[nr];

	if (!row->by_symbol) {
		row->by_symbol = calloc(samples->nr_symbols,
					sizeof(*row->by_symbol));
		if (!row->by_symbol)
			err(EXIT_FAILURE, "memory");
	}
	row->samples++;
	row->near_edge += near_edge;
	row->by_symbol[samples->sample[tally->next++].symbol]++;
}

/* The samples up to the end of a call: in it, or between it and the one before. */
static void add_up_to(struct perf_tally *tally, int nr, int64_t begin,
		      int64_t end)
{
	while (tally->next < tally->samples->nr &&
	       tally->ticks[tally->next] <= end) {
		int64_t at = tally->ticks[tally->next];

		if (at >= begin)
			add(tally, nr, is_near(tally, at, begin) ||
					       is_near(tally, at, end));
		else if (tally->begun)
			add(tally, ROW_BETWEEN,
			    is_near(tally, at, begin) ||
				    is_near(tally, at, tally->last));
		else
			add(tally, ROW_OUTSIDE, is_near(tally, at, begin));
	}
	tally->last = end;
	tally->begun = true;
}

static void visit(void *arg, const struct trace_packet *packet)
{
	struct perf_tally *tally = arg;
	const struct trace_filter *filter = &tally->request->filter;
	struct filter_window window;
	bool passes = filter_packet(filter, packet, &window);

	for (const char *p = packet->begin; p < packet->end;
	     p += trace_record_bytes(p)) {
		const struct vmi_record *record = (const struct vmi_record *)p;
		int64_t end = (int64_t)(packet->epoch | record->time);
		unsigned int nr = trace_record_call(record);
		int64_t cycles = (int64_t)(trace_record_cycles(record) &
					   INT64_MAX);
		bool shown = passes &&
			     (window.all ||
			      filter_record(filter, &window, record));

		add_up_to(tally, shown ? (int)nr : ROW_LEFT_OUT,
			  end > cycles ? end - cycles : 0, end);
	}
}

/* run.json may say anything: what is out of bounds becomes the bound. */
static int64_t to_ticks(__int128 ns, uint64_t hz)
{
	const __int128 most = INT64_MAX;
	__int128 seconds = ns / NS_PER_S;
	__int128 ticks;

	/* Less than 2^35 seconds, times 2^64, and as much for the rest. */
	ticks = seconds * hz + ns % NS_PER_S * hz / NS_PER_S;
	if (ticks > most)
		return INT64_MAX;
	return ticks < -most ? -INT64_MAX : (int64_t)ticks;
}

/* Into ticks of the guest; times before its counter was 0 are negative. */
static void convert(struct perf_tally *tally, const struct run_info *info,
		    uint64_t hz)
{
	const struct perf_samples *samples = tally->samples;

	tally->ticks = calloc(samples->nr + 1, sizeof(*tally->ticks));
	if (!tally->ticks)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < samples->nr; i++)
		tally->ticks[i] = to_ticks((__int128)samples->sample[i].ns -
						   info->clock_offset_ns,
					   hz);
	tally->error_ticks = (uint64_t)((unsigned __int128)info->clock_error_ns *
					hz / NS_PER_S);
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	return (left->samples < right->samples) -
	       (left->samples > right->samples);
}

/* The symbol with most samples, taken out; false when none is left. */
static bool next_symbol(struct row *row, size_t nr_symbols, size_t *symbol,
			uint64_t *samples)
{
	*samples = 0;
	for (size_t i = 0; i < nr_symbols; i++) {
		if (row->by_symbol[i] > *samples) {
			*samples = row->by_symbol[i];
			*symbol = i;
		}
	}
	if (*samples)
		row->by_symbol[*symbol] = 0;
	return *samples;
}

static void print_row(const struct perf_tally *tally, struct row *row)
{
	const struct perf_samples *samples = tally->samples;
	size_t symbol = 0;
	uint64_t nr;

	printf("\n%-20s %9" PRIu64 " %6.2f%% %10" PRIu64 "\n", row_name(row),
	       row->samples, 100.0 * (double)row->samples / (double)samples->nr,
	       row->near_edge);
	for (int i = 0; i < SYMBOLS_SHOWN; i++) {
		if (!next_symbol(row, samples->nr_symbols, &symbol, &nr))
			break;
		printf("  %8.2f%%  %s (%s)\n",
		       100.0 * (double)nr / (double)row->samples,
		       samples->symbol[symbol].name,
		       samples->symbol[symbol].dso);
	}
}

static void print_table(struct perf_tally *tally, const struct run_info *info)
{
	uint64_t in_calls = 0, near_edge = 0;
	size_t shown = 0;

	for (int i = 0; i < VMI_NR_SLOTS; i++) {
		in_calls += tally->row[i].samples;
		near_edge += tally->row[i].near_edge;
	}
	print_label("trace", "%s", tally->request->dir);
	print_label("samples", "%zu of %s, %" PRIu64 " of them in calls shown",
		    tally->samples->nr, tally->samples->event, in_calls);
	print_label("clock", "error up to %.3f us: %" PRIu64
		    " of these %" PRIu64 " lie as near to the edge of their call",
		    (double)info->clock_error_ns / 1e3, near_edge, in_calls);
	qsort(tally->row, NR_ROWS, sizeof(*tally->row), compare_rows);
	printf("\n%-20s %9s %7s %10s\n", "call", "samples", "share",
	       "near edge");
	for (int i = 0; i < NR_ROWS && tally->row[i].samples; i++) {
		if (tally->row[i].nr < VMI_NR_SLOTS &&
		    shown++ >= tally->request->limit)
			continue;
		print_row(tally, &tally->row[i]);
	}
}

static struct json_object *row_object(const struct perf_tally *tally,
				      struct row *row)
{
	const struct perf_samples *samples = tally->samples;
	struct json_object *object = json_object_new_object();
	struct json_object *symbols = json_object_new_array();
	size_t symbol = 0;
	uint64_t nr;

	json_add_text(object, row->nr < VMI_NR_SLOTS ? "call" : "other",
		      row_name(row));
	json_add(object, "samples", json_object_new_uint64(row->samples));
	json_add(object, "near_edge", json_object_new_uint64(row->near_edge));
	while (next_symbol(row, samples->nr_symbols, &symbol, &nr)) {
		struct json_object *one = json_object_new_object();

		json_add_text(one, "symbol", samples->symbol[symbol].name);
		json_add_text(one, "dso", samples->symbol[symbol].dso);
		json_add(one, "samples", json_object_new_uint64(nr));
		json_object_array_add(symbols, one);
	}
	json_add(object, "symbols", symbols);
	return object;
}

static void print_json(struct perf_tally *tally, const struct run_info *info)
{
	struct json_object *root = json_object_new_object();
	struct json_object *rows = json_object_new_array();

	json_add_text(root, "format", "vmiprof-perf");
	json_add(root, "version", json_object_new_int(1));
	json_add_text(root, "trace", tally->request->dir);
	json_add_text(root, "event", tally->samples->event);
	json_add(root, "samples", json_object_new_uint64(tally->samples->nr));
	json_add(root, "clock_error_ns",
		 json_object_new_uint64(info->clock_error_ns));
	qsort(tally->row, NR_ROWS, sizeof(*tally->row), compare_rows);
	for (int i = 0; i < NR_ROWS && tally->row[i].samples; i++)
		json_object_array_add(rows,
				      row_object(tally, &tally->row[i]));
	json_add(root, "rows", rows);
	puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_SPACED));
	json_object_put(root);
}

/* Attribute all samples and print. */
static int tell(struct trace *trace, const struct run_info *info,
		const struct perf_samples *samples,
		const struct perf_report_request *request)
{
	struct perf_tally tally = { .request = request, .samples = samples };

	for (int i = 0; i < NR_ROWS; i++)
		tally.row[i].nr = i;
	convert(&tally, info, trace->clock_hz);
	trace_read(trace, visit, &tally);
	while (tally.next < samples->nr)
		add(&tally, ROW_OUTSIDE, false);
	if (samples->nr_bad)
		problems_add(&trace->problems,
			     "%s/run/perf.data: %zu lines of perf script are not of the expected form",
			     request->dir, samples->nr_bad);
	if (request->json)
		print_json(&tally, info);
	else
		print_table(&tally, info);
	for (int i = 0; i < NR_ROWS; i++)
		free(tally.row[i].by_symbol);
	free(tally.ticks);
	problems_close(&trace->problems);
	return trace->problems.nr ? VMIPROF_PARTIAL : VMIPROF_OK;
}

static int with_trace(struct trace *trace,
		      const struct perf_report_request *request)
{
	struct run_info *info = run_info_read(request->dir, &trace->problems);
	struct perf_samples *samples = NULL;
	int status = VMIPROF_ERROR;
	char *path;

	if (asprintf(&path, "%s/run/perf.data", request->dir) < 0)
		err(EXIT_FAILURE, "memory");
	if (!info->clock_known)
		warnx("%s: samples and calls cannot be brought together: the guest's clock is not mapped to the host's%s%s",
		      request->dir, info->clock_how ? ": " : "",
		      info->clock_how ? info->clock_how : "");
	else
		samples = perf_samples_read(path);
	if (samples && !samples->nr)
		warnx("%s: holds no samples", path);
	else if (samples)
		status = tell(trace, info, samples, request);
	if (samples)
		perf_samples_free(samples);
	free(path);
	run_info_free(info);
	return status;
}

int perf_report(const struct perf_report_request *request)
{
	struct trace *trace = trace_open(request->dir);
	int status;

	if (!trace)
		return VMIPROF_ERROR;
	status = with_trace(trace, request);
	trace_close(trace);
	return status;
}
