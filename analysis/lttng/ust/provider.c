// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof-lttng-ust.so: loading it registers the program with the session
 * daemon, so it is loaded when the session runs
 */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "provider.h"

#include "vmi/trace.h"

static bool enabled(void)
{
	return lttng_ust_tracepoint_enabled(vmi, call);
}

static size_t records(uint32_t run, uint8_t vcpu, uint64_t epoch,
		      const char *begin, const char *end)
{
	size_t nr = 0;
	size_t bytes;

	for (const char *p = begin; p < end; p += bytes, nr++) {
		const struct vmi_record_wide *wide =
			(const struct vmi_record_wide *)p;
		const struct vmi_record *record = &wide->head;
		struct lttng_call call = {
			.time = epoch | record->time,
			.cycles = record->word >> VMI_REC_CYCLES_SHIFT,
			.run = run,
			.ret = record->ret,
			.arg = record->arg,
			.vcpu = vcpu,
			.call = record->word >> VMI_REC_CALL_SHIFT &
				(VMI_NR_SLOTS - 1),
			.interrupted = record->word & VMI_REC_INTERRUPTED,
		};

		bytes = VMI_REC_BYTES;
		if (record->word & VMI_REC_WIDE && end - p >= VMI_REC_WIDE_BYTES) {
			bytes = VMI_REC_WIDE_BYTES;
			call.cycles = wide->cycles;
			call.stolen_cycles = wide->stolen_cycles;
			call.wait_cycles = wide->wait_cycles;
		}
		lttng_ust_tracepoint(vmi, call, &call);
	}
	return nr;
}

static void lost(uint32_t run, uint8_t vcpu, uint64_t time, uint64_t nr,
		 uint64_t skipped)
{
	lttng_ust_tracepoint(vmi, lost, run, vcpu, time, nr, skipped);
}

static void mode(uint32_t run, uint64_t time, uint8_t call, const char *text)
{
	lttng_ust_tracepoint(vmi, mode, run, time, call, text);
}

static void run_event(const struct lttng_run *run)
{
	lttng_ust_tracepoint(vmi, run, run);
}

static void counted(uint32_t run, uint8_t vcpu, uint8_t call, uint64_t count)
{
	lttng_ust_tracepoint(vmi, counted, run, vcpu, call, count);
}

static void end_event(const struct lttng_end *end)
{
	lttng_ust_tracepoint(vmi, end, end);
}

__attribute__((visibility("default")))
const struct lttng_provider lttng_provider = {
	.enabled = enabled,
	.records = records,
	.lost = lost,
	.mode = mode,
	.run = run_event,
	.counted = counted,
	.end = end_event,
};
