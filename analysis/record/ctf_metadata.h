/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ctf_metadata.h - the CTF 1.8 description of a trace
 *
 * It says in TSDL what include/vmi/trace.h says in C, so that every CTF reader
 * understands the packets as the ROM left them.
 */
#ifndef CTF_METADATA_H
#define CTF_METADATA_H

#include <stdint.h>

#include "clock_map.h"
#include "guest/accel.h"

struct ctf_metadata {
	uint8_t uuid[16];
	uint64_t tsc_hz;
	enum accel accel;
	const char *cpu;
	const char *guest;
	const char *boot_id;		/* of the host; NULL or "": not known */
	struct clock_reading clock;
};

/* The text, to be freed. */
char *ctf_metadata_text(const struct ctf_metadata *metadata);

/* A random one. */
void ctf_uuid(uint8_t uuid[16]);

#endif /* CTF_METADATA_H */
