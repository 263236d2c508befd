/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options.h - values of command-line options
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <argp.h>
#include <stdint.h>

/*
 * argp_parse(), but a long option that does not exist is answered with the one
 * that was perhaps meant.
 */
error_t options_parse(const struct argp *argp, int argc, char **argv,
		      unsigned int flags, void *input);

/*
 * A decimal number from min to max; for anything else argp_error() ends the
 * program with a message that names the option.
 */
unsigned int option_number(struct argp_state *state, const char *option,
			   const char *arg, unsigned long min,
			   unsigned long max);

/*
 * A size of min to max bytes: a decimal number and K, M, G or T for the powers
 * of 1024, or nothing for bytes.  For anything else argp_error() ends the
 * program with a message that names the option.
 */
uint64_t option_size(struct argp_state *state, const char *option,
		     const char *arg, uint64_t min, uint64_t max);

#endif /* OPTIONS_H */
