/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * provider.h - the tracepoints vmi:call, vmi:lost, vmi:mode, vmi:run,
 * vmi:counted and vmi:end; docs/lttng.md says what their fields mean
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER vmi

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./provider.h"

#if !defined(VMIPROF_LTTNG_PROVIDER_H) || \
	defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define VMIPROF_LTTNG_PROVIDER_H

#include <lttng/tracepoint.h>
#include <stdint.h>

#include "lttng/modules.h"
#include "vmi/calls.h"

/* clang-format off */
#define CALL_VALUE(nr, name, ...) lttng_ust_field_enum_value(#name, nr)

LTTNG_UST_TRACEPOINT_ENUM(vmi, call_names,
	LTTNG_UST_TP_ENUM_VALUES(VMI_CALLS(CALL_VALUE))
)

LTTNG_UST_TRACEPOINT_EVENT(
	vmi, call,
	LTTNG_UST_TP_ARGS(const struct lttng_call *, c),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint32_t, run, c->run)
		lttng_ust_field_integer(uint8_t, vcpu, c->vcpu)
		lttng_ust_field_integer(uint64_t, time, c->time)
		lttng_ust_field_enum(vmi, call_names, uint8_t, call, c->call)
		lttng_ust_field_integer(uint8_t, interrupted, c->interrupted)
		lttng_ust_field_integer(uint64_t, cycles, c->cycles)
		lttng_ust_field_integer_hex(uint32_t, ret, c->ret)
		lttng_ust_field_integer_hex(uint32_t, arg, c->arg)
		lttng_ust_field_integer(uint64_t, stolen_cycles, c->stolen_cycles)
		lttng_ust_field_integer(uint64_t, wait_cycles, c->wait_cycles)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(
	vmi, lost,
	LTTNG_UST_TP_ARGS(uint32_t, run, uint8_t, vcpu, uint64_t, time,
			  uint64_t, lost, uint64_t, skipped),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint32_t, run, run)
		lttng_ust_field_integer(uint8_t, vcpu, vcpu)
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_integer(uint64_t, lost, lost)
		lttng_ust_field_integer(uint64_t, skipped, skipped)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(
	vmi, mode,
	LTTNG_UST_TP_ARGS(uint32_t, run, uint64_t, time, uint8_t, call,
			  const char *, mode),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint32_t, run, run)
		lttng_ust_field_integer(uint64_t, time, time)
		lttng_ust_field_enum(vmi, call_names, uint8_t, call, call)
		lttng_ust_field_string(mode, mode)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(
	vmi, run,
	LTTNG_UST_TP_ARGS(const struct lttng_run *, r),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint32_t, run, r->run)
		lttng_ust_field_string(uuid, r->uuid)
		lttng_ust_field_integer(uint64_t, tsc_hz, r->tsc_hz)
		lttng_ust_field_string(accelerator, r->accelerator)
		lttng_ust_field_integer(uint8_t, icount, r->icount)
		lttng_ust_field_integer(uint8_t, lossless, r->lossless)
		lttng_ust_field_string(guest, r->guest)
		lttng_ust_field_string(rom, r->rom)
		lttng_ust_field_string(cpu, r->cpu)
		lttng_ust_field_integer(int64_t, clock_offset_ns, r->clock_offset_ns)
		lttng_ust_field_integer(int64_t, clock_error_ns, r->clock_error_ns)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(
	vmi, counted,
	LTTNG_UST_TP_ARGS(uint32_t, run, uint8_t, vcpu, uint8_t, call,
			  uint64_t, count),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint32_t, run, run)
		lttng_ust_field_integer(uint8_t, vcpu, vcpu)
		lttng_ust_field_enum(vmi, call_names, uint8_t, call, call)
		lttng_ust_field_integer(uint64_t, count, count)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(
	vmi, end,
	LTTNG_UST_TP_ARGS(const struct lttng_end *, e),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint32_t, run, e->run)
		lttng_ust_field_integer(uint8_t, vcpu, e->vcpu)
		lttng_ust_field_integer(uint64_t, events_counted, e->events_counted)
		lttng_ust_field_integer(uint64_t, events_recorded, e->events_recorded)
		lttng_ust_field_integer(uint64_t, events_lost, e->events_lost)
		lttng_ust_field_integer(uint64_t, wait_cycles, e->wait_cycles)
		lttng_ust_field_integer(int64_t, stolen_cycles, e->stolen_cycles)
		lttng_ust_field_integer(uint64_t, duration_ns, e->duration_ns)
		lttng_ust_field_string(exit, e->exit)
		lttng_ust_field_string(reason, e->reason)
	)
)
/* clang-format on */

#endif /* VMIPROF_LTTNG_PROVIDER_H */

#include <lttng/tracepoint-event.h>
