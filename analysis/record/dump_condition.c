// SPDX-License-Identifier: GPL-2.0-only
#include "dump_condition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/text.h"
#include "trace/trace_reader.h"

static bool parse_what(struct dump_condition *condition, const char *what)
{
	int call = call_by_name(what);

	if (!strcmp(what, "cycles"))
		condition->kind = DUMP_ON_ANY_CALL;
	else if (!strcmp(what, "lost"))
		condition->kind = DUMP_ON_LOST;
	else if (call >= 0)
		condition->kind = DUMP_ON_CALL;
	else
		return false;
	condition->call = call < 0 ? 0 : (unsigned int)call;
	return true;
}

bool dump_condition_parse(struct dump_condition *condition, const char *text,
			  char *why, size_t why_bytes)
{
	const char *sign = strchr(text, '>');
	char what[40];
	char *end;

	*condition = (struct dump_condition){ 0 };
	if (!sign) {
		text_set(why, why_bytes,
			 "expected CALL>CYCLES, cycles>CYCLES or lost>CALLS");
		return false;
	}
	text_set(what, sizeof(what), "%.*s", (int)(sign - text), text);
	if (!parse_what(condition, what)) {
		text_set(why, why_bytes,
			 "found '%s', expected the name of a VMI call, cycles or lost",
			 what);
		return false;
	}
	errno = 0;
	condition->over = strtoull(sign + 1, &end, 10);
	if (errno || end == sign + 1 || *end || sign[1] < '0' ||
	    sign[1] > '9') {
		text_set(why, why_bytes, "found '%s', expected a number",
			 sign + 1);
		return false;
	}
	return true;
}

static void at_most(uint64_t *limit, uint64_t value)
{
	if (value < *limit)
		*limit = value;
}

void dump_watch_init(struct dump_watch *watch,
		     const struct dump_condition *conditions, size_t nr)
{
	*watch = (struct dump_watch){ .lost_over = UINT64_MAX };
	for (int call = 0; call < VMI_NR_SLOTS; call++)
		watch->cycles_over[call] = UINT64_MAX;
	for (size_t i = 0; i < nr; i++) {
		const struct dump_condition *c = &conditions[i];

		if (c->kind == DUMP_ON_LOST)
			at_most(&watch->lost_over, c->over);
		for (unsigned int call = 0; call < VMI_NR_SLOTS; call++) {
			if (c->kind == DUMP_ON_ANY_CALL ||
			    (c->kind == DUMP_ON_CALL && c->call == call))
				at_most(&watch->cycles_over[call], c->over);
		}
	}
}

static bool took_long(struct dump_watch *watch, const struct vmi_record *record)
{
	unsigned int call = trace_record_call(record);
	uint64_t cycles = trace_record_cycles(record);

	if (cycles <= watch->cycles_over[call] ||
	    record->word & VMI_REC_INTERRUPTED)
		return false;
	text_set(watch->met, sizeof(watch->met),
		 "%s took %llu cycles, more than %llu",
		 call_table[call].name ? call_table[call].name : "a call",
		 (unsigned long long)cycles,
		 (unsigned long long)watch->cycles_over[call]);
	return true;
}

void dump_watch_packet(void *arg, const struct vmi_packet *packet)
{
	struct dump_watch *watch = arg;
	const char *end = (const char *)packet + packet->content_bits / 8;

	if (*watch->met)
		return;
	if (packet->lost - watch->lost_base > watch->lost_over) {
		text_set(watch->met, sizeof(watch->met),
			 "%llu calls were lost, more than %llu",
			 (unsigned long long)(packet->lost - watch->lost_base),
			 (unsigned long long)watch->lost_over);
		return;
	}
	for (const char *p = (const char *)(packet + 1); p < end;
	     p += trace_record_bytes(p)) {
		if (took_long(watch, (const struct vmi_record *)p))
			return;
	}
}

void dump_watch_rearm(struct dump_watch *watch, uint64_t lost)
{
	watch->lost_base = lost;
	watch->met[0] = '\0';
}
