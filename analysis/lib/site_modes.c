// SPDX-License-Identifier: GPL-2.0-only
#include "site_modes.h"

#include "text.h"
#include "vmi/trace.h"

void site_modes_text(uint8_t sites, char text[SITE_MODES_TEXT])
{
	static const char *const name[VMI_NR_SITE_KINDS] = {
		"native", "stub", "inline", "count"
	};

	text[0] = '\0';
	for (int i = 0; i < VMI_NR_SITE_KINDS; i++) {
		if (sites & 1u << i)
			text_append(text, SITE_MODES_TEXT, "%s%s",
				    *text ? "+" : "", name[i]);
	}
	if (!*text)
		text_set(text, SITE_MODES_TEXT, "none");
}
