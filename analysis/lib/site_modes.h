/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * site_modes.h - names of what the call sites of a call are
 */
#ifndef SITE_MODES_H
#define SITE_MODES_H

#include <stdint.h>

/*
 * "native", "stub", "inline" or "count" by VMI_SITES_*; where sites differ the
 * names of all with "+" between, "stub+inline"; "none" where there are no sites.
 */
const char *site_modes_name(uint8_t sites);

#endif /* SITE_MODES_H */
