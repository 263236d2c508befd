// SPDX-License-Identifier: GPL-2.0-only
/*
 * CSV by RFC 4180, but for lines that end with LF: a head and a line for each
 * event.  Columns are added at the end, none are renamed.
 */
#include "export.h"
#include "lib/call_table.h"

static void begin(struct export *e)
{
	put_text(e->out,
		 "host,vcpu,time_tsc,time_s,call,cycles,interrupted,"
		 "stolen_cycles,wait_cycles,ret,arg,function,offset,file,line,"
		 "lost_before\n");
}

static void end(struct export *e)
{
	(void)e;
}

static void put_site(struct export *e, uint32_t ret)
{
	const struct export_site *site = export_site(e->sites, ret);
	const struct symbol_place *place = &site->place;

	if (!site->known) {
		put_text(e->out, ",,,,");
		return;
	}
	put_char(e->out, ',');
	put_csv(e->out, place->function);
	put_char(e->out, ',');
	put_number(e->out, place->offset);
	put_char(e->out, ',');
	if (place->file)
		put_csv(e->out, place->file);
	put_char(e->out, ',');
	if (place->line)
		put_number(e->out, place->line);
}

static void put_cycles(struct export_out *out, const struct vmi_record *record)
{
	const struct vmi_record_wide *wide =
		(const struct vmi_record_wide *)record;

	if (call_has_cycles(trace_record_call(record)) &&
	    trace_record_measured(record))
		put_number(out, trace_record_cycles(record));
	put_text(out, record->word & VMI_REC_INTERRUPTED ? ",1," : ",0,");
	if (!(record->word & VMI_REC_WIDE)) {
		put_text(out, "0,0,0x");
		return;
	}
	put_number(out, wide->stolen_cycles);
	put_char(out, ',');
	put_number(out, wide->wait_cycles);
	put_text(out, ",0x");
}

static void put_event(struct export *e, const struct trace_stream *stream,
		      const struct vmi_record *record, uint64_t time)
{
	struct export_out *out = e->out;

	if (stream->host)
		put_csv(out, stream->host);
	put_char(out, ',');
	put_number(out, stream->vcpu);
	put_char(out, ',');
	put_number(out, time);
	put_char(out, ',');
	put_fixed(out, export_ns(e, stream, time), 9);
	put_char(out, ',');
	put_text(out, call_table[trace_record_call(record)].name);
	put_char(out, ',');
	put_cycles(out, record);
	put_hex(out, record->ret, 8);
	put_text(out, ",0x");
	put_hex(out, record->arg, 8);
	put_site(e, record->ret);
}

static void visit(struct export *e, const struct trace_packet *packet,
		  const struct filter_window *window)
{
	uint64_t lost = packet->lost;

	for (const char *p = packet->begin; p < packet->end;
	     p += trace_record_bytes(p)) {
		const struct vmi_record *record = (const struct vmi_record *)p;

		if (!window->all && !filter_record(e->filter, window, record))
			continue;
		put_event(e, packet->stream, record,
			  packet->epoch | record->time);
		put_char(e->out, ',');
		put_number(e->out, lost);
		put_char(e->out, '\n');
		lost = 0;
	}
}

const struct export_events export_csv = {
	.begin = begin,
	.visit = visit,
	.end = end,
};
