/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * screen.h - vmiprof top on a terminal, with the keys of top(1)
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>

#include "find_recording.h"
#include "live.h"
#include "view.h"

/*
 * Show an interval of delay_s seconds after the other until a key ends it, the
 * recording does, or the guest got something wrong (live->error).  nr: so many at
 * most, 0 for no limit.  Returns false after a message when the terminal will not
 * do.
 */
bool screen_run(const struct recording_place *place, struct live *live,
		struct view *view, double delay_s, unsigned int nr);

#endif /* SCREEN_H */
