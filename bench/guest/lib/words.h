/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * words.h - the command line: what to run
 */
#ifndef GUEST_WORDS_H
#define GUEST_WORDS_H

#include <stdbool.h>
#include <stdint.h>

enum work {
	WORK_PROFILE,
	WORK_SELFTEST,
	WORK_REBOOT,
	WORK_SHUTDOWN,
	WORK_BENCH,
};

#define WORD_BYTES	512	/* of one word, with its end */

struct words {
	enum work work;
	uint32_t rounds;
	bool donate;		/* give the trace ROM memory for its ring */
	bool init;		/* call the ROM's Init */
	bool count;		/* make no calls of the ROM: native and counted */
	/* bench/bench.h */
	uint32_t samples;
	bool exact;
	const char *for_bench;	/* a word that only "bench" looks at, or NULL */
	char calls[WORD_BYTES];
	char pads[WORD_BYTES];
};

/*
 * Reads the words that bench/guest/README.md lists, after the image's name.
 * Prints what is wrong and returns false if one is unknown.
 */
bool words_read(const char *command_line, struct words *words);

#endif /* GUEST_WORDS_H */
