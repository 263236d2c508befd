// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of "perf script -F comm,pid,tid,cpu,time,period,event,ip,sym,symoff,
 * dso --ns": a line for the event, one for each frame from the inside out, and
 * an empty one (process_event() in tools/perf/builtin-script.c of Linux).
 *
 * All events have one name: stackcollapse-perf.pl and speedscope take those of
 * the first name only.  The call is the innermost frame, at its slot's offset
 * in the ROM.
 */
#include "export.h"
#include "lib/call_table.h"

#define EVENT_NAME "vmi:call"
#define SLOT_BYTES 32

static void begin(struct export *e)
{
	(void)e;
}

static void end(struct export *e)
{
	(void)e;
}

static void put_ip(struct export_out *out, uint64_t ip)
{
	put_text(out, "\t        ");
	put_hex(out, ip, 8);
	put_char(out, ' ');
}

static void put_frames(struct export *e, const struct vmi_record *record)
{
	const struct export_site *site = export_site(e->sites, record->ret);
	const char *object = export_sites_object(e->sites);
	const unsigned int nr = trace_record_call(record);
	struct export_out *out = e->out;

	put_ip(out, (uint64_t)nr * SLOT_BYTES);
	put_text(out, call_table[nr].name);
	put_text(out, " ([vmi-rom])\n");
	if (site->known && site->place.inlined) {
		put_ip(out, record->ret);
		put_text(out, site->place.inlined);
		put_text(out, " (inlined)\n");
	}
	put_ip(out, record->ret);
	if (site->known) {
		put_text(out, site->place.function);
		put_text(out, "+0x");
		put_hex(out, site->place.offset, 1);
		put_text(out, " (");
		put_text(out, object);
		put_text(out, ")\n\n");
	} else {
		/* perf's "[unknown]" would make all of them one. */
		put_text(out, "0x");
		put_hex(out, record->ret, 8);
		put_text(out, " ([guest.kernel])\n\n");
	}
}

static void put_cpu(struct export_out *out, unsigned int vcpu)
{
	put_text(out, " [");
	put_char(out, (char)('0' + vcpu / 100));
	put_char(out, (char)('0' + vcpu / 10 % 10));
	put_char(out, (char)('0' + vcpu % 10));
	put_text(out, "] ");
}

static void visit(struct export *e, const struct trace_packet *packet,
		  const struct filter_window *window)
{
	const struct trace_stream *stream = packet->stream;
	const unsigned int run = export_run_number(e->trace, stream);
	struct export_out *out = e->out;
	char process[64];

	export_process(e, stream, process, sizeof(process));
	for (const char *p = packet->begin; p < packet->end;
	     p += trace_record_bytes(p)) {
		const struct vmi_record *record = (const struct vmi_record *)p;

		if (!window->all && !filter_record(e->filter, window, record))
			continue;
		put_text(out, process);
		put_char(out, ' ');
		put_number(out, run);
		put_char(out, '/');
		put_number(out, stream->vcpu + 1);
		put_cpu(out, stream->vcpu);
		put_fixed(out,
			  export_ns(e, stream, packet->epoch | record->time),
			  9);
		put_text(out, ": ");
		put_number(out, export_weight_of(e, record));
		put_text(out, " " EVENT_NAME ": \n");
		put_frames(e, record);
	}
}

const struct export_events export_perf_script = {
	.begin = begin,
	.visit = visit,
	.end = end,
};
