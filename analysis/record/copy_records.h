/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * copy_records.h - take a packet's records out of memory that a guest may write
 */
#ifndef COPY_RECORDS_H
#define COPY_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "vmi/trace.h"

/*
 * Copy `units` times VMI_REC_BYTES, both sides aligned to that, reading each byte
 * once; then check the copy: records of either form must fill it, none earlier
 * than the one before it, nor than *time.  Returns how many records they are, and
 * the time of the last in *time; or -1.
 *
 * soon: as many units that will be copied soon, or NULL.  They lie in the cache
 * of the CPU that wrote them; they are fetched meanwhile.
 */
int64_t copy_records(struct vmi_record *to, const struct vmi_record *from,
		     size_t units, const void *soon, uint32_t *time);

#endif /* COPY_RECORDS_H */
