/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * symbols.h - which function, file and line of the guest an address is in
 *
 * From vmlinux or any other ELF file (libelf; libdw where it has DWARF), or from
 * a System.map.  The file is read as far as it is sound; an address is known only
 * if the file has code there.
 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As hexadecimal text, with its end; GNU build-ids have 20 bytes. */
#define SYMBOLS_BUILD_ID_TEXT	65

struct symbols;

/* Texts live as long as the symbols, and are fit to be printed. */
struct symbol_place {
	const char *function;
	uint64_t offset;	/* of the address asked for, in bytes */
	/*
	 * The line of `function` itself: where code of an inline function was
	 * put, the line that calls it.  NULL and 0: not known.
	 */
	const char *file;
	unsigned int line;
	const char *inlined;	/* the innermost such function, or NULL */
};

/*
 * Read a file, for one thread's use.  NULL, and a message in why, if it cannot be
 * read or has no symbols of code.
 */
struct symbols *symbols_open(const char *path, char *why, size_t why_bytes);

/* The path that it was opened by. */
const char *symbols_path(const struct symbols *symbols);

/* False if the file has no code at this address; *place is not set then. */
bool symbols_find(struct symbols *symbols, uint64_t address,
		  struct symbol_place *place);

/*
 * The place of a call by its return address, which may already be in the next
 * function: it is the byte before that is looked up, but the offset is that of
 * the return address itself, as the kernel's %pB prints it.
 */
bool symbols_find_call(struct symbols *symbols, uint64_t ret,
		       struct symbol_place *place);

/* "function+0x1f", as stack traces of the kernel have it. */
void symbol_place_text(const struct symbol_place *place, char *text,
		       size_t text_bytes);

/* The GNU build-id; NULL if the file has none, as a System.map. */
const uint8_t *symbols_build_id(const struct symbols *symbols, size_t *bytes);

/* The same in hexadecimal, "" if there is none. */
void symbols_build_id_text(const struct symbols *symbols,
			   char text[SYMBOLS_BUILD_ID_TEXT]);

/*
 * Where the build-id lies in the guest's memory once the file is loaded, by its
 * program headers.  False if it is not loaded.
 */
bool symbols_build_id_phys(const struct symbols *symbols, uint64_t *phys);

void symbols_close(struct symbols *symbols);

#endif /* SYMBOLS_H */
