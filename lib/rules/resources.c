/* SPDX-License-Identifier: MIT */
/*
 * rules: the readable resources and their parameters, and the nearest known name for a misspelt
 * one. An unknown resource is no error here: the server may know more than the table.
 */
#include "rules/resources.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "rules/resources_table.h"

#define LONGEST (SK_RESOURCE_WORD - 1) /* a longer word is near to nothing */

/* Every resource takes these. offset and limit belong to the options and are in no list. */
const char *const sk_resource_common =
    "fields lightweight sort_by loaded_startdate loaded_enddate find";

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

/* The distance between word and candidate, or SIZE_MAX when that is too far. */
static size_t
nearness(const char *word, const char *candidate, size_t candidate_length)
{
	size_t length = strlen(word), far;

	if (length == 0 || length > LONGEST || candidate_length > LONGEST)
		return (size_t)-1;
	far = distance(word, length, candidate, candidate_length);
	return far <= (length / 3 > 1 ? length / 3 : 1) ? far : (size_t)-1;
}

const char *
sk_nearest(const char *word, const char *const *candidates, size_t n)
{
	const char *nearest = NULL;
	size_t best = (size_t)-1;

	for (size_t i = 0; i < n; i++) {
		size_t far = nearness(word, candidates[i], strlen(candidates[i]));

		if (far < best) {
			best = far;
			nearest = candidates[i];
		}
	}
	return nearest;
}

const struct sk_resource *
sk_resource_find(const char *name)
{
	for (size_t i = 0; i < sk_resources_count; i++) {
		if (strcmp(sk_resources_table[i].name, name) == 0)
			return &sk_resources_table[i];
	}
	return NULL;
}

const char *
sk_resource_nearest(const char *name)
{
	const char *nearest = NULL;
	size_t best = (size_t)-1;

	for (size_t i = 0; i < sk_resources_count; i++) {
		const char *candidate = sk_resources_table[i].name;
		size_t far = nearness(name, candidate, strlen(candidate));

		if (far < best) {
			best = far;
			nearest = candidate;
		}
	}
	return nearest;
}

const struct sk_resource *
sk_resource_at(size_t i)
{
	return i < sk_resources_count ? &sk_resources_table[i] : NULL;
}

const char *
sk_resource_word(const char **list, size_t *length)
{
	const char *word = *list;

	if (*word == '\0')
		return NULL;
	*length = strcspn(word, " ");
	*list = word + *length + (word[*length] == ' ');
	return word;
}

static bool
is_word(const char *text, const char *word, size_t length)
{
	return strlen(text) == length && memcmp(text, word, length) == 0;
}

static void
put_word(char text[SK_RESOURCE_WORD], const char *word, size_t length)
{
	snprintf(text, SK_RESOURCE_WORD, "%.*s", (int)length, word);
}

/*
 * Whether a word is in one of the lists of names. If not, nearest (may be NULL) gets the nearest
 * name, or "".
 */
static bool
stands_in(const char *const *lists, size_t n_lists, const char *name,
    char nearest[SK_RESOURCE_WORD])
{
	const char *hint = "";
	size_t hint_length = 0;
	size_t best = (size_t)-1, length;

	for (size_t i = 0; i < n_lists; i++) {
		const char *list = lists[i], *word;

		while ((word = sk_resource_word(&list, &length)) != NULL) {
			size_t far;

			if (is_word(name, word, length))
				return true;
			far = nearness(name, word, length);
			if (far < best) {
				best = far;
				hint = word;
				hint_length = length;
			}
		}
	}
	if (nearest != NULL)
		put_word(nearest, hint, hint_length);
	return false;
}

bool
sk_resource_takes(const struct sk_resource *resource, const char *parameter,
    char nearest[SK_RESOURCE_WORD])
{
	const char *const lists[] = {resource->required, resource->optional, sk_resource_common};

	return stands_in(lists, 3, parameter, nearest);
}

bool
sk_resource_sorts(const struct sk_resource *resource, const char *field, size_t n,
    char nearest[SK_RESOURCE_WORD])
{
	char name[SK_RESOURCE_WORD];

	if (*resource->sort_by == '\0')
		return true;
	put_word(name, field, n);
	return stands_in(&resource->sort_by, 1, name, nearest);
}

const char *
sk_resource_hint(const char *nearest, char text[SK_RESOURCE_HINT])
{
	text[0] = '\0';
	if (nearest != NULL && *nearest != '\0')
		snprintf(text, SK_RESOURCE_HINT, "; did you mean %s?", nearest);
	return text;
}

bool
sk_resource_lacks(const struct sk_resource *resource, const char *const *names, size_t n,
    char missing[SK_RESOURCE_WORD])
{
	const char *list = resource->required, *word;
	size_t length, i;

	while ((word = sk_resource_word(&list, &length)) != NULL) {
		i = 0;
		while (i < n && !is_word(names[i], word, length))
			i++;
		if (i == n) {
			put_word(missing, word, length);
			return true;
		}
	}
	missing[0] = '\0';
	return false;
}
