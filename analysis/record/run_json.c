// SPDX-License-Identifier: GPL-2.0-only
#include "run_json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/site_modes.h"
#include "trace/run_info.h"
#include "lib/text.h"

static void put_text(json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name,
			       text ? json_object_new_string(text) : NULL);
}

static void put_bool(json_object *object, const char *name, bool value)
{
	json_object_object_add(object, name, json_object_new_boolean(value));
}

static void put_count(json_object *object, const char *name, uint64_t value)
{
	json_object_object_add(object, name, json_object_new_uint64(value));
}

static void put_command(json_object *object, const char *name,
			char *const *argv)
{
	json_object *list = NULL;

	if (argv)
		list = json_object_new_array();
	for (; argv && *argv; argv++)
		json_object_array_add(list, json_object_new_string(*argv));
	json_object_object_add(object, name, list);
}

static json_object *rom_object(const struct run_json *run)
{
	json_object *rom = json_object_new_object();
	char api[16];

	put_text(rom, "file", run->rom_file);
	put_text(rom, "name", run->rom_file ? run->rom_name : NULL);
	text_set(api, sizeof(api), "%u.%u", run->rom_api_major,
		 run->rom_api_minor);
	put_text(rom, "api", run->rom_file ? api : NULL);
	return rom;
}

static json_object *symbols_object(const struct guest_symbols *symbols)
{
	json_object *object;

	if (!symbols || !symbols->file)
		return NULL;
	object = json_object_new_object();
	put_text(object, "file", symbols->file);
	put_text(object, "build_id",
		 *symbols->build_id ? symbols->build_id : NULL);
	if (symbols->check == SYMBOLS_NOT_CHECKED)
		json_object_object_add(object, "verified", NULL);
	else
		put_bool(object, "verified", symbols->check == SYMBOLS_FIT);
	return object;
}

static json_object *host_object(const struct run_json *run)
{
	json_object *host = json_object_new_object();

	put_text(host, "cpu", run->cpu);
	put_text(host, "kernel", run->kernel);
	put_text(host, "qemu", run->qemu_version);
	put_text(host, "vmiprof", VMIPROF_VERSION);
	return host;
}

static json_object *ring_object(const struct run_json *run)
{
	json_object *ring;

	if (!run->ring_bytes)
		return NULL;
	ring = json_object_new_object();
	put_count(ring, "bytes", run->ring_bytes);
	put_count(ring, "subbuf_bytes", run->subbuf_bytes);
	put_bool(ring, "donated", run->ring_donated);
	return ring;
}

static json_object *exit_object(const struct run_json *run)
{
	json_object *end;

	if (!run->exit_kind)
		return NULL;
	end = json_object_new_object();
	put_text(end, "kind", run->exit_kind);
	json_object_object_add(end, "code",
			       json_object_new_int(run->exit_code));
	return end;
}

static json_object *dump_object(const struct run_json *run)
{
	json_object *dump;

	if (!run->dump)
		return NULL;
	dump = json_object_new_object();
	put_count(dump, "number", run->dump->number);
	put_text(dump, "why", run->dump->why);
	return dump;
}

static json_object *clock_object(const struct clock_reading *reading)
{
	json_object *clock = json_object_new_object();

	json_object_object_add(clock, "offset_ns",
			       reading->known ? json_object_new_int64(
							reading->monotonic_ns)
					      : NULL);
	json_object_object_add(clock, "error_ns",
			       reading->known ? json_object_new_uint64(
							reading->error_ns)
					      : NULL);
	put_text(clock, "how", reading->how);
	return clock;
}

static json_object *vcpu_object(const struct run_counts *counts)
{
	json_object *vcpu = json_object_new_object();
	json_object *by_call = json_object_new_object();

	put_count(vcpu, "vcpu", 0);
	put_count(vcpu, "events_counted", counts->counted);
	put_count(vcpu, "events_recorded", counts->recorded);
	put_count(vcpu, "events_lost", counts->lost);
	put_count(vcpu, "events_overwritten", counts->overwritten);
	put_count(vcpu, "events_after_end", counts->after_end);
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (call_table[nr].name && counts->by_call[nr])
			put_count(by_call, call_table[nr].name,
				  counts->by_call[nr]);
	}
	json_object_object_add(vcpu, "counted", by_call);
	put_count(vcpu, "wait_cycles", counts->wait_cycles);
	if (counts->no_stolen)
		json_object_object_add(vcpu, "stolen_cycles", NULL);
	else
		put_count(vcpu, "stolen_cycles", counts->stolen_cycles);
	put_text(vcpu, "stolen_reason", counts->no_stolen);
	return vcpu;
}

/* Some levels have counts only. */
static json_object *totals_object(const struct run_json *run)
{
	json_object *calls = json_object_new_object();

	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		const struct call_totals *totals = &run->totals[nr];
		json_object *call, *buckets;

		if (!call_table[nr].name || !totals->count)
			continue;
		call = json_object_new_object();
		put_count(call, "count", totals->count);
		json_object_object_add(calls, call_table[nr].name, call);
		if (!run_levels[run->level].cycles)
			continue;
		put_count(call, "interrupted", totals->interrupted);
		put_count(call, "sum_cycles", totals->sum_cycles);
		buckets = json_object_new_array();
		for (int b = 0; b < VMI_AGG_BUCKETS; b++)
			json_object_array_add(buckets, json_object_new_uint64(
							       totals->bucket[b]));
		json_object_object_add(call, "buckets", buckets);
	}
	return calls;
}

/* Calls counted in their sites and made natively: they are in no event. */
static json_object *site_counts_object(const struct call_totals *totals)
{
	json_object *calls = totals ? json_object_new_object() : NULL;

	for (int nr = 0; calls && nr < VMI_NR_SLOTS; nr++) {
		if (call_table[nr].name && totals[nr].count)
			put_count(calls, call_table[nr].name,
				  totals[nr].count);
	}
	return calls;
}

/* What the guest said of its call sites; null: nothing. */
static json_object *modes_array(const struct run_json *run)
{
	const struct modes *modes = run->modes;
	json_object *array;

	if (!modes || !modes->nr)
		return NULL;
	array = json_object_new_array();
	for (size_t i = 0; i < modes->nr; i++) {
		const struct mode_change *change = &modes->change[i];
		json_object *entry = json_object_new_object();

		put_text(entry, "call", call_table[change->nr].name);
		put_text(entry, "mode", site_modes_name(change->sites));
		put_count(entry, "time", change->time);
		json_object_object_add(entry, "since_s",
				       json_object_new_double(
					       (double)change->time /
					       (double)run->tsc_hz));
		json_object_array_add(array, entry);
	}
	return array;
}

/* UTC, ISO 8601. */
static void put_time(json_object *object, const char *name, time_t when)
{
	char text[40];
	struct tm utc;

	if (!gmtime_r(&when, &utc) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc))
		text[0] = '\0';
	put_text(object, name, *text ? text : NULL);
}

char *run_json_text(const struct run_json *run)
{
	json_object *root = json_object_new_object();
	json_object *vcpus = json_object_new_array();
	char *text;

	put_text(root, "format", RUN_INFO_FORMAT);
	put_count(root, "version", RUN_INFO_VERSION);
	put_text(root, "status", run->complete ? "complete" : "partial");
	put_text(root, "reason", run->reason);
	put_command(root, "command", run->command);
	put_command(root, "qemu_command", run->qemu_command);
	put_text(root, "guest", run->guest);
	json_object_object_add(root, "symbols", symbols_object(run->symbols));
	json_object_object_add(root, "rom", rom_object(run));
	put_text(root, "accelerator", accel_name(run->accel->accel));
	put_text(root, "accelerator_reason", run->accel->reason);
	put_text(root, "level", run_levels[run->level].name);
	if (run->every)
		put_count(root, "every", run->every);
	put_bool(root, "icount", run->icount);
	json_object_object_add(root, "host", host_object(run));
	put_count(root, "tsc_hz", run->tsc_hz);
	if (run->tsc_step)
		put_count(root, "tsc_step", run->tsc_step);
	json_object_object_add(root, "clock", clock_object(&run->clock));
	put_time(root, "started", run->started);
	json_object_object_add(root, "duration_s",
			       json_object_new_double(run->duration_s));
	put_bool(root, "lossless", run->lossless);
	json_object_object_add(root, "overwrite_bytes",
			       run->overwrite_bytes
				       ? json_object_new_uint64(
						 run->overwrite_bytes)
				       : NULL);
	json_object_object_add(root, "dump", dump_object(run));
	json_object_object_add(root, "ring", ring_object(run));
	json_object_object_add(root, "exit", exit_object(run));
	if (run->vcpu0)
		json_object_array_add(vcpus, vcpu_object(run->vcpu0));
	json_object_object_add(root, "vcpus", vcpus);
	if (run->totals)
		json_object_object_add(root, "aggregate", totals_object(run));
	json_object_object_add(root, "site_counts",
			       site_counts_object(run->site_counts));
	json_object_object_add(root, "modes", modes_array(run));
	put_count(root, "modes_left_out", run->modes ? run->modes->left_out : 0);
	if (asprintf(&text, "%s\n",
		     json_object_to_json_string_ext(
			     root, JSON_C_TO_STRING_PRETTY |
					   JSON_C_TO_STRING_SPACED |
					   JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
		abort();
	json_object_put(root);
	return text;
}
