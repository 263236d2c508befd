/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * symbol_lines.h - file and line of an address, from an ELF file's DWARF
 *
 * For symbols.c.  A compilation unit is read when an address in it is first
 * asked for: a kernel has a thousand of them.
 */
#ifndef SYMBOL_LINES_H
#define SYMBOL_LINES_H

#include <libelf.h>

#include "symbols.h"

struct symbol_lines;

/* NULL if the file has no DWARF.  elf has to live on. */
struct symbol_lines *symbol_lines_open(Elf *elf);

/* Set file, line and inlined of place as far as they are known. */
void symbol_lines_find(struct symbol_lines *lines, uint64_t address,
		       struct symbol_place *place);

void symbol_lines_close(struct symbol_lines *lines);

#endif /* SYMBOL_LINES_H */
