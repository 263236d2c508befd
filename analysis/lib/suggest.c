// SPDX-License-Identifier: GPL-2.0-only
#include "suggest.h"

#include <stddef.h>
#include <string.h>

#define WORD_MAX	31

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/*
 * Characters to be put in, taken away, replaced, or changed with their neighbour
 * to make a word of the other: the restricted edit distance.
 */
static unsigned int distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned int d[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= n; i++)
		d[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			unsigned int differ = a[i - 1] != b[j - 1];

			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
					d[i - 1][j - 1] + differ);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[n][m];
}

void suggest(struct suggestion *suggestion, const char *word)
{
	size_t n = strlen(suggestion->word), m = strlen(word);
	unsigned int far;

	if (!n || n > WORD_MAX || m > WORD_MAX)
		return;
	far = distance(suggestion->word, n, word, m);
	/* One slip in three characters may be one. */
	if (far > (n + 2) / 3 || far >= m)
		return;
	if (suggestion->best && far >= suggestion->distance)
		return;
	suggestion->best = word;
	suggestion->distance = far;
}
