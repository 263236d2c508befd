// SPDX-License-Identifier: GPL-2.0-only
#include "copy_records.h"

#include <stdbool.h>
#include <string.h>

#include "trace/record_check.h"

/* A compact record, or a third of a wide one: time, word, ret, arg. */
typedef uint32_t unit_t __attribute__((vector_size(VMI_REC_BYTES)));
typedef int32_t signed_unit_t __attribute__((vector_size(VMI_REC_BYTES)));

/*
 * With a call's number these two sums have no bit 7, with any other of seven bits
 * one of them has.
 */
#define NO_CALL_BIT	(1u << 7)
#define TO_LAST		(VMI_NR_SLOTS - VMI_NR_CALLS)

_Static_assert(VMI_NR_SLOTS == NO_CALL_BIT, "call numbers have seven bits");

/*
 * Copy the units of a packet out of the guest's memory, and look at each as it
 * passes: a second pass would cost a third more.  Returns whether they are all
 * committed compact records, none of them earlier than the one before or than
 * *time, which becomes that of the last.
 */
static bool copy_compact(void *to, const void *from, size_t nr,
			 const void *soon, uint32_t *time)
{
	/* Of vectors there are only signed comparisons: move all down by 2^31. */
	const unit_t bias = { 1u << 31 };
	const unit_t *source = from;
	const unit_t *ahead = soon ? soon : from;
	unit_t *target = to;
	unit_t words = { 0 };
	signed_unit_t before = (signed_unit_t)((unit_t){ *time } ^ bias);
	signed_unit_t back = { 0 };
	unit_t bits = { 0 };

	for (size_t i = 0; i < nr; i++) {
		unit_t unit = source[i], call;
		signed_unit_t now;

		__builtin_prefetch(&ahead[i]);
		/* Read once: what is looked at is what is kept. */
		__asm__ volatile("" : "+x"(unit));
		target[i] = unit;
		now = (signed_unit_t)(unit ^ bias);
		words |= unit;
		call = RECORD_CALL(unit);
		bits |= (call - VMI_FIRST_CALL) | (call + TO_LAST);
		back |= before > now;
		before = now;
	}
	if (back[0] || bits[1] & NO_CALL_BIT || words[1] & VMI_REC_WIDE)
		return false;
	*time = ((unit_t)before ^ bias)[0];
	return true;
}

/*
 * Count records of either form in private memory.  Their time may not step back,
 * which a CTF reader would take for a wrap of the clock.
 */
static int64_t count_records(const struct vmi_record *record, size_t units,
			     uint32_t *time)
{
	int64_t nr = 0;

	for (size_t n; units; units -= n, record += n, nr++) {
		n = record_units(record->word);
		if (!record->word)
			return RECORDS_UNCOMMITTED;
		if (!record_is_good(record->word, units) ||
		    record->time < *time)
			return RECORDS_BAD;
		*time = record->time;
	}
	return nr;
}

int64_t copy_records(struct vmi_record *to, const struct vmi_record *from,
		     size_t units, const void *soon, uint32_t *time)
{
	/* Nearly always all records are compact. */
	if (copy_compact(to, from, units, soon, time))
		return (int64_t)units;
	return count_records(to, units, time);
}

size_t drop_uncommitted(struct vmi_record *record, size_t units)
{
	struct vmi_record *kept = record;
	const struct vmi_record *first = record;

	for (size_t n; units; units -= n, record += n) {
		n = record_units(record->word);
		if (n > units)
			n = units;
		if (!record->word)
			continue;
		memmove(kept, record, n * sizeof(*record));
		kept += n;
	}
	return (size_t)(record - first) - (size_t)(kept - first);
}
