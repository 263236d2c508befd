// SPDX-License-Identifier: GPL-2.0-only
#include "site_modes.h"

#include "vmi/trace.h"

#define NATIVE	VMI_SITES_NATIVE
#define STUB	VMI_SITES_STUB
#define INLINE	VMI_SITES_INLINE
#define COUNT	VMI_SITES_COUNT
#define ALL	(NATIVE | STUB | INLINE | COUNT)

const char *site_modes_name(uint8_t sites)
{
	static const char *const name[ALL + 1] = {
		[0] = "none",
		[NATIVE] = "native",
		[STUB] = "stub",
		[NATIVE | STUB] = "native+stub",
		[INLINE] = "inline",
		[NATIVE | INLINE] = "native+inline",
		[STUB | INLINE] = "stub+inline",
		[NATIVE | STUB | INLINE] = "native+stub+inline",
		[COUNT] = "count",
		[NATIVE | COUNT] = "native+count",
		[STUB | COUNT] = "stub+count",
		[NATIVE | STUB | COUNT] = "native+stub+count",
		[INLINE | COUNT] = "inline+count",
		[NATIVE | INLINE | COUNT] = "native+inline+count",
		[STUB | INLINE | COUNT] = "stub+inline+count",
		[ALL] = "native+stub+inline+count",
	};

	return name[sites & ALL];
}
