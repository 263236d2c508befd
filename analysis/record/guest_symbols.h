/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_symbols.h - the file with the symbols of the guest that is recorded
 *
 * Call sites are recorded as addresses.  Which file has names for them is known
 * now, and whether it is of that very build can be seen in the guest's memory.
 */
#ifndef GUEST_SYMBOLS_H
#define GUEST_SYMBOLS_H

#include "guest/guest_ram.h"
#include "lib/symbols.h"
#include "trace/run_info.h"

struct guest_symbols {
	char *file;			/* absolute path; NULL: none is known */
	char build_id[SYMBOLS_BUILD_ID_TEXT];	/* "" if the file has none */
	enum symbols_check check;
	size_t id_bytes;
	uint8_t id[SYMBOLS_BUILD_ID_TEXT / 2];
	bool is_loaded;
	uint64_t phys;			/* of the build-id, when loaded */
};

/*
 * Read the file at path, which may be NULL.  False after a message if it has no
 * symbols.
 */
bool guest_symbols_open(struct guest_symbols *symbols, const char *path);

/*
 * Compare the build-id with that in the memory of a guest that ran.  False if
 * there is another one, or none.
 */
bool guest_symbols_verify(struct guest_symbols *symbols,
			  const struct guest_ram *ram);

void guest_symbols_close(struct guest_symbols *symbols);

#endif /* GUEST_SYMBOLS_H */
