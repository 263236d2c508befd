// SPDX-License-Identifier: GPL-2.0-only
/*
 * OpenMetrics 1.0, and the text format of Prometheus (0.0.4), which
 * node_exporter's textfile collector reads.  They differ in this: a counter's
 * family has no
 * "_total" in OpenMetrics; Prometheus has neither units, nor the type info, nor
 * an end.
 *
 * No time stamps: the textfile collector refuses them.
 */
#include <math.h>
#include <string.h>

#include "export.h"
#include "lib/call_table.h"

/* Powers of two: what a bucket of the aggregating ROM ends at. */
#define NR_BOUNDS (VMI_AGG_BUCKETS - 1)

struct metrics {
	struct export *e;
	bool prometheus;
};

/* Of one call. */
struct call_metrics {
	uint64_t count, interrupted, unmeasured;
	uint64_t unrecorded;
	bool unrecorded_known;
	uint64_t sum_cycles, stolen_cycles, wait_cycles;
	uint64_t at_most[NR_BOUNDS]; /* calls of up to 2^b - 1 cycles */
	uint64_t in_buckets;
};

static void put_family(const struct metrics *m, const char *name,
		       const char *type, const char *unit, const char *help)
{
	const bool counter = !strcmp(type, "counter");
	const char *suffix = m->prometheus && counter ? "_total" : "";
	struct export_out *out = m->e->out;

	put_format(out, "# HELP %s%s %s\n", name, suffix, help);
	put_format(out, "# TYPE %s%s %s\n", name, suffix, type);
	if (unit && !m->prometheus)
		put_format(out, "# UNIT %s %s\n", name, unit);
}

static void put_pair(struct export_out *out, const char *name,
		     const char *value, bool first)
{
	if (!first)
		put_char(out, ',');
	put_text(out, name);
	put_char(out, '=');
	put_label(out, value);
}

/* Those of --label. */
static void put_given_labels(const struct metrics *m)
{
	const struct export *e = m->e;

	for (size_t i = 0; i < e->nr_labels; i++)
		put_pair(e->out, e->labels[i].name, e->labels[i].value, !i);
}

/* The labels of --label, then one more; NULL: there is none. */
static void put_labels(const struct metrics *m, const char *name,
		       const char *value)
{
	const struct export *e = m->e;

	if (!e->nr_labels && !name)
		return;
	put_char(e->out, '{');
	put_given_labels(m);
	if (name)
		put_pair(e->out, name, value, !e->nr_labels);
	put_char(e->out, '}');
}

static void put_sample(const struct metrics *m, const char *name,
		       const char *call, uint64_t value)
{
	put_text(m->e->out, name);
	put_labels(m, call ? "call" : NULL, call);
	put_char(m->e->out, ' ');
	put_number(m->e->out, value);
	put_char(m->e->out, '\n');
}

static void from_totals(struct call_metrics *call,
			const struct call_totals *totals)
{
	call->count = totals->count;
	call->interrupted = totals->interrupted;
	call->sum_cycles = totals->sum_cycles;
	for (int b = 0; b < VMI_AGG_BUCKETS; b++) {
		call->in_buckets += totals->bucket[b];
		if (b < NR_BOUNDS)
			call->at_most[b] = call->in_buckets;
	}
}

static void from_events(struct call_metrics *call, const struct export *e,
			unsigned int nr)
{
	const struct call_stats *stats = &e->profile->stats->call[nr];
	const struct histogram *histogram = &e->profile->stats->histogram[nr];
	unsigned int bucket = 0;

	call->count = stats->count;
	call->interrupted = stats->interrupted;
	call->sum_cycles = stats->cycles;
	call->unmeasured = stats->unmeasured;
	call->stolen_cycles = stats->stolen_cycles;
	call->wait_cycles = stats->wait_cycles;
	/* Buckets end at powers of two, so this is exact. */
	for (unsigned int b = 0; b < NR_BOUNDS; b++) {
		while (bucket < HISTOGRAM_BUCKETS &&
		       histogram_high(bucket) < 1ull << b)
			call->in_buckets += histogram->count[bucket++];
		call->at_most[b] = call->in_buckets;
	}
	while (bucket < HISTOGRAM_BUCKETS)
		call->in_buckets += histogram->count[bucket++];
	if (e->info->counts_known && !e->profile->filtered &&
	    e->info->counted[nr] >= stats->count) {
		call->unrecorded_known = true;
		call->unrecorded = e->info->counted[nr] - stats->count;
	}
}

/* False: the call was not made. */
static bool get_call(struct call_metrics *call, const struct export *e,
		     unsigned int nr)
{
	memset(call, 0, sizeof(*call));
	if (!call_table[nr].name)
		return false;
	if (e->info->totals)
		from_totals(call, &e->info->totals[nr]);
	else
		from_events(call, e, nr);
	return call->count || call->unrecorded;
}

static uint64_t calls_of(const struct call_metrics *call)
{
	return call->count;
}

static uint64_t interrupted_of(const struct call_metrics *call)
{
	return call->interrupted;
}

static uint64_t unmeasured_of(const struct call_metrics *call)
{
	return call->unmeasured;
}

static uint64_t unrecorded_of(const struct call_metrics *call)
{
	return call->unrecorded;
}

static uint64_t stolen_of(const struct call_metrics *call)
{
	return call->stolen_cycles;
}

static uint64_t wait_of(const struct call_metrics *call)
{
	return call->wait_cycles;
}

static void put_counters(const struct metrics *m)
{
	static const struct {
		const char *name, *sample, *unit, *help;
		uint64_t (*value)(const struct call_metrics *call);
	} counters[] = {
		{"vmi_calls", "vmi_calls_total", NULL,
		 "VMI calls in the trace.", calls_of},
		{"vmi_interrupted_calls", "vmi_interrupted_calls_total", NULL,
		 "Of these, calls in which a handler made calls; not in "
		 "vmi_call_cycles.",
		 interrupted_of},
		{"vmi_unmeasured_calls", "vmi_unmeasured_calls_total", NULL,
		 "Calls whose cycles were not measured; not in "
		 "vmi_call_cycles, which has a sample of all.",
		 unmeasured_of},
		{"vmi_unrecorded_calls", "vmi_unrecorded_calls_total", NULL,
		 "VMI calls that the ROM counted and that are not in the "
		 "trace: lost, overwritten or made after its end.",
		 unrecorded_of},
		{"vmi_stolen_cycles", "vmi_stolen_cycles_total", "cycles",
		 "Cycles in which the vCPU was ready but did not run.",
		 stolen_of},
		{"vmi_wait_cycles", "vmi_wait_cycles_total", "cycles",
		 "Cycles waited for room in the ring.", wait_of},
	};
	struct call_metrics call;

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		put_family(m, counters[i].name, "counter", counters[i].unit,
			   counters[i].help);
		for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
			if (!get_call(&call, m->e, nr) ||
			    (counters[i].value == unmeasured_of &&
			     !call.unmeasured) ||
			    (counters[i].value == unrecorded_of &&
			     !call.unrecorded_known))
				continue;
			put_sample(m, counters[i].sample, call_table[nr].name,
				   counters[i].value(&call));
		}
	}
}

static void put_bucket(const struct metrics *m, const char *call,
		       const char *bound, uint64_t count)
{
	struct export_out *out = m->e->out;

	put_text(out, "vmi_call_cycles_bucket{");
	put_given_labels(m);
	put_pair(out, "call", call, !m->e->nr_labels);
	put_pair(out, "le", bound, false);
	put_text(out, "} ");
	put_number(out, count);
	put_char(out, '\n');
}

static void put_histograms(const struct metrics *m)
{
	struct call_metrics call;
	char bound[32];

	put_family(m, "vmi_call_cycles", "histogram", "cycles",
		   "Cycles of one VMI call; what they are is in vmi_run_info.");
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		const char *name = call_table[nr].name;

		if (!get_call(&call, m->e, nr) || !call_has_cycles(nr) ||
		    !call.in_buckets)
			continue;
		for (unsigned int b = 0; b < NR_BOUNDS; b++) {
			(void)snprintf(bound, sizeof(bound), "%llu.0",
				       (1ull << b) - 1);
			put_bucket(m, name, bound, call.at_most[b]);
		}
		put_bucket(m, name, "+Inf", call.in_buckets);
		put_sample(m, "vmi_call_cycles_sum", name, call.sum_cycles);
		put_sample(m, "vmi_call_cycles_count", name, call.in_buckets);
	}
}

static void put_run(const struct metrics *m)
{
	const struct run_info *info = m->e->info;
	const struct export_label facts[] = {
		{"guest", info->guest},
		{"rom", info->rom_name},
		{"accelerator", m->e->profile->accelerator},
		{"cycles", profile_cycles_label(m->e->profile)},
		{"cpu", info->cpu},
		{"kernel", info->kernel},
		{"qemu", info->qemu},
		{"started", info->started},
	};
	struct export_out *out = m->e->out;

	if (m->prometheus)
		put_family(m, "vmi_run_info", "gauge", NULL, "What ran.");
	else
		put_family(m, "vmi_run", "info", NULL, "What ran.");
	put_text(out, "vmi_run_info{");
	put_given_labels(m);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		put_pair(out, facts[i].name,
			 facts[i].value ? facts[i].value : "",
			 !i && !m->e->nr_labels);
	put_text(out, "} 1\n");
}

static void put_whole(const struct metrics *m)
{
	const struct export *e = m->e;

	put_family(m, "vmi_run_complete", "gauge", NULL,
		   "1: the run is whole in the trace but for lost calls.");
	put_sample(m, "vmi_run_complete", NULL,
		   !profile_is_partial(e->profile));
	put_family(m, "vmi_tsc_hertz", "gauge", "hertz",
		   "Ticks of the guest's time stamp counter per second.");
	put_sample(m, "vmi_tsc_hertz", NULL, e->trace->clock_hz);
	put_family(m, "vmi_lost_calls", "counter", NULL,
		   "VMI calls for which the ring had no room.");
	put_sample(m, "vmi_lost_calls_total", NULL,
		   e->info->counts_known ? e->info->events_lost
					 : e->trace->totals.lost);
	if (!(e->info->duration_s > 0))
		return;
	put_family(m, "vmi_run_duration_seconds", "gauge", "seconds",
		   "From the guest's first instruction to its last.");
	put_text(e->out, "vmi_run_duration_seconds");
	put_labels(m, NULL, NULL);
	put_format(e->out, " %.9g\n", e->info->duration_s);
}

static void put_all(struct export *e, bool prometheus)
{
	const struct metrics m = {e, prometheus};

	put_run(&m);
	put_whole(&m);
	put_counters(&m);
	put_histograms(&m);
	if (!prometheus)
		put_text(e->out, "# EOF\n");
}

void export_openmetrics(struct export *e)
{
	put_all(e, false);
}

void export_prometheus(struct export *e)
{
	put_all(e, true);
}
