// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

uint64_t option_size(struct argp_state *state, const char *option,
		     const char *arg, uint64_t min, uint64_t max)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	unsigned long long value;
	unsigned int shift = 0;

	errno = 0;
	value = strtoull(arg, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		shift = 10 * ((unsigned int)(unit - units) + 1);
		end++;
	}
	if (errno || end == arg || *end || *arg == '-' || value > max >> shift ||
	    value << shift < min)
		argp_error(state,
			   "--%s=%s: expected a size from %llu to %llu bytes, with K, M, G or T for larger units",
			   option, arg, (unsigned long long)min,
			   (unsigned long long)max);
	return value << shift;
}
