// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof-babeltrace.so: the events vmi:* of a CTF trace, through libbabeltrace2
 *
 * source.ctf.fs -> filter.utils.muxer -> a sink of our own, as the documentation
 * of libbabeltrace2 2.0 describes graphs.  Fields are known by name; their order
 * may change.
 */
#include <babeltrace2/babeltrace.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lttng/modules.h"

#define FIELDS_MAX	11
#define CLASSES_MAX	32

enum kind { CALL, LOST, MODE, RUN, COUNTED, END, NR_KINDS, OTHER = NR_KINDS };

static const struct {
	const char *event;
	const char *field[FIELDS_MAX + 1];
} kinds[NR_KINDS] = {
	[CALL] = { "vmi:call",
		   { "run", "vcpu", "time", "call", "interrupted", "cycles",
		     "ret", "arg", "stolen_cycles", "wait_cycles" } },
	[LOST] = { "vmi:lost", { "run", "vcpu", "time", "lost", "skipped" } },
	[MODE] = { "vmi:mode", { "run", "time", "call", "mode" } },
	[RUN] = { "vmi:run",
		  { "run", "uuid", "tsc_hz", "accelerator", "icount",
		    "lossless", "guest", "rom", "cpu", "clock_offset_ns",
		    "clock_error_ns" } },
	[COUNTED] = { "vmi:counted", { "run", "vcpu", "call", "count" } },
	[END] = { "vmi:end",
		  { "run", "vcpu", "events_counted", "events_recorded",
		    "events_lost", "wait_cycles", "stolen_cycles",
		    "duration_ns", "exit", "reason" } },
};

/* Where the fields of an event class lie; looked up once. */
struct known_class {
	const bt_event_class *class;
	enum kind kind;
	uint64_t index[FIELDS_MAX];
};

struct reading {
	const struct lttng_sink *sink;
	char *why;
	bool failed;			/* why is set, or the sink wants no more */
	bool host_told;
	struct known_class classes[CLASSES_MAX];
	unsigned int nr_classes;
};

/* The value of a field, of either form; the other is 0 or "". */
struct value {
	uint64_t number;
	const char *text;
};

static bool fail(struct reading *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(r->why, LTTNG_WHY_BYTES, format, args);
	va_end(args);
	r->failed = true;
	return false;
}

static bool find_fields(struct reading *r, struct known_class *known)
{
	const bt_field_class *payload =
		bt_event_class_borrow_payload_field_class_const(known->class);
	const char *const *field = kinds[known->kind].field;
	uint64_t nr = payload ? bt_field_class_structure_get_member_count(payload)
			      : 0;

	for (int i = 0; i < FIELDS_MAX && field[i]; i++) {
		uint64_t at;

		for (at = 0; at < nr; at++) {
			const bt_field_class_structure_member *member =
				bt_field_class_structure_borrow_member_by_index_const(
					payload, at);

			if (!strcmp(bt_field_class_structure_member_get_name(
					    member),
				    field[i]))
				break;
		}
		if (at == nr)
			return fail(r, "event %s: no field '%s'; another version of vmiprof emitted it",
				    kinds[known->kind].event, field[i]);
		known->index[i] = at;
	}
	return true;
}

static const struct known_class *classify(struct reading *r,
					  const bt_event_class *class)
{
	static const struct known_class other = { .kind = OTHER };
	const char *name;
	struct known_class *known;

	for (unsigned int i = 0; i < r->nr_classes; i++) {
		if (r->classes[i].class == class)
			return &r->classes[i];
	}
	name = bt_event_class_get_name(class);
	for (int kind = 0; name && kind < NR_KINDS; kind++) {
		if (strcmp(name, kinds[kind].event) != 0)
			continue;
		if (r->nr_classes == CLASSES_MAX) {
			fail(r, "more than %d classes of events vmi:*",
			     CLASSES_MAX);
			return NULL;
		}
		known = &r->classes[r->nr_classes];
		known->class = class;
		known->kind = (enum kind)kind;
		if (!find_fields(r, known))
			return NULL;
		r->nr_classes++;
		return known;
	}
	return &other;
}

static struct value field_value(const bt_field *field)
{
	bt_field_class_type type = bt_field_get_class_type(field);
	struct value value = { .text = "" };

	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
		value.number = bt_field_integer_unsigned_get_value(field);
	else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER))
		value.number =
			(uint64_t)bt_field_integer_signed_get_value(field);
	else if (type == BT_FIELD_CLASS_TYPE_STRING)
		value.text = bt_field_string_get_value(field);
	return value;
}

static bool give(const struct lttng_sink *sink, enum kind kind,
		 const struct value *v)
{
	switch (kind) {
	case CALL: {
		const struct lttng_call call = {
			.run = (uint32_t)v[0].number,
			.vcpu = (uint8_t)v[1].number,
			.time = v[2].number,
			.call = (uint8_t)v[3].number,
			.interrupted = v[4].number,
			.cycles = v[5].number,
			.ret = (uint32_t)v[6].number,
			.arg = (uint32_t)v[7].number,
			.stolen_cycles = v[8].number,
			.wait_cycles = v[9].number,
		};

		return sink->call(sink->arg, &call);
	}
	case LOST:
		return sink->lost(sink->arg, (uint32_t)v[0].number,
				  (uint8_t)v[1].number, v[2].number,
				  v[3].number, v[4].number);
	case MODE:
		return sink->mode(sink->arg, (uint32_t)v[0].number, v[1].number,
				  (uint8_t)v[2].number, v[3].text);
	case RUN: {
		struct lttng_run run = {
			.run = (uint32_t)v[0].number,
			.tsc_hz = v[2].number,
			.accelerator = v[3].text,
			.icount = v[4].number,
			.lossless = v[5].number,
			.guest = v[6].text,
			.rom = v[7].text,
			.cpu = v[8].text,
			.clock_offset_ns = (int64_t)v[9].number,
			.clock_error_ns = (int64_t)v[10].number,
		};

		(void)snprintf(run.uuid, sizeof(run.uuid), "%s", v[1].text);
		return sink->run(sink->arg, &run);
	}
	case COUNTED:
		return sink->counted(sink->arg, (uint32_t)v[0].number,
				     (uint8_t)v[1].number, (uint8_t)v[2].number,
				     v[3].number);
	case END: {
		const struct lttng_end end = {
			.run = (uint32_t)v[0].number,
			.vcpu = (uint8_t)v[1].number,
			.events_counted = v[2].number,
			.events_recorded = v[3].number,
			.events_lost = v[4].number,
			.wait_cycles = v[5].number,
			.stolen_cycles = (int64_t)v[6].number,
			.duration_ns = v[7].number,
			.exit = v[8].text,
			.reason = v[9].text,
		};

		return sink->end(sink->arg, &end);
	}
	default:
		return true;
	}
}

/* The machine that recorded, as LTTng notes it in each trace. */
static bool tell_host(struct reading *r, const bt_event *event)
{
	const bt_trace *trace =
		bt_stream_borrow_trace_const(bt_event_borrow_stream_const(event));
	const bt_value *name =
		bt_trace_borrow_environment_entry_value_by_name_const(
			trace, "hostname");

	r->host_told = true;
	return r->sink->host(r->sink->arg,
			     name && bt_value_is_string(name)
				     ? bt_value_string_get(name)
				     : "");
}

static void take_event(struct reading *r, const bt_event *event)
{
	const struct known_class *known =
		classify(r, bt_event_borrow_class_const(event));
	struct value values[FIELDS_MAX] = { 0 };
	const bt_field *payload;

	if (!known || known->kind == OTHER)
		return;
	if (!r->host_told && !tell_host(r, event)) {
		r->failed = true;
		return;
	}
	payload = bt_event_borrow_payload_field_const(event);
	for (int i = 0; i < FIELDS_MAX && kinds[known->kind].field[i]; i++)
		values[i] = field_value(
			bt_field_structure_borrow_member_field_by_index_const(
				payload, known->index[i]));
	if (!give(r->sink, known->kind, values))
		r->failed = true;
}

static void take_message(struct reading *r, const bt_message *message)
{
	uint64_t events = 0;

	switch (bt_message_get_type(message)) {
	case BT_MESSAGE_TYPE_EVENT:
		take_event(r, bt_message_event_borrow_event_const(message));
		return;
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		if (bt_message_discarded_events_get_count(message, &events) !=
		    BT_PROPERTY_AVAILABILITY_AVAILABLE)
			events = 0;
		if (!r->sink->discarded(r->sink->arg, events))
			r->failed = true;
		return;
	default:
		return;
	}
}

static bt_graph_simple_sink_component_consume_func_status
consume(bt_message_iterator *iterator, void *data)
{
	struct reading *r = data;
	bt_message_array_const messages;
	uint64_t nr = 0;
	bt_message_iterator_next_status status =
		bt_message_iterator_next(iterator, &messages, &nr);

	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
		return (bt_graph_simple_sink_component_consume_func_status)status;
	for (uint64_t i = 0; i < nr; i++) {
		if (!r->failed)
			take_message(r, messages[i]);
		bt_message_put_ref(messages[i]);
	}
	return r->failed ? BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_END
			 : BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_OK;
}

static const bt_plugin *find_plugin(const char *name)
{
	const bt_plugin *plugin = NULL;

	(void)bt_plugin_find(name, BT_TRUE, BT_TRUE, BT_TRUE, BT_TRUE, BT_FALSE,
			     &plugin);
	return plugin;
}

/* source.ctf.fs over the one directory. */
static const bt_component_source *add_source(bt_graph *graph,
					     const bt_plugin *ctf,
					     const char *dir)
{
	const bt_component_class_source *class =
		bt_plugin_borrow_source_component_class_by_name_const(ctf, "fs");
	const bt_component_source *source = NULL;
	bt_value *parameters = bt_value_map_create();
	bt_value *inputs = NULL;

	if (class && parameters &&
	    !bt_value_map_insert_empty_array_entry(parameters, "inputs",
						   &inputs) &&
	    !bt_value_array_append_string_element(inputs, dir))
		(void)bt_graph_add_source_component(graph, class, "source",
						    parameters,
						    BT_LOGGING_LEVEL_NONE,
						    &source);
	bt_value_put_ref(parameters);
	return source;
}

/* Every stream into the muxer, the muxer into the sink. */
static bool connect_ports(bt_graph *graph, const bt_component_source *source,
			  const bt_component_filter *muxer,
			  const bt_component_sink *sink)
{
	uint64_t nr = bt_component_source_get_output_port_count(source);

	for (uint64_t i = 0; i < nr; i++) {
		if (bt_graph_connect_ports(
			    graph,
			    bt_component_source_borrow_output_port_by_index_const(
				    source, i),
			    bt_component_filter_borrow_input_port_by_index_const(
				    muxer, i),
			    NULL))
			return false;
	}
	return !bt_graph_connect_ports(
		graph,
		bt_component_filter_borrow_output_port_by_index_const(muxer, 0),
		bt_component_sink_borrow_input_port_by_index_const(sink, 0),
		NULL);
}

static bool run_graph(struct reading *r, bt_graph *graph, const bt_plugin *ctf,
		      const bt_plugin *utils, const char *dir)
{
	const bt_component_class_filter *class =
		bt_plugin_borrow_filter_component_class_by_name_const(utils,
								      "muxer");
	const bt_component_source *source = add_source(graph, ctf, dir);
	const bt_component_filter *muxer = NULL;
	const bt_component_sink *sink = NULL;

	if (!source || !class ||
	    bt_graph_add_filter_component(graph, class, "muxer", NULL,
					  BT_LOGGING_LEVEL_NONE, &muxer) ||
	    bt_graph_add_simple_sink_component(graph, "sink", NULL, consume,
					       NULL, r, &sink))
		return false;
	if (!bt_component_source_get_output_port_count(source))
		return true;
	return connect_ports(graph, source, muxer, sink) && !bt_graph_run(graph);
}

/* What libbabeltrace2 says of the failure: the cause nearest to its root. */
static void take_error(struct reading *r)
{
	const bt_error *error = bt_current_thread_take_error();

	if (!*r->why) {
		const char *text = "it does not say why";

		if (error && bt_error_get_cause_count(error))
			text = bt_error_cause_get_message(
				bt_error_borrow_cause_by_index(error, 0));
		(void)snprintf(r->why, LTTNG_WHY_BYTES,
			       "libbabeltrace2 cannot read on: %s", text);
	}
	if (error)
		bt_error_release(error);
}

static bool read_trace(const char *dir, const struct lttng_sink *sink, char *why)
{
	struct reading r = { .sink = sink, .why = why };
	const bt_plugin *ctf, *utils;
	bt_graph *graph;
	bool ok = false;

	*why = '\0';
	bt_logging_set_global_level(BT_LOGGING_LEVEL_NONE);
	ctf = find_plugin("ctf");
	utils = find_plugin("utils");
	graph = bt_graph_create(0);
	if (!ctf || !utils || !graph)
		fail(&r, "the plugins 'ctf' and 'utils' of babeltrace2 are not there; the package libbabeltrace2-0 has them");
	else
		ok = run_graph(&r, graph, ctf, utils, dir);
	if (!ok)
		take_error(&r);
	bt_graph_put_ref(graph);
	bt_plugin_put_ref(ctf);
	bt_plugin_put_ref(utils);
	return ok && !*why;
}

__attribute__((visibility("default")))
const struct lttng_reader lttng_reader = {
	.read = read_trace,
};
