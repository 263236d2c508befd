/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * places.h - where in the guest's code a trace's calls were made
 *
 * Symbols come from the file that the user names, else from the one that the
 * recording has used.  A file whose build-id is not the recorded one is of
 * another build: it is told, and no place is known.
 */
#ifndef PLACES_H
#define PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/problems.h"
#include "lib/symbols.h"
#include "run_info.h"

struct places;

/*
 * file: vmlinux, another ELF file or a System.map; NULL: what the recording
 * says.  Another build's file is a problem; that the recorded file is not there
 * any more is none, places_note() tells it.  NULL after a message when `file`
 * cannot be read.
 */
struct places *places_open(const struct run_info *info, const char *file,
			   struct problems *problems);

/* The place of a call by its return address; false: not known. */
bool places_find(struct places *places, uint32_t ret,
		 struct symbol_place *place);

/* Where the names come from, or why there are none; a line of text. */
const char *places_note(const struct places *places);

void places_free(struct places *places);

#endif /* PLACES_H */
