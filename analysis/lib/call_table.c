// SPDX-License-Identifier: GPL-2.0-only
#include "call_table.h"

#include <string.h>

const struct call_info call_table[VMI_NR_SLOTS] = {
#define X(nr, name, nr3, clobbers, segments, returns, ...)                     \
	[nr] = {#name, CALL_##returns},
	VMI_CALLS(X)
#undef X
};

int call_by_name(const char *name)
{
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (call_table[nr].name && !strcmp(call_table[nr].name, name))
			return nr;
	}
	return -1;
}
