/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * suggest.h - the word that somebody may have meant
 */
#ifndef SUGGEST_H
#define SUGGEST_H

struct suggestion {
	const char *word;	/* as it was written */
	const char *best;	/* NULL: nothing is near */
	unsigned int distance;	/* of that */
};

/* Take a word that exists into account; it lives as long as the suggestion. */
void suggest(struct suggestion *suggestion, const char *word);

#endif /* SUGGEST_H */
