// SPDX-License-Identifier: GPL-2.0-only
/*
 * words.c - the command line
 */
#include "bench/bench.h"
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
	{ "bench", WORK_BENCH },
};

/* "WORD=1..LIMIT" */
static bool read_number(const char *number, uint32_t limit, uint32_t *value)
{
	return string_number(number, value) && *value >= 1 && *value <= limit;
}

/* The words of the benchmarks beside "bench"; *good says if one is right. */
static bool read_bench_word(const char *word, struct words *words, bool *good)
{
	const char *value;

	*good = true;
	if ((value = string_after(word, "bench="))) {
		words->work = WORK_BENCH;
		string_copy(words->calls, value, sizeof(words->calls));
		return true;
	}
	if (string_equal(word, "exact")) {
		words->for_bench = "exact";
		words->exact = true;
	} else if ((value = string_after(word, "samples="))) {
		words->for_bench = "samples=";
		*good = read_number(value, BENCH_SAMPLES_LIMIT, &words->samples);
	} else if ((value = string_after(word, "pads="))) {
		words->for_bench = "pads=";
		string_copy(words->pads, value, sizeof(words->pads));
	} else {
		return false;
	}
	return true;
}

static bool read_word(const char *word, struct words *words)
{
	const char *number = string_after(word, "rounds=");
	uint32_t i;
	bool good;

	if (read_bench_word(word, words, &good))
		return good;
	if (string_equal(word, "donate=no")) {
		words->donate = false;
		return true;
	}
	if (string_equal(word, "level=count")) {
		words->count = true;
		return true;
	}
	if (string_equal(word, "init=no")) {
		words->init = false;
		return true;
	}
	if (number)
		return read_number(number, ROUNDS_LIMIT, &words->rounds);
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

/* A word of one kind of work, given with another, would do nothing. */
static bool fits(const struct words *words)
{
	const char *found, *expected;

	if (words->for_bench && words->work != WORK_BENCH) {
		found = words->for_bench;
		expected = "bench";
	} else if (words->count && words->work != WORK_PROFILE) {
		found = "level=count";
		expected = "profile";
	} else {
		return true;
	}
	print("vmiprof-guest: command line: found '%s', expected '%s' beside "
	      "it\n", found, expected);
	return false;
}

bool words_read(const char *command_line, struct words *words)
{
	const char *line;
	char word[WORD_BYTES];

	*words = (struct words){
		.work = WORK_PROFILE,
		.rounds = DEFAULT_ROUNDS,
		.donate = true,
		.init = true,
		.samples = BENCH_SAMPLES,
	};
	line = next_word(command_line, word, sizeof(word));
	while (line && (line = next_word(line, word, sizeof(word)))) {
		if (read_word(word, words))
			continue;
		print("vmiprof-guest: command line: found '%s', expected "
		      "profile, selftest, selftest=reboot, selftest=shutdown, "
		      "bench, bench=CALL[,CALL...], pads=STYLE[,STYLE...], "
		      "exact, samples=1..%u, donate=no, init=no, "
		      "level=count or rounds=1..%u\n", word, BENCH_SAMPLES_LIMIT, ROUNDS_LIMIT);
		return false;
	}
	return fits(words);
}
