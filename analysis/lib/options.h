/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options.h - values of command-line options
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <argp.h>

/*
 * A decimal number from min to max; for anything else argp_error() ends the
 * program with a message that names the option.
 */
unsigned int option_number(struct argp_state *state, const char *option,
			   const char *arg, unsigned long min,
			   unsigned long max);

#endif /* OPTIONS_H */
