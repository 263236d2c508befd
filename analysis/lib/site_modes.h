/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * site_modes.h - names of what the call sites of a call are
 */
#ifndef SITE_MODES_H
#define SITE_MODES_H

#include <stdint.h>

/* Room for the longest text. */
#define SITE_MODES_TEXT		40

/*
 * "native", "stub", "inline" or "count" by VMI_SITES_*; where sites differ the
 * names of all with "+" between, "stub+inline"; "none" where there are no sites.
 */
void site_modes_text(uint8_t sites, char text[SITE_MODES_TEXT]);

#endif /* SITE_MODES_H */
