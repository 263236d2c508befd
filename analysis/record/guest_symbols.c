// SPDX-License-Identifier: GPL-2.0-only
#include "guest_symbols.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>


bool guest_symbols_open(struct guest_symbols *guest, const char *path)
{
	struct symbols *symbols;
	const uint8_t *id;
	char why[300];

	*guest = (struct guest_symbols){ .check = SYMBOLS_NOT_CHECKED };
	if (!path)
		return true;
	symbols = symbols_open(path, why, sizeof(why));
	if (!symbols) {
		warnx("%s", why);
		return false;
	}
	guest->file = realpath(path, NULL);
	if (!guest->file)
		guest->file = strdup(path);
	if (!guest->file)
		err(EXIT_FAILURE, "memory");
	symbols_build_id_text(symbols, guest->build_id);
	id = symbols_build_id(symbols, &guest->id_bytes);
	if (id)
		memcpy(guest->id, id, guest->id_bytes);
	guest->is_loaded = symbols_build_id_phys(symbols, &guest->phys);
	symbols_close(symbols);
	return true;
}

bool guest_symbols_verify(struct guest_symbols *guest,
			  const struct guest_ram *ram)
{
	const uint8_t *found;

	if (!guest->file || !guest->is_loaded)
		return true;
	found = guest_ram_at(ram, guest->phys, guest->id_bytes, 1);
	guest->check = found && !memcmp(found, guest->id, guest->id_bytes)
			       ? SYMBOLS_FIT
			       : SYMBOLS_DIFFER;
	return guest->check == SYMBOLS_FIT;
}

void guest_symbols_close(struct guest_symbols *guest)
{
	free(guest->file);
	guest->file = NULL;
}
