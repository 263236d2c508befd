/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * copy_records.h - take a packet's records out of memory that a guest may write
 */
#ifndef COPY_RECORDS_H
#define COPY_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "vmi/trace.h"

/* What copy_records returns in place of a number of records. */
#define RECORDS_UNCOMMITTED	(-1)	/* the word of one is not there yet */
#define RECORDS_BAD		(-2)	/* no records, or not in order of time */

/*
 * Copy `units` times VMI_REC_BYTES, both sides aligned to that, reading each byte
 * once; then check the copy: committed records of either form must fill it, each
 * as trace/record_check.h has it, none earlier than the one before it, nor than
 * *time.  Returns how many records they
 * are, and the time of the last in *time; or RECORDS_*.
 *
 * A unit is read in one piece, as every x86 CPU with AVX does: who sees a
 * record's word, which is stored last, sees the rest.
 *
 * soon: as many units that will be copied soon, or NULL.  They lie in the cache
 * of the CPU that wrote them; they are fetched meanwhile.
 */
int64_t copy_records(struct vmi_record *to, const struct vmi_record *from,
		     size_t units, const void *soon, uint32_t *time);

/*
 * Close the gaps that records leave which never were committed, in private
 * memory.  Only compact records can be such.  Returns how many they were; that
 * many units fewer hold the others.
 */
size_t drop_uncommitted(struct vmi_record *record, size_t units);

#endif /* COPY_RECORDS_H */
