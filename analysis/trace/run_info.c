// SPDX-License-Identifier: GPL-2.0-only
#include "run_info.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/call_table.h"
#include "lib/json.h"
#include "lib/text.h"
#include "run_members.h"

/* With as many changes of modes as are kept it has a third of this. */
#define RUN_JSON_BYTES_MAX ((size_t)8 << 20)

/* Add an object with the names of calls and their counts; returns their sum. */
static uint64_t read_counts(uint64_t count[VMI_NR_SLOTS],
			    const struct run_object *in, const char *key)
{
	const struct run_object counts = run_part(in, key);
	uint64_t sum = 0;

	if (!counts.object)
		return 0;
	json_object_object_foreach(counts.object, name, value)
	{
		const int nr = call_by_name(name);
		uint64_t calls = 0;

		(void)value;
		if (nr < 0) {
			problems_add(in->problems,
				     "%s: %s%s: found '%.60s', expected the "
				     "name of a VMI call",
				     in->path, in->name, key, name);
			continue;
		}
		(void)run_required(&counts, name, RUN_COUNT_MAX, &calls);
		count[nr] += calls;
		sum += calls;
	}
	return sum;
}

/* What became of the calls of one vCPU; false: it is not known. */
static bool read_events(struct run_info *info, const struct run_object *vcpu,
			struct run_vcpu *counts)
{
	uint64_t counted = 0, lost = 0, overwritten = 0, after_end = 0;
	uint64_t by_call;
	bool known = true;

	known &= run_required(vcpu, "events_counted", RUN_COUNT_MAX, &counted);
	known &= run_required(vcpu, "events_recorded", RUN_COUNT_MAX,
			      &counts->recorded);
	known &= run_required(vcpu, "events_lost", RUN_COUNT_MAX, &lost);
	/* Older files have neither: there were none. */
	(void)run_count(vcpu, "events_overwritten", RUN_COUNT_MAX,
			&overwritten);
	(void)run_count(vcpu, "events_after_end", RUN_COUNT_MAX, &after_end);
	by_call = read_counts(info->counted, vcpu, "counted");
	if (known && by_call != counted)
		problems_add(vcpu->problems,
			     "%s: %scounted: adds up to %" PRIu64
			     ", expected %" PRIu64 ", the events_counted",
			     vcpu->path, vcpu->name, by_call, counted);
	info->events_counted += counted;
	info->events_recorded += counts->recorded;
	info->events_lost += lost;
	counts->lost = lost;
	info->events_overwritten += overwritten;
	info->events_after_end += after_end;
	return known;
}

/* Its number; older files have one vCPU only, and it is 0. */
static void read_number(struct run_info *info, const struct run_object *vcpu,
			struct run_vcpu *counts)
{
	uint64_t number = 0;

	(void)run_count(vcpu, "vcpu", RUN_VCPU_MAX, &number);
	for (size_t i = 0; i < info->nr_vcpus; i++) {
		if (info->vcpus[i].vcpu == number)
			problems_add(vcpu->problems,
				     "%s: %svcpu: found %" PRIu64
				     " a second time",
				     vcpu->path, vcpu->name, number);
	}
	counts->vcpu = (unsigned int)number;
}

/* Add one vCPU to the sums. */
static void read_vcpu(struct run_info *info, const struct run_object *vcpu)
{
	struct run_vcpu counts = {0};
	uint64_t wait = 0, stolen = 0;

	read_number(info, vcpu, &counts);
	info->counts_known &= read_events(info, vcpu, &counts);
	info->vcpus[info->nr_vcpus++] = counts;
	(void)run_count(vcpu, "wait_cycles", RUN_CYCLES_MAX, &wait);
	run_add(&info->wait_cycles, wait);
	if (run_count(vcpu, "stolen_cycles", RUN_CYCLES_MAX, &stolen)) {
		run_add(&info->stolen_cycles, stolen);
	} else {
		info->stolen_known = false;
		if (!info->stolen_reason)
			info->stolen_reason = run_text(vcpu, "stolen_reason");
	}
}

static void read_vcpus(struct run_info *info, const struct run_object *root)
{
	struct json_object *vcpus = run_member(root, "vcpus", json_type_array);
	const size_t nr = vcpus ? json_object_array_length(vcpus) : 0;

	if (!nr)
		return;
	if (nr > RUN_VCPU_MAX + 1) {
		problems_add(root->problems,
			     "%s: vcpus: found %zu, expected at most %d",
			     root->path, nr, RUN_VCPU_MAX + 1);
		return;
	}
	info->vcpus = calloc(nr, sizeof(*info->vcpus));
	if (!info->vcpus)
		err(EXIT_FAILURE, "memory");
	info->counts_known = true;
	info->stolen_known = true;
	for (size_t i = 0; i < nr; i++) {
		struct run_object vcpu = *root;

		vcpu.object = json_object_array_get_idx(vcpus, i);
		text_set(vcpu.name, sizeof(vcpu.name), "vcpus[%zu].", i);
		if (json_object_is_type(vcpu.object, json_type_object)) {
			read_vcpu(info, &vcpu);
			continue;
		}
		problems_add(root->problems,
			     "%s: vcpus[%zu]: expected an object", root->path,
			     i);
		info->counts_known = false;
		info->stolen_known = false;
	}
}

static void read_buckets(struct call_totals *totals,
			 const struct run_object *call)
{
	struct json_object *buckets =
		run_member(call, "buckets", json_type_array);
	const size_t nr = buckets ? json_object_array_length(buckets) : 0;

	if (buckets && nr != VMI_AGG_BUCKETS)
		run_wrong(call, "buckets", buckets, "32 numbers of calls");
	for (size_t b = 0; b < VMI_AGG_BUCKETS && b < nr; b++) {
		struct json_object *value =
			json_object_array_get_idx(buckets, b);

		if (json_object_is_type(value, json_type_int) &&
		    json_object_get_int64(value) >= 0 &&
		    json_object_get_uint64(value) <= RUN_COUNT_MAX)
			totals->bucket[b] = json_object_get_uint64(value);
		else
			run_wrong(call, "buckets", value, "a number of calls");
	}
}

/*
 * Calls in buckets and interrupted ones are all there are, and their cycles add
 * up to what the buckets allow.
 */
static void check_totals(const struct run_object *call,
			 const struct call_totals *totals)
{
	const uint64_t longest = totals->bucket[VMI_AGG_BUCKETS - 1];
	unsigned __int128 low = 0, high = 0;
	uint64_t sum = totals->interrupted;

	for (size_t b = 0; b < VMI_AGG_BUCKETS; b++) {
		const unsigned __int128 count = totals->bucket[b];

		sum += totals->bucket[b];
		low += b ? count << (b - 1) : 0;
		high += count * ((1ull << b) - 1);
	}
	if (totals->sum_cycles < low || (totals->sum_cycles > high && !longest))
		problems_add(call->problems,
			     "%s: %ssum_cycles: found %" PRIu64
			     ", which is not what the buckets allow",
			     call->path, call->name, totals->sum_cycles);
	if (sum != totals->count)
		problems_add(call->problems,
			     "%s: %sbuckets: %" PRIu64
			     " calls with the interrupted ones, expected "
			     "%" PRIu64 ", the count",
			     call->path, call->name, sum, totals->count);
}

static void read_totals(struct run_info *info, const struct run_object *calls)
{
	info->totals = calloc(VMI_NR_SLOTS, sizeof(*info->totals));
	if (!info->totals)
		err(EXIT_FAILURE, "memory");
	json_object_object_foreach(calls->object, name, value)
	{
		const int nr = call_by_name(name);
		const struct run_object call = run_part(calls, name);
		struct call_totals *totals = &info->totals[nr < 0 ? 0 : nr];

		(void)value;
		if (nr < 0) {
			problems_add(calls->problems,
				     "%s: aggregate: found '%.60s', expected "
				     "the name of a VMI call",
				     calls->path, name);
			continue;
		}
		(void)run_required(&call, "count", RUN_COUNT_MAX,
				   &totals->count);
		(void)run_count(&call, "interrupted", RUN_COUNT_MAX,
				&totals->interrupted);
		(void)run_count(&call, "sum_cycles", RUN_CYCLES_MAX,
				&totals->sum_cycles);
		read_buckets(totals, &call);
		if (run_levels[info->level].cycles)
			check_totals(&call, totals);
	}
}

/* The level, and what was added up at it; older files have neither. */
static void read_level(struct run_info *info, const struct run_object *root)
{
	struct run_object calls;
	char *name = run_text(root, "level");
	const int level = name ? run_level_by_name(name) : RUN_LEVEL_EVENT;

	if (level < 0)
		problems_add(root->problems,
			     "%s: level: found '%s', expected %s", root->path,
			     name, run_level_names());
	else
		info->level = (enum run_level)level;
	free(name);
	(void)run_count(root, "every", UINT32_MAX, &info->every);
	calls = run_part(root, "aggregate");
	if (calls.object)
		read_totals(info, &calls);
	if (!calls.object == !run_levels[info->level].events)
		problems_add(root->problems,
			     "%s: aggregate: found %s at level %s", root->path,
			     calls.object ? "totals" : "nothing",
			     run_levels[info->level].name);
}

/* One entry of modes[]; false: it makes no sense. */
static bool read_mode(struct run_mode *mode, const struct run_object *entry)
{
	const char *call = json_member_text(entry->object, "call");
	const char *name = json_member_text(entry->object, "mode");
	const int nr = call ? call_by_name(call) : -1;

	if (nr < 0 || !name || strlen(name) >= sizeof(mode->mode) ||
	    !run_count(entry, "time", RUN_CYCLES_MAX, &mode->time))
		return false;
	mode->nr = (unsigned int)nr;
	text_set(mode->mode, sizeof(mode->mode), "%s", name);
	text_clean(mode->mode);
	mode->since_s = run_seconds(entry, "since_s");
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct run_mode *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

/* Older files have none. */
static void read_modes(struct run_info *info, const struct run_object *root)
{
	struct json_object *modes = run_member(root, "modes", json_type_array);
	const size_t nr = modes ? json_object_array_length(modes) : 0;

	if (!nr)
		return;
	info->modes = calloc(nr, sizeof(*info->modes));
	if (!info->modes)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < nr; i++) {
		struct run_object entry = *root;

		entry.object = json_object_array_get_idx(modes, i);
		text_set(entry.name, sizeof(entry.name), "modes[%zu].", i);
		if (json_object_is_type(entry.object, json_type_object) &&
		    read_mode(&info->modes[info->nr_modes], &entry))
			info->nr_modes++;
		else
			problems_add(root->problems,
				     "%s: modes[%zu]: expected the name of a "
				     "VMI call, its mode and its time",
				     root->path, i);
	}
	if (info->nr_modes)
		qsort(info->modes, info->nr_modes, sizeof(*info->modes),
		      by_time);
}

static void read_clock(struct run_info *info, const struct run_object *root)
{
	const struct run_object clock = run_part(root, "clock");
	struct json_object *offset =
		run_member(&clock, "offset_ns", json_type_int);

	info->clock_how = run_text(&clock, "how");
	info->clock_known = run_count(&clock, "error_ns", RUN_CYCLES_MAX,
				      &info->clock_error_ns) &&
			    offset;
	if (info->clock_known)
		info->clock_offset_ns = json_object_get_int64(offset);
}

/* A recording that does not say that it is complete is not. */
static void read_status(struct run_info *info, const struct run_object *root)
{
	info->status = run_text(root, "status");
	info->reason = run_text(root, "reason");
	if (info->status && (!strcmp(info->status, RUN_COMPLETE) ||
			     !strcmp(info->status, "partial")))
		return;
	problems_add(root->problems,
		     "%s: status: found %s%s%s, expected complete or partial",
		     root->path, info->status ? "'" : "",
		     info->status ? info->status : "nothing",
		     info->status ? "'" : "");
}

static void read_root(struct run_info *info, const struct run_object *root)
{
	const struct run_object rom = run_part(root, "rom");
	const struct run_object host = run_part(root, "host");
	const struct run_object end = run_part(root, "exit");

	read_status(info, root);
	info->guest = run_text(root, "guest");
	info->accelerator = run_text(root, "accelerator");
	info->accelerator_reason = run_text(root, "accelerator_reason");
	info->started = run_text(root, "started");
	info->icount = run_bool(root, "icount");
	info->lossless = run_bool(root, "lossless");
	info->duration_s = run_seconds(root, "duration_s");
	(void)run_count(root, "tsc_hz", RUN_CYCLES_MAX, &info->tsc_hz);
	(void)run_count(root, "tsc_step", RUN_CYCLES_MAX, &info->tsc_step);
	read_clock(info, root);
	info->rom_file = run_text(&rom, "file");
	info->rom_name = run_text(&rom, "name");
	info->rom_api = run_text(&rom, "api");
	info->cpu = run_text(&host, "cpu");
	info->kernel = run_text(&host, "kernel");
	info->qemu = run_text(&host, "qemu");
	info->vmiprof = run_text(&host, "vmiprof");
	info->exit_kind = run_text(&end, "kind");
}

/* What follows an option in QEMU's command line; NULL: it is not there. */
static char *qemu_argument(const struct run_object *root, const char *option)
{
	struct json_object *command =
		run_member(root, "qemu_command", json_type_array);
	const size_t nr = command ? json_object_array_length(command) : 0;
	char *copy;

	for (size_t i = 0; i + 1 < nr; i++) {
		const char *word = json_object_get_string(
			json_object_array_get_idx(command, i));

		if (!word || strcmp(word, option) != 0)
			continue;
		word = json_object_get_string(
			json_object_array_get_idx(command, i + 1));
		copy = word ? strdup(word) : NULL;
		if (copy)
			text_clean(copy);
		return copy;
	}
	return NULL;
}

/* What ran in the guest, and why this was written if it is a dump. */
static void read_guest(struct run_info *info, const struct run_object *root)
{
	const struct run_object dump = run_part(root, "dump");

	info->guest_kernel = qemu_argument(root, "-kernel");
	info->guest_words = qemu_argument(root, "-append");
	if (!dump.object)
		return;
	info->dump_why = run_text(&dump, "why");
	(void)run_count(&dump, "number", RUN_COUNT_MAX, &info->dump_number);
}

static void read_symbols(struct run_info *info, const struct run_object *root)
{
	const struct run_object part = run_part(root, "symbols");

	info->symbols_file = run_text(&part, "file");
	info->symbols_build_id = run_text(&part, "build_id");
	if (run_member(&part, "verified", json_type_boolean))
		info->symbols_check = run_bool(&part, "verified")
					      ? SYMBOLS_FIT
					      : SYMBOLS_DIFFER;
}

/* Whether the file is one of ours, of the version that we read. */
static bool check_format(const struct run_object *root)
{
	const char *format = json_member_text(root->object, "format");
	struct json_object *version =
		json_member(root->object, "version", json_type_int);

	if (!format || strcmp(format, RUN_INFO_FORMAT) != 0) {
		problems_add(root->problems,
			     "%s: format: found '%.60s', expected '%s'",
			     root->path, format ? format : "(none)",
			     RUN_INFO_FORMAT);
		return false;
	}
	if (json_object_get_int64(version) != RUN_INFO_VERSION) {
		problems_add(root->problems,
			     "%s: version: found %lld, expected %d", root->path,
			     (long long)json_object_get_int64(version),
			     RUN_INFO_VERSION);
		return false;
	}
	return true;
}

struct run_info *run_info_read(const char *dir, struct problems *problems)
{
	struct run_info *info = calloc(1, sizeof(*info));
	struct run_object root = {.problems = problems};
	char why[200];
	char *path;

	if (!info || asprintf(&path, "%s/run/run.json", dir) < 0)
		err(EXIT_FAILURE, "memory");
	root.path = path;
	if (access(path, F_OK)) {
		problems_add(problems,
			     "%s: %s; the recording did not end, so what the "
			     "ROM counted is not known",
			     path, strerror(errno));
		goto out;
	}
	root.object = json_read(path, RUN_JSON_BYTES_MAX, why, sizeof(why));
	if (!root.object) {
		problems_add(problems, "%s: %s", path, why);
		goto out;
	}
	if (check_format(&root)) {
		info->known = true;
		read_root(info, &root);
		read_vcpus(info, &root);
		read_level(info, &root);
		read_symbols(info, &root);
		read_guest(info, &root);
		(void)read_counts(info->site_counts, &root, "site_counts");
		read_modes(info, &root);
	}
	json_object_put(root.object);
out:
	free(path);
	return info;
}

void run_info_free(struct run_info *info)
{
	char *texts[] = {
		info->status,
		info->reason,
		info->guest,
		info->rom_file,
		info->rom_name,
		info->rom_api,
		info->accelerator,
		info->accelerator_reason,
		info->cpu,
		info->kernel,
		info->qemu,
		info->vmiprof,
		info->started,
		info->exit_kind,
		info->guest_kernel,
		info->guest_words,
		info->dump_why,
		info->stolen_reason,
		info->symbols_file,
		info->symbols_build_id,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	free(info->clock_how);
	free(info->modes);
	free(info->vcpus);
	free(info->totals);
	free(info);
}
