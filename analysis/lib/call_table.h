/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call_table.h - the VMI calls by number and by name
 */
#ifndef CALL_TABLE_H
#define CALL_TABLE_H

#include <stdbool.h>

#include "vmi/calls.h"

enum call_returns {
	CALL_RETURNS,
	CALL_OPENS,	/* may open interrupts */
	CALL_HALT,	/* opens them and waits; recorded on entry */
	CALL_NORETURN,	/* recorded on entry */
};

struct call_info {
	const char *name;	/* NULL: no such call */
	enum call_returns returns;
};

/* Indexed by slot number; unused slots have no name. */
extern const struct call_info call_table[VMI_NR_SLOTS];

/* Slot number of the call called name, -1 if there is none. */
int call_by_name(const char *name);

/* Whether a record of the call holds cycles of its own. */
static inline bool call_has_cycles(unsigned int nr)
{
	return call_table[nr].returns == CALL_RETURNS ||
	       call_table[nr].returns == CALL_OPENS;
}

#endif /* CALL_TABLE_H */
