/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record_check.h - what a record may be
 *
 * The one check, for the recorder, which takes records out of a guest's memory,
 * and for readers of a trace: what the one takes the others read.  That the time
 * does not step back is theirs to see to, since they go through records in order.
 */
#ifndef RECORD_CHECK_H
#define RECORD_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmi/trace.h"

/* Slots below and from these on have no call. */
#define RECORD_CALL(word) ((word) >> VMI_REC_CALL_SHIFT & (VMI_NR_SLOTS - 1))

/* Of a record with this word, in units of VMI_REC_BYTES. */
static inline size_t record_units(uint32_t word)
{
	return word & VMI_REC_WIDE ? VMI_REC_WIDE_BYTES / VMI_REC_BYTES : 1;
}

/* Whether it has the number of a call. */
static inline bool record_is_call(uint32_t word)
{
	return RECORD_CALL(word) - VMI_FIRST_CALL <
	       VMI_NR_CALLS - VMI_FIRST_CALL;
}

/* Of the wide form: its cycles stand elsewhere, and all of it is there. */
static inline bool record_is_wide(uint32_t word, size_t units_left)
{
	return !(word >> VMI_REC_CYCLES_SHIFT) &&
	       units_left >= VMI_REC_WIDE_BYTES / VMI_REC_BYTES;
}

/* A record of either form, with so many units to the end of its packet. */
static inline bool record_is_good(uint32_t word, size_t units_left)
{
	return record_is_call(word) && (!(word & VMI_REC_WIDE) ||
					record_is_wide(word, units_left));
}

#endif /* RECORD_CHECK_H */
