// SPDX-License-Identifier: GPL-2.0-only
/*
 * words.c - the command line
 */
#include "lib/console.h"
#include "lib/string.h"
#include "lib/words.h"

#define DEFAULT_ROUNDS	20
#define ROUNDS_LIMIT	100000

static const struct {
	const char *word;
	enum work work;
} works[] = {
	{ "profile", WORK_PROFILE },
	{ "selftest", WORK_SELFTEST },
	{ "selftest=reboot", WORK_REBOOT },
	{ "selftest=shutdown", WORK_SHUTDOWN },
};

static bool read_word(const char *word, struct words *words)
{
	const char *number = string_after(word, "rounds=");
	uint32_t i;

	if (string_equal(word, "donate=no")) {
		words->donate = false;
		return true;
	}
	if (string_equal(word, "init=no")) {
		words->init = false;
		return true;
	}
	if (number)
		return string_number(number, &words->rounds) &&
		       words->rounds >= 1 && words->rounds <= ROUNDS_LIMIT;
	for (i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		if (string_equal(word, works[i].word)) {
			words->work = works[i].work;
			return true;
		}
	}
	return false;
}

/* Copies the next word; returns what follows, or NULL if there is none. */
static const char *next_word(const char *line, char *word, uint32_t bytes)
{
	uint32_t length = 0;

	while (*line == ' ')
		line++;
	if (!*line)
		return NULL;
	for (; *line && *line != ' '; line++) {
		if (length < bytes - 1)
			word[length++] = *line;
	}
	word[length] = '\0';
	return line;
}

bool words_read(const char *command_line, struct words *words)
{
	const char *line;
	char word[64];

	words->work = WORK_PROFILE;
	words->rounds = DEFAULT_ROUNDS;
	words->donate = true;
	words->init = true;
	line = next_word(command_line, word, sizeof(word));
	while (line && (line = next_word(line, word, sizeof(word)))) {
		if (read_word(word, words))
			continue;
		print("vmiprof-guest: command line: found '%s', expected "
		      "profile, selftest, selftest=reboot, selftest=shutdown, "
		      "donate=no, init=no or rounds=1..%u\n", word, ROUNDS_LIMIT);
		return false;
	}
	return true;
}
