/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom_print.h - the ways in which an image is shown
 */
#ifndef ROM_PRINT_H
#define ROM_PRINT_H

#include "rom_image.h"

void rom_print_summary(const struct rom_image *rom);

/* A line per call. */
void rom_print_slots(const struct rom_image *rom);

void rom_print_json(const struct rom_image *rom);

/*
 * Disassemble the slot of one call, or of all for nr = -1, with objdump.
 * Returns false after a message when that cannot be done.
 */
bool rom_disassemble(const struct rom_image *rom, int nr);

#endif /* ROM_PRINT_H */
