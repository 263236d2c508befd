/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policy.h - which calls to inline, in the words of the kernel
 *
 * The patched kernel takes "MODE[,CALL:MODE]..." as vmi= on its command line
 * and in /sys/kernel/debug/vmi/mode.
 */
#ifndef ADVISE_POLICY_H
#define ADVISE_POLICY_H

#include <stdbool.h>

#include "vmi/calls.h"

/*
 * What the kernel calls the call: the mnemonic where it knows one ("cli"), else
 * the name of the call.
 */
const char *policy_call_name(unsigned int nr);

/* "stub,cli:inline,sti:inline", to be freed; the calls in order of `order`. */
char *policy_words(const unsigned int *order, unsigned int nr_calls);

/* The same as one word of a list with commas: "cli:inline+sti:inline". */
char *policy_form(const unsigned int *order, unsigned int nr_calls);

#endif /* ADVISE_POLICY_H */
