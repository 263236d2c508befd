// SPDX-License-Identifier: GPL-2.0-only
/* A file of symbols of any content: an ELF file, with DWARF or not, or a map. */
#include "fuzz.h"

#include "lib/symbols.h"

/* Addresses that the seeds have code at, and the ends of the world. */
static const uint64_t from[] = { 0, 0x100000, 0xc1000000, UINT64_MAX - 64 };

static void look(struct symbols *symbols, uint64_t address)
{
	struct symbol_place place;
	char text[32];

	if (!symbols_find_call(symbols, address, &place))
		return;
	must_hold(place.function && *place.function);
	must_hold(!place.line == !place.file);
	must_hold(place.offset <= address);
	symbol_place_text(&place, text, sizeof(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[300] = "", id[SYMBOLS_BUILD_ID_TEXT];
	struct symbols *symbols = symbols_open(
		fuzz_file("vmlinux", data, size), why, sizeof(why));
	uint64_t phys;
	size_t bytes;

	if (!symbols) {
		must_hold(*why);
		return 0;
	}
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		for (uint64_t offset = 0; offset < 64; offset++)
			look(symbols, from[i] + offset);
	}
	(void)symbols_build_id(symbols, &bytes);
	symbols_build_id_text(symbols, id);
	must_hold(strlen(id) == 2 * bytes);
	(void)symbols_build_id_phys(symbols, &phys);
	symbols_close(symbols);
	return 0;
}
