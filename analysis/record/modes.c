// SPDX-License-Identifier: GPL-2.0-only
#include "modes.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/text.h"

/* More changes than a guest can make between two looks, however far apart. */
#define CHANGES_AT_ONCE	(1u << 24)

_Static_assert(offsetof(struct vmi_modes, seq) == 0, "modes begin with seq");

static uint32_t load32(const uint32_t *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

void modes_attach(struct modes *modes, const struct guest_ram *ram,
		  const struct trace_rom *rom)
{
	*modes = (struct modes){
		.ram = ram,
		.ctl = guest_ram_at(ram, rom->phys + rom->ctl_offset,
				    sizeof(*modes->ctl), sizeof(uint32_t)),
	};
}

/* A copy of what the guest says, if it did not change it meanwhile. */
static bool take(const struct modes *modes, uint32_t seq,
		 struct vmi_modes *taken)
{
	if (seq & 1)
		return false;
	memcpy(taken, modes->published, sizeof(*taken));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return load32(modes->published) == seq;
}

static void keep(struct modes *modes, unsigned int nr, uint8_t sites,
		 uint64_t time)
{
	if (modes->nr == MODES_KEPT_MAX) {
		modes->left_out++;
		return;
	}
	if (!(modes->nr & (modes->nr - 1))) {
		modes->change = reallocarray(modes->change,
					     modes->nr ? 2 * modes->nr : 1,
					     sizeof(*modes->change));
		if (!modes->change)
			err(EXIT_FAILURE, "memory");
	}
	modes->change[modes->nr++] = (struct mode_change){
		.nr = (uint8_t)nr,
		.sites = sites,
		.time = time,
	};
}

/* Has the guest said where to read?  Its first word is taken. */
static bool find(struct modes *modes)
{
	const uint32_t phys =
		modes->ctl ? load32(&modes->ctl->modes_phys) : 0;

	if (phys)
		modes->published = guest_ram_at(modes->ram, phys,
						sizeof(struct vmi_modes),
						sizeof(uint32_t));
	return modes->published;
}

bool modes_poll(struct modes *modes)
{
	const size_t before = modes->nr;
	struct vmi_modes now;
	uint32_t seq;

	if (*modes->error || (!modes->published && !find(modes)))
		return false;
	seq = load32(modes->published);
	if (seq == modes->seq || !take(modes, seq, &now))
		return false;
	/* One that fell seems to have gone on by nearly 2^32. */
	if ((seq - modes->seq) / 2 > CHANGES_AT_ONCE) {
		text_set(modes->error, sizeof(modes->error),
			 "the guest's number of changes of its call sites was %u and is %u: later ones were not followed",
			 modes->seq / 2, seq / 2);
		return false;
	}
	/* Two steps a change; the first that is seen may be a later one. */
	if (seq - modes->seq > 2)
		modes->left_out += (seq - modes->seq) / 2 - 1;
	modes->seq = seq;
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (now.sites[nr] == modes->sites[nr] || !call_table[nr].name)
			continue;
		keep(modes, nr, now.sites[nr], now.since);
		modes->sites[nr] = now.sites[nr];
	}
	return modes->nr > before;
}

void modes_free(struct modes *modes)
{
	free(modes->change);
	modes->change = NULL;
	modes->nr = 0;
}
