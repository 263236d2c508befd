// SPDX-License-Identifier: GPL-2.0-only
#include "filter.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/text.h"

/* No letters: these are the subcommand's own to give. */
enum { KEY_CALL = 0x100, KEY_VCPU, KEY_FROM, KEY_TO };

static const struct argp_option option_list[] = {
	{"call", KEY_CALL, "NAME,...", 0, "Only these VMI calls", 0},
	{"vcpu", KEY_VCPU, "LIST", 0,
	 "Only these vCPUs: numbers and ranges, 0,2-3", 0},
	{"from", KEY_FROM, "TIME", 0,
	 "Only calls done at or after TIME: seconds since the trace's begin, "
	 "or @ and a guest time stamp (TSC)",
	 0},
	{"to", KEY_TO, "TIME", 0, "Only calls done before TIME", 0},
	{0}};

static void parse_calls(struct argp_state *state, struct trace_filter *filter,
			const char *arg)
{
	char *copy = strdup(arg), *rest = copy, *name;

	if (!copy)
		argp_failure(state, EXIT_FAILURE, errno, "memory");
	while ((name = strsep(&rest, ","))) {
		int nr = call_by_name(name);

		if (nr < 0)
			argp_error(
				state,
				"--call: found '%s', expected the name of a "
				"VMI call ('vmiprof rom --slots' lists them)",
				name);
		else
			filter->call[nr] = true;
	}
	filter->calls_given = true;
	free(copy);
}

/* A number at *text, which ends up behind it; false: there is none. */
static bool get_vcpu(const char **text, unsigned long *vcpu)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*vcpu = strtoul(*text, &end, 10);
	*text = end;
	return !errno && *vcpu <= TRACE_VCPU_MAX;
}

/* "0,2-3" */
static bool parse_vcpus(struct trace_filter *filter, const char *text)
{
	filter->vcpus_given = true;
	for (;;) {
		unsigned long first, last;

		if (!get_vcpu(&text, &first))
			return false;
		last = first;
		if (*text == '-') {
			text++;
			if (!get_vcpu(&text, &last) || last < first)
				return false;
		}
		while (first <= last)
			filter->vcpu[first++] = true;
		if (!*text)
			return true;
		if (*text++ != ',')
			return false;
	}
}

/* "1.5", "1.5s", "20ms", "@123456" */
static bool parse_time(struct filter_time *time, const char *text)
{
	static const struct {
		const char *suffix;
		double seconds;
	} units[] = {
		{"", 1}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}};
	const size_t nr_units = sizeof(units) / sizeof(units[0]);
	char *end;

	time->given = true;
	time->is_stamp = *text == '@';
	if (time->is_stamp)
		text++;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	if (time->is_stamp) {
		time->stamp = strtoull(text, &end, 10);
		return !errno && !*end;
	}
	time->seconds = strtod(text, &end);
	for (size_t i = 0; i < nr_units; i++) {
		if (strcmp(end, units[i].suffix) != 0)
			continue;
		time->seconds *= units[i].seconds;
		return isfinite(time->seconds);
	}
	return false;
}

/* Both of the same kind and in the wrong order leave nothing. */
static void check_order(struct argp_state *state,
			const struct trace_filter *filter)
{
	const struct filter_time *from = &filter->from, *to = &filter->to;

	if (!from->given || !to->given || from->is_stamp != to->is_stamp)
		return;
	if (from->is_stamp ? from->stamp >= to->stamp
			   : from->seconds >= to->seconds)
		argp_error(state, "--from and --to: found an empty span, "
				  "expected --to to be later");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct trace_filter *filter = state->input;

	switch (key) {
	case KEY_CALL:
		parse_calls(state, filter, arg);
		return 0;
	case KEY_VCPU:
		if (!parse_vcpus(filter, arg))
			argp_error(state,
				   "--vcpu=%s: expected numbers and ranges "
				   "from 0 to %d, like 0,2-3",
				   arg, TRACE_VCPU_MAX);
		return 0;
	case KEY_FROM:
	case KEY_TO:
		if (!parse_time(key == KEY_FROM ? &filter->from : &filter->to,
				arg))
			argp_error(state,
				   "--%s=%s: expected seconds since the "
				   "trace's begin, like 1.5 or 20ms, or a time "
				   "stamp, like @123456",
				   key == KEY_FROM ? "from" : "to", arg);
		return 0;
	case ARGP_KEY_END:
		check_order(state, filter);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp filter_argp = {
	.options = option_list,
	.parser = parse,
};

bool filter_given(const struct trace_filter *filter)
{
	return filter->calls_given || filter->vcpus_given ||
	       filter->from.given || filter->to.given;
}

static void time_text(const char *before, const struct filter_time *time,
		      char *text, size_t bytes)
{
	if (!time->given)
		return;
	text_append(text, bytes, "%s%s ", *text ? "; " : "", before);
	if (time->is_stamp)
		text_append(text, bytes, "time stamp %" PRIu64, time->stamp);
	else
		text_append(text, bytes, "%g s", time->seconds);
}

void filter_text(const struct trace_filter *filter, char *text, size_t bytes)
{
	const char *before = "calls ";

	*text = '\0';
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (!filter->call[nr])
			continue;
		text_append(text, bytes, "%s%s", before, call_table[nr].name);
		before = ", ";
	}
	before = *text ? "; vCPUs " : "vCPUs ";
	for (unsigned int vcpu = 0; vcpu <= TRACE_VCPU_MAX; vcpu++) {
		if (!filter->vcpu[vcpu])
			continue;
		text_append(text, bytes, "%s%u", before, vcpu);
		before = ", ";
	}
	time_text("from", &filter->from, text, bytes);
	time_text("before", &filter->to, text, bytes);
}

static uint64_t time_stamp(const struct filter_time *time,
			   const struct trace_stream *stream)
{
	const double ticks = time->seconds * (double)stream->clock_hz;

	if (time->is_stamp)
		return time->stamp;
	if (ticks >= (double)(UINT64_MAX - stream->time_begin))
		return UINT64_MAX;
	return stream->time_begin + (uint64_t)ticks;
}

void filter_times(const struct trace_filter *filter,
		  const struct trace_stream *stream, uint64_t *from,
		  uint64_t *to)
{
	*from = filter->from.given ? time_stamp(&filter->from, stream) : 0;
	*to = filter->to.given ? time_stamp(&filter->to, stream) : UINT64_MAX;
}

bool filter_packet(const struct trace_filter *filter,
		   const struct trace_packet *packet,
		   struct filter_window *window)
{
	const struct vmi_packet *header = packet->header;

	window->epoch = packet->epoch;
	filter_times(filter, packet->stream, &window->from, &window->to);
	window->all = !filter->calls_given &&
		      header->time_begin >= window->from &&
		      header->time_end < window->to;
	return (!filter->vcpus_given || filter->vcpu[packet->stream->vcpu]) &&
	       header->time_end >= window->from &&
	       header->time_begin < window->to;
}
