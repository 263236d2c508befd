/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * modes.h - follow how the guest makes its calls: native, stub, inline, count
 *
 * The patched Linux says so in its memory (struct vmi_modes) and may change it
 * while it runs.  The host only reads; no number found there is trusted.
 */
#ifndef MODES_H
#define MODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest/guest_ram.h"
#include "trace_rom.h"
#include "vmi/trace.h"

/* A guest may switch all day long: what comes later is counted, not kept. */
#define MODES_KEPT_MAX		16384

struct mode_change {
	uint8_t nr;		/* of the call */
	uint8_t sites;		/* VMI_SITES_* from then on */
	uint64_t time;		/* guest TSC, as the guest says */
};

/* All zero before modes_attach(). */
struct modes {
	const struct guest_ram *ram;
	const struct vmi_trace_ctl *ctl;
	const uint32_t *published;	/* struct vmi_modes; NULL: not yet */
	uint32_t seq;				/* of what was read last */
	uint8_t sites[VMI_NR_SLOTS];

	/* In the order in which they were found. */
	size_t nr;
	struct mode_change *change;
	uint64_t left_out;	/* more than are kept, or not seen in time */
	char error[160];	/* "" or what the guest got wrong: not followed */
};

/* Follow the guest of a ROM that trace_rom_search() found on. */
void modes_attach(struct modes *modes, const struct guest_ram *ram,
		  const struct trace_rom *rom);

/*
 * Look for changes.  True if some were added: change[] from the nr of before.
 * Cheap when there are none: two words are read.
 */
bool modes_poll(struct modes *modes);

void modes_free(struct modes *modes);

#endif /* MODES_H */
