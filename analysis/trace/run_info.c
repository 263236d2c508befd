// SPDX-License-Identifier: GPL-2.0-only
#include "run_info.h"

#include <err.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/call_table.h"
#include "lib/json.h"
#include "lib/text.h"

const char *const run_level_name[NR_RUN_LEVELS] = {
	[RUN_LEVEL_EVENT] = "event",
	[RUN_LEVEL_AGGREGATE] = "aggregate",
	[RUN_LEVEL_COUNT] = "count",
};

int run_level_by_name(const char *name)
{
	for (int i = 0; i < NR_RUN_LEVELS; i++) {
		if (!strcmp(run_level_name[i], name))
			return i;
	}
	return -1;
}

/* A copy of a text member; NULL when it is not there or null. */
static char *get_text(struct json_object *object, const char *key)
{
	struct json_object *value;
	char *text;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	text = strdup(json_object_get_string(value));
	if (!text)
		err(EXIT_FAILURE, "memory");
	text_clean(text);
	return text;
}

static bool get_bool(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) &&
	       json_object_get_boolean(value);
}

/* A whole number from 0 on; false when it is not there or something else. */
static bool get_count(struct json_object *object, const char *key,
		      uint64_t *count)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_int) ||
	    json_object_get_int64(value) < 0)
		return false;
	*count = json_object_get_uint64(value);
	return true;
}

/* Add an object with the names of calls and their counts. */
static void read_counts(uint64_t count[VMI_NR_SLOTS], struct json_object *parent,
			const char *key, const char *path,
			struct problems *problems)
{
	struct json_object *counts;

	if (!json_object_object_get_ex(parent, key, &counts) ||
	    !json_object_is_type(counts, json_type_object))
		return;
	json_object_object_foreach(counts, name, value)
	{
		int nr = call_by_name(name);

		if (nr < 0)
			problems_add(problems,
				     "%s: %s: found '%s', expected the "
				     "name of a VMI call",
				     path, key, name);
		else
			count[nr] += json_object_get_uint64(value);
	}
}

/* Add one vCPU to the sums. */
static void read_vcpu(struct run_info *info, struct json_object *vcpu,
		      const char *path, struct problems *problems)
{
	uint64_t counted = 0, recorded = 0, lost = 0, wait = 0, stolen;
	uint64_t overwritten = 0, after_end = 0;

	if (!get_count(vcpu, "events_counted", &counted) ||
	    !get_count(vcpu, "events_recorded", &recorded) ||
	    !get_count(vcpu, "events_lost", &lost))
		info->counts_known = false;
	info->events_counted += counted;
	info->events_recorded += recorded;
	info->events_lost += lost;
	/* Older files have neither: there were none. */
	(void)get_count(vcpu, "events_overwritten", &overwritten);
	(void)get_count(vcpu, "events_after_end", &after_end);
	info->events_overwritten += overwritten;
	info->events_after_end += after_end;
	if (get_count(vcpu, "wait_cycles", &wait))
		info->wait_cycles += wait;
	if (get_count(vcpu, "stolen_cycles", &stolen)) {
		info->stolen_cycles += stolen;
	} else {
		info->stolen_known = false;
		if (!info->stolen_reason)
			info->stolen_reason = get_text(vcpu, "stolen_reason");
	}
	read_counts(info->counted, vcpu, "counted", path, problems);
}

static void read_vcpus(struct run_info *info, struct json_object *root,
		       const char *path, struct problems *problems)
{
	struct json_object *vcpus;
	size_t n;

	if (!json_object_object_get_ex(root, "vcpus", &vcpus) ||
	    !json_object_is_type(vcpus, json_type_array) ||
	    !json_object_array_length(vcpus))
		return;
	n = json_object_array_length(vcpus);
	info->counts_known = true;
	info->stolen_known = true;
	for (size_t i = 0; i < n; i++)
		read_vcpu(info, json_object_array_get_idx(vcpus, i), path,
			  problems);
}

static void read_buckets(struct call_totals *totals, struct json_object *call)
{
	struct json_object *buckets;

	if (!json_object_object_get_ex(call, "buckets", &buckets) ||
	    !json_object_is_type(buckets, json_type_array))
		return;
	for (size_t b = 0;
	     b < VMI_AGG_BUCKETS && b < json_object_array_length(buckets); b++)
		totals->bucket[b] = json_object_get_uint64(
			json_object_array_get_idx(buckets, b));
}

/* The level, and what was added up at it; older files have neither. */
static void read_level(struct run_info *info, struct json_object *root,
		       const char *path, struct problems *problems)
{
	struct json_object *calls;
	char *name = get_text(root, "level");
	int level = name ? run_level_by_name(name) : RUN_LEVEL_EVENT;

	if (level < 0)
		problems_add(problems,
			     "%s: level: found '%s', expected event, "
			     "aggregate or count",
			     path, name);
	else
		info->level = (enum run_level)level;
	free(name);
	if (!json_object_object_get_ex(root, "aggregate", &calls) ||
	    !json_object_is_type(calls, json_type_object))
		return;
	info->totals = calloc(VMI_NR_SLOTS, sizeof(*info->totals));
	if (!info->totals)
		err(EXIT_FAILURE, "memory");
	json_object_object_foreach(calls, call_name, call)
	{
		int nr = call_by_name(call_name);
		struct call_totals *totals = &info->totals[nr < 0 ? 0 : nr];

		if (nr < 0 || !get_count(call, "count", &totals->count)) {
			problems_add(problems,
				     "%s: aggregate: found '%s', expected the "
				     "name of a VMI call, and its count",
				     path, call_name);
			continue;
		}
		(void)get_count(call, "interrupted", &totals->interrupted);
		(void)get_count(call, "sum_cycles", &totals->sum_cycles);
		read_buckets(totals, call);
	}
}

/* One entry of modes[]; false: it makes no sense. */
static bool read_mode(struct run_mode *mode, struct json_object *entry)
{
	const char *call = json_member_text(entry, "call");
	const char *name = json_member_text(entry, "mode");
	struct json_object *since;
	const int nr = call ? call_by_name(call) : -1;

	if (nr < 0 || !name || strlen(name) >= sizeof(mode->mode) ||
	    !get_count(entry, "time", &mode->time))
		return false;
	mode->nr = (unsigned int)nr;
	text_set(mode->mode, sizeof(mode->mode), "%s", name);
	text_clean(mode->mode);
	mode->since_s = json_object_object_get_ex(entry, "since_s", &since)
				? json_object_get_double(since)
				: 0;
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct run_mode *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

/* Older files have none. */
static void read_modes(struct run_info *info, struct json_object *root,
		       const char *path, struct problems *problems)
{
	struct json_object *modes = json_member(root, "modes", json_type_array);
	const size_t nr = modes ? json_object_array_length(modes) : 0;

	if (!nr)
		return;
	info->modes = calloc(nr, sizeof(*info->modes));
	if (!info->modes)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < nr; i++) {
		if (read_mode(&info->modes[info->nr_modes],
			      json_object_array_get_idx(modes, i)))
			info->nr_modes++;
		else
			problems_add(problems,
				     "%s: modes[%zu]: expected the name of a "
				     "VMI call, its mode and its time",
				     path, i);
	}
	qsort(info->modes, info->nr_modes, sizeof(*info->modes), by_time);
}

static void read_clock(struct run_info *info, struct json_object *clock)
{
	struct json_object *offset =
		json_member(clock, "offset_ns", json_type_int);

	info->clock_how = get_text(clock, "how");
	info->clock_known =
		offset && get_count(clock, "error_ns", &info->clock_error_ns);
	if (info->clock_known)
		info->clock_offset_ns = json_object_get_int64(offset);
}

static void read_root(struct run_info *info, struct json_object *root)
{
	struct json_object *part;

	info->status = get_text(root, "status");
	info->reason = get_text(root, "reason");
	info->guest = get_text(root, "guest");
	info->accelerator = get_text(root, "accelerator");
	info->accelerator_reason = get_text(root, "accelerator_reason");
	info->started = get_text(root, "started");
	info->icount = get_bool(root, "icount");
	info->lossless = get_bool(root, "lossless");
	if (json_object_object_get_ex(root, "duration_s", &part))
		info->duration_s = json_object_get_double(part);
	part = json_member(root, "clock", json_type_object);
	if (part)
		read_clock(info, part);
	if (json_object_object_get_ex(root, "rom", &part)) {
		info->rom_file = get_text(part, "file");
		info->rom_name = get_text(part, "name");
		info->rom_api = get_text(part, "api");
	}
	if (json_object_object_get_ex(root, "host", &part)) {
		info->cpu = get_text(part, "cpu");
		info->kernel = get_text(part, "kernel");
		info->qemu = get_text(part, "qemu");
		info->vmiprof = get_text(part, "vmiprof");
	}
	if (json_object_object_get_ex(root, "exit", &part))
		info->exit_kind = get_text(part, "kind");
}

static void read_symbols(struct run_info *info, struct json_object *root)
{
	struct json_object *part, *verified;

	if (!json_object_object_get_ex(root, "symbols", &part))
		return;
	info->symbols_file = get_text(part, "file");
	info->symbols_build_id = get_text(part, "build_id");
	if (json_object_object_get_ex(part, "verified", &verified) &&
	    json_object_is_type(verified, json_type_boolean))
		info->symbols_check = json_object_get_boolean(verified)
					      ? SYMBOLS_FIT
					      : SYMBOLS_DIFFER;
}

/* Whether the file is one of ours, of the version that we read. */
static bool check_format(struct json_object *root, const char *path,
			 struct problems *problems)
{
	char *format = get_text(root, "format");
	uint64_t version = 0;
	bool ok = true;

	if (!format || strcmp(format, RUN_INFO_FORMAT) != 0) {
		problems_add(problems, "%s: format: found '%s', expected '%s'",
			     path, format ? format : "(none)", RUN_INFO_FORMAT);
		ok = false;
	} else if (!get_count(root, "version", &version) ||
		   version != RUN_INFO_VERSION) {
		problems_add(problems, "%s: version: found %llu, expected %d",
			     path, (unsigned long long)version,
			     RUN_INFO_VERSION);
		ok = false;
	}
	free(format);
	return ok;
}

struct run_info *run_info_read(const char *dir, struct problems *problems)
{
	struct run_info *info = calloc(1, sizeof(*info));
	struct json_object *root;
	char *path;

	if (!info || asprintf(&path, "%s/run/run.json", dir) < 0)
		err(EXIT_FAILURE, "memory");
	if (access(path, R_OK)) {
		problems_add(problems,
			     "%s: %s; the recording did not end, so what the "
			     "ROM counted is not known",
			     path, strerror(errno));
		goto out;
	}
	root = json_object_from_file(path);
	if (!root) {
		problems_add(problems, "%s: no JSON: %s", path,
			     json_util_get_last_err());
		goto out;
	}
	if (check_format(root, path, problems)) {
		info->known = true;
		read_root(info, root);
		read_vcpus(info, root, path, problems);
		read_level(info, root, path, problems);
		read_symbols(info, root);
		read_counts(info->site_counts, root, "site_counts", path,
			    problems);
		read_modes(info, root, path, problems);
	}
	json_object_put(root);
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
		info->stolen_reason,
		info->symbols_file,
		info->symbols_build_id,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	free(info->clock_how);
	free(info->modes);
	free(info->totals);
	free(info);
}
