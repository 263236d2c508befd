/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * provider.h - a tracepoint with the payload of the recorder's 16-byte record
 *
 * The time stamp is LTTng's own; the rest is what a record holds: call and
 * cycles, return address, first argument.
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER vmiprof

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./provider.h"

#if !defined(VMIPROF_PROVIDER_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define VMIPROF_PROVIDER_H

#include <lttng/tracepoint.h>
#include <stdint.h>

/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(
	vmiprof, call,
	LTTNG_UST_TP_ARGS(uint32_t, word, uint32_t, ret, uint32_t, arg),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint32_t, word, word)
		lttng_ust_field_integer_hex(uint32_t, ret, ret)
		lttng_ust_field_integer_hex(uint32_t, arg, arg)
	)
)
/* clang-format on */

#endif /* VMIPROF_PROVIDER_H */

#include <lttng/tracepoint-event.h>
