/* SPDX-License-Identifier: MIT */
/*
 * nearest: the edit distance between a misspelt name and the known ones. A word that is too long
 * for a name is near to nothing.
 */
#include "base/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 64

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The Damerau-Levenshtein distance in which two neighbouring letters may be swapped once; letter
 * case is ignored. Both words have at most LONGEST letters.
 */
static size_t
distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *unused;

	for (size_t j = 0; j <= b_length; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			int x = tolower((unsigned char)a[i - 1]),
			    y = tolower((unsigned char)b[j - 1]);

			row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		unused = before;
		before = last;
		last = row;
		row = unused;
	}
	return last[b_length];
}

void
sk_near_add(struct sk_near *near, const char *candidate, size_t length)
{
	size_t n = strlen(near->word), far;

	if (n == 0 || n > LONGEST || length > LONGEST)
		return;
	far = distance(near->word, n, candidate, length);
	if (far > (n / 3 > 1 ? n / 3 : 1) || (near->name != NULL && far >= near->distance))
		return;
	near->name = candidate;
	near->length = length;
	near->distance = far;
}

const char *
sk_nearest(const char *word, const char *const *candidates, size_t n)
{
	struct sk_near near = {.word = word};

	for (size_t i = 0; i < n; i++)
		sk_near_add(&near, candidates[i], strlen(candidates[i]));
	return near.name;
}

const char *
sk_nearest_hint(const char *name, char text[SK_NEAREST_HINT])
{
	text[0] = '\0';
	if (name != NULL && *name != '\0')
		snprintf(text, SK_NEAREST_HINT, "; did you mean %s?", name);
	return text;
}
