/* SPDX-License-Identifier: MIT */
/*
 * Compares a misspelt name with the known ones. What is too long for a name is near to nothing.
 */
#include "near.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

enum { LONGEST = 80 };

static int
letter(const char *s, size_t i)
{
	return tolower((unsigned char)s[i]);
}

/*
 * How many letters must be changed, added, left out or swapped with the next one to make b of a;
 * letter case is no change.
 */
static size_t
steps(const char *a, const char *b, size_t b_length)
{
	size_t rows[3][LONGEST + 1], i;

	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			bool same = letter(a, i - 1) == letter(b, j - 1);
			bool swapped = i > 1 && j > 1 && letter(a, i - 1) == letter(b, j - 2) &&
			    letter(a, i - 2) == letter(b, j - 1);

			row[j] = above[j - 1] + !same;
			if (above[j] + 1 < row[j])
				row[j] = above[j] + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			if (swapped && rows[(i + 1) % 3][j - 2] + 1 < row[j])
				row[j] = rows[(i + 1) % 3][j - 2] + 1;
		}
	}
	return rows[(i + 2) % 3][b_length];
}

void
near_add(struct near *near, const char *candidate)
{
	size_t n = strlen(near->word), length = strlen(candidate), far;

	if (n == 0 || n > LONGEST || length > LONGEST)
		return;
	far = steps(near->word, candidate, length);
	if (far > (n / 3 > 1 ? n / 3 : 1) || (near->name != NULL && far >= near->distance))
		return;
	free(near->name);
	near->name = x_dup(candidate);
	near->distance = far;
}

void
near_add_all(struct near *near, const char *names)
{
	while (*names != '\0') {
		size_t n = strcspn(names, ",");
		char *name = x_printf("%.*s", (int)n, names);

		near_add(near, name);
		free(name);
		names += n + (names[n] == ',');
	}
}

char *
near_say(struct near *near, const char *what)
{
	char *said =
	    near->name != NULL ? x_printf("%s; did you mean %s?", what, near->name) : x_dup(what);

	free(near->name);
	near->name = NULL;
	return said;
}
