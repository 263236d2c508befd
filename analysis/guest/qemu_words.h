/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qemu_words.h - arguments for QEMU that say something else than our own options
 *
 * QEMU takes the last of two, without a word, and what is recorded of the run
 * would be wrong.
 */
#ifndef QEMU_WORDS_H
#define QEMU_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Look through arguments, which end with NULL.  guest_chosen: what boots was said
 * by an option; free_boot: the arguments are to say it.  True if all is well, else
 * why not, and what to do, in why.
 */
bool qemu_words_check(char *const *args, bool guest_chosen, bool free_boot,
		      char *why, size_t why_bytes);

#endif /* QEMU_WORDS_H */
