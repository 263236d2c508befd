// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <errno.h>
#include <stdlib.h>

unsigned int option_number(struct argp_state *state, const char *option,
			   const char *arg, unsigned long min,
			   unsigned long max)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(arg, &end, 10);
	if (errno || end == arg || *end || *arg == '-' || value < min ||
	    value > max)
		argp_error(state, "--%s=%s: expected a number from %lu to %lu",
			   option, arg, min, max);
	return (unsigned int)value;
}
