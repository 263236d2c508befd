// SPDX-License-Identifier: GPL-2.0-only
#include "level.h"

#include <string.h>

#include "lib/text.h"
#include "vmi/descriptor.h"

/* What of a descriptor's flags says how calls are kept. */
#define ROM_KINDS (VMI_DESC_TRACE | VMI_DESC_AGGREGATE | VMI_DESC_STAMP)

const struct level_traits run_levels[NR_RUN_LEVELS] = {
	[RUN_LEVEL_EVENT] = {
		.name = "event",
		.rom = "trace",
		.rom_flags = VMI_DESC_TRACE,
		.events = true,
		.cycles = true,
		.linux_word = "",
		.embedded_word = "",
		.keeps = "each call",
		.note = "",
	},
	[RUN_LEVEL_STAMP] = {
		.name = "stamp",
		.rom = "stamp",
		.rom_flags = VMI_DESC_TRACE | VMI_DESC_STAMP,
		.events = true,
		.cycles = true,
		.sampled = true,
		.linux_word = "",
		.embedded_word = "",
		.keeps = "each call with one time stamp; the cycles of some, "
			 "so that reports have estimates",
		.note = "",
	},
	[RUN_LEVEL_AGGREGATE] = {
		.name = "aggregate",
		.rom = "aggregate",
		.rom_flags = VMI_DESC_AGGREGATE,
		.cycles = true,
		.linux_word = "",
		.embedded_word = "",
		.keeps = "the sum and a histogram of each call's cycles",
		.note = "mean: cycles of a call.  p50 and p99 lie in that "
			"bucket: the bounds are powers of two.\n"
			"interrupted: a handler made calls in it too; left "
			"out of the cycles.",
	},
	[RUN_LEVEL_COUNT] = {
		.name = "count",
		.rom = "trace",
		.rom_flags = VMI_DESC_TRACE,
		.site_counts = true,
		.linux_word = "vmi=count",
		.embedded_word = "level=count",
		.keeps = "how often each is made, without calling the ROM "
			 "where a site can count by itself",
		.note = "Counted in the call sites, or by the ROM where a site "
			"calls it; cycles are not known at this level.\n"
			"A site that has no room for a counter stays native, "
			"and its calls are not counted.",
	},
};

int run_level_by_name(const char *name)
{
	for (int i = 0; i < NR_RUN_LEVELS; i++) {
		if (!strcmp(run_levels[i].name, name))
			return i;
	}
	return -1;
}

const char *run_level_names(void)
{
	static char names[80];

	names[0] = '\0';
	for (int i = 0; i < NR_RUN_LEVELS; i++)
		text_append(names, sizeof(names), "%s%s",
			    i == 0		      ? ""
			    : i + 1 < NR_RUN_LEVELS ? ", "
						      : " or ",
			    run_levels[i].name);
	return names;
}

int run_level_of_rom(uint32_t rom_flags, bool drained)
{
	const uint32_t kind = rom_flags & ROM_KINDS;

	for (int i = 0; i < NR_RUN_LEVELS; i++) {
		if (run_levels[i].events == drained &&
		    (drained ? run_levels[i].rom_flags == kind
			     : run_levels[i].rom_flags & kind))
			return i;
	}
	/* Flags that the guest may have set: its ROM says more than they. */
	for (int i = 0; i < NR_RUN_LEVELS; i++) {
		if (run_levels[i].rom_flags == kind)
			return i;
	}
	return -1;
}

bool run_level_fits_rom(enum run_level level, uint32_t rom_flags)
{
	return run_levels[level].rom_flags == (rom_flags & ROM_KINDS);
}
