// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trace-event format of Chrome and Perfetto ("Trace Event Format", Google,
 * 2016): a process for each run, a thread for each vCPU, calls as complete
 * events.  Begin and end are rounded down to nanoseconds each, so calls that
 * lie inside another one still do.
 *
 * Halt is written when the call behind it is read: until that began the vCPU
 * was idle.  Calls that do not return, and a Halt of unknown length, are
 * instants.
 */
#include "export.h"
#include "lib/call_table.h"
#include "trace/run_settle.h"

/* One writer at a time, as one program exports one trace. */
static struct {
	bool comma; /* an event stands in front */
	bool halted;
	uint64_t halt_time;
	struct vmi_record halt;
	const struct trace_stream *stream; /* of the packet before */
} state;

/* The begin of an event, up to its phase. */
static void open_event(struct export *e, const struct trace_stream *stream,
		       const char *name, const char *phase)
{
	put_text(e->out, state.comma ? ",\n{\"name\":" : "\n{\"name\":");
	state.comma = true;
	put_json(e->out, name);
	put_text(e->out, ",\"ph\":\"");
	put_text(e->out, phase);
	put_text(e->out, "\",\"pid\":");
	put_number(e->out, export_run_number(e->trace, stream));
	put_text(e->out, ",\"tid\":");
	put_number(e->out, stream->vcpu + 1);
}

static void put_times(struct export_out *out, uint64_t begin_ns,
		      uint64_t end_ns)
{
	put_text(out, ",\"cat\":\"vmi\",\"ts\":");
	put_fixed(out, begin_ns, 3);
	put_text(out, ",\"dur\":");
	put_fixed(out, end_ns - begin_ns, 3);
}

static void put_args(struct export *e, const struct vmi_record *record,
		     bool has_cycles)
{
	const struct export_site *site = export_site(e->sites, record->ret);
	char text[256];
	struct export_out *out = e->out;

	put_text(out, ",\"args\":{\"ret\":\"0x");
	put_hex(out, record->ret, 8);
	put_text(out, "\",\"arg\":\"0x");
	put_hex(out, record->arg, 8);
	put_char(out, '"');
	if (site->known) {
		symbol_place_text(&site->place, text, sizeof(text));
		put_text(out, ",\"site\":");
		put_json(out, text);
	}
	if (has_cycles && trace_record_measured(record)) {
		put_text(out, ",\"cycles\":");
		put_number(out, trace_record_cycles(record));
	}
	if (record->word & VMI_REC_INTERRUPTED)
		put_text(out, ",\"interrupted\":true");
	put_text(out, "}}");
}

static void put_instant(struct export *e, const struct trace_stream *stream,
			const struct vmi_record *record, uint64_t time)
{
	open_event(e, stream, call_table[trace_record_call(record)].name, "i");
	put_text(e->out, ",\"cat\":\"vmi\",\"s\":\"t\",\"ts\":");
	put_fixed(e->out, export_ns(e, stream, time), 3);
	put_args(e, record, false);
}

/* end: when the vCPU went on; before the Halt itself: not known. */
static void settle_halt(struct export *e, uint64_t end)
{
	if (!state.halted)
		return;
	state.halted = false;
	if (end < state.halt_time) {
		put_instant(e, state.stream, &state.halt, state.halt_time);
		return;
	}
	open_event(e, state.stream, call_table[VMI_CALL_Halt].name, "X");
	put_times(e->out, export_ns(e, state.stream, state.halt_time),
		  export_ns(e, state.stream, end));
	put_args(e, &state.halt, false);
}

/* What a packet says before its events: a new stream, or a loss. */
static void enter(struct export *e, const struct trace_packet *packet)
{
	if (packet->first || packet->lost || packet->after_gap)
		settle_halt(e, 0);
	state.stream = packet->stream;
}

static void skip(struct export *e, const struct trace_packet *packet)
{
	const struct vmi_record *record =
		(const struct vmi_record *)packet->begin;

	enter(e, packet);
	if (packet->begin < packet->end)
		settle_halt(e,
			    export_begin(record, packet->epoch | record->time));
}

static void put_lost(struct export *e, const struct trace_packet *packet)
{
	if (!packet->lost)
		return;
	open_event(e, packet->stream, "lost", "i");
	put_text(e->out, ",\"cat\":\"vmi\",\"s\":\"t\",\"ts\":");
	put_fixed(e->out,
		  export_ns(e, packet->stream, packet->header->time_begin), 3);
	put_text(e->out, ",\"args\":{\"events\":");
	put_number(e->out, packet->lost);
	put_text(e->out, "}}");
}

static void put_call(struct export *e, const struct trace_stream *stream,
		     const struct vmi_record *record, uint64_t time)
{
	const unsigned int nr = trace_record_call(record);

	if (nr == VMI_CALL_Halt) {
		state.halted = true;
		state.halt_time = time;
		state.halt = *record;
	} else if (!call_has_cycles(nr)) {
		put_instant(e, stream, record, time);
	} else {
		open_event(e, stream, call_table[nr].name, "X");
		put_times(e->out,
			  export_ns(e, stream, export_begin(record, time)),
			  export_ns(e, stream, time));
		put_args(e, record, true);
	}
}

static void visit(struct export *e, const struct trace_packet *packet,
		  const struct filter_window *window)
{
	enter(e, packet);
	put_lost(e, packet);
	for (const char *p = packet->begin; p < packet->end;
	     p += trace_record_bytes(p)) {
		const struct vmi_record *record = (const struct vmi_record *)p;
		const uint64_t time = packet->epoch | record->time;

		settle_halt(e, export_begin(record, time));
		if (window->all || filter_record(e->filter, window, record))
			put_call(e, packet->stream, record, time);
	}
}

static void put_metadata(struct export *e, const struct trace_stream *stream)
{
	char text[64];

	export_process(e, stream, text, sizeof(text));
	open_event(e, stream, "process_name", "M");
	put_text(e->out, ",\"args\":{\"name\":");
	put_json(e->out, text);
	put_text(e->out, "}}");
	open_event(e, stream, "thread_name", "M");
	(void)snprintf(text, sizeof(text), "vCPU %u", stream->vcpu);
	put_text(e->out, ",\"args\":{\"name\":");
	put_json(e->out, text);
	put_text(e->out, "}}");
}

static void begin(struct export *e)
{
	put_text(e->out, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
	for (size_t i = 0; i < e->trace->nr_streams; i++)
		put_metadata(e, &e->trace->streams[i]);
}

static void put_other(struct export *e, const char *name, const char *text)
{
	put_char(e->out, ',');
	put_json(e->out, name);
	put_char(e->out, ':');
	put_json(e->out, text ? text : "not known");
}

static void end(struct export *e)
{
	settle_halt(e, 0);
	put_text(e->out, "\n],\"otherData\":{\"tsc_hz\":");
	put_number(e->out, e->trace->clock_hz);
	put_text(e->out, ",\"lost\":");
	put_number(e->out, e->trace->totals.lost);
	put_text(e->out, export_is_partial(e) ? ",\"partial\":true"
					      : ",\"partial\":false");
	put_other(e, "guest", e->info->guest);
	put_other(e, "accelerator", e->info->accelerator);
	put_other(e, "cycles", run_info_cycles_label(e->info));
	put_other(e, "cpu", e->info->cpu);
	put_other(e, "started", e->info->started);
	put_text(e->out, "}}\n");
}

const struct export_events export_chrome = {
	.begin = begin,
	.visit = visit,
	.skip = skip,
	.end = end,
};
