/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * histogram.c - vmiprof-bench-babeltrace DIR: calls and cycles of a trace, by
 * libbabeltrace2
 *
 * The least that a program of somebody else would do to learn what vmiprof report
 * tells: source.ctf.fs, a sink, and per call the number, the sum of cycles and a
 * histogram of them.  One line for each call: its name, how many, their cycles.
 */
#include <babeltrace2/babeltrace.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS	128
#define BUCKETS	65

struct histogram {
	bt_message_iterator *messages;
	struct {
		const char *name;
		uint64_t count, cycles;
		uint64_t bucket[BUCKETS];
	} call[CALLS];
};

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "vmiprof-bench-babeltrace: %s\n", what);
	exit(1);
}

static void add(struct histogram *h, const bt_field *payload)
{
	const bt_field *call =
		bt_field_structure_borrow_member_field_by_name_const(payload,
								     "call");
	const bt_field *cycles =
		bt_field_structure_borrow_member_field_by_name_const(payload,
								     "cycles");
	uint64_t nr, value;

	if (!call || !cycles)
		die("an event without call or cycles");
	nr = bt_field_integer_unsigned_get_value(call);
	value = bt_field_integer_unsigned_get_value(cycles);
	if (nr >= CALLS)
		die("an unknown call");
	if (!h->call[nr].name) {
		bt_field_class_enumeration_mapping_label_array names;
		uint64_t nr_names = 0;

		if (bt_field_enumeration_unsigned_get_mapping_labels(
			    call, &names, &nr_names) || !nr_names)
			die("a call without a name");
		h->call[nr].name = strdup(names[0]);
	}
	h->call[nr].count++;
	h->call[nr].cycles += value;
	h->call[nr].bucket[value ? 64 - __builtin_clzll(value) : 0]++;
}

static bt_graph_simple_sink_component_consume_func_status
consume(bt_message_iterator *messages, void *data)
{
	bt_message_array_const array;
	uint64_t nr;
	bt_message_iterator_next_status status =
		bt_message_iterator_next(messages, &array, &nr);

	if (status == BT_MESSAGE_ITERATOR_NEXT_STATUS_END)
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_END;
	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
		die("the trace cannot be read");
	for (uint64_t i = 0; i < nr; i++) {
		if (bt_message_get_type(array[i]) == BT_MESSAGE_TYPE_EVENT)
			add(data, bt_event_borrow_payload_field_const(
					  bt_message_event_borrow_event_const(
						  array[i])));
		bt_message_put_ref(array[i]);
	}
	return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_OK;
}

static const bt_component_source *add_source(bt_graph *graph, const char *dir)
{
	const bt_plugin *plugin = NULL;
	const bt_component_source *source;
	bt_value *params = bt_value_map_create();
	bt_value *inputs;

	if (bt_plugin_find("ctf", BT_TRUE, BT_TRUE, BT_TRUE, BT_TRUE, BT_FALSE,
			   &plugin) != BT_PLUGIN_FIND_STATUS_OK)
		die("babeltrace2's plugin ctf is not there");
	if (bt_value_map_insert_empty_array_entry(params, "inputs", &inputs) ||
	    bt_value_array_append_string_element(inputs, dir))
		die("memory");
	if (bt_graph_add_source_component(
		    graph,
		    bt_plugin_borrow_source_component_class_by_name_const(
			    plugin, "fs"),
		    "source", params, BT_LOGGING_LEVEL_WARNING, &source))
		die("source.ctf.fs does not take the trace");
	bt_value_put_ref(params);
	return source;
}

static bt_graph_simple_sink_component_initialize_func_status
initialize(bt_message_iterator *messages, void *data)
{
	(void)messages;
	(void)data;
	return BT_GRAPH_SIMPLE_SINK_COMPONENT_INITIALIZE_FUNC_STATUS_OK;
}

int main(int argc, char **argv)
{
	static struct histogram histogram;
	const bt_component_source *source;
	const bt_component_sink *sink;
	bt_graph *graph = bt_graph_create(0);

	if (argc != 2) {
		fprintf(stderr, "usage: vmiprof-bench-babeltrace DIR\n");
		return 2;
	}
	if (!graph)
		die("memory");
	source = add_source(graph, argv[1]);
	/* A trace of several streams would need a muxer in between. */
	if (bt_component_source_get_output_port_count(source) != 1)
		die("expected a trace of one stream");
	if (bt_graph_add_simple_sink_component(graph, "sink", initialize,
					       consume, NULL, &histogram,
					       &sink) ||
	    bt_graph_connect_ports(
		    graph,
		    bt_component_source_borrow_output_port_by_index_const(
			    source, 0),
		    bt_component_sink_borrow_input_port_by_index_const(sink, 0),
		    NULL) ||
	    bt_graph_run(graph) != BT_GRAPH_RUN_STATUS_OK)
		die("the graph does not run");
	for (int i = 0; i < CALLS; i++) {
		if (histogram.call[i].count)
			printf("%s %" PRIu64 " %" PRIu64 "\n",
			       histogram.call[i].name,
			       histogram.call[i].count,
			       histogram.call[i].cycles);
	}
	bt_graph_put_ref(graph);
	return fclose(stdout) ? 1 : 0;
}
