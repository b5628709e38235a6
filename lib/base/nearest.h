/* SPDX-License-Identifier: MIT */
/*
 * nearest: the known name that a misspelt one was probably meant to be, by the smallest edit
 * distance. At most a third of the letters may differ, but one letter always may.
 */
#ifndef SK_BASE_NEAREST_H
#define SK_BASE_NEAREST_H

#include <stddef.h>

/* The first of the candidates that are nearest; NULL when none is near. */
const char *sk_nearest(const char *word, const char *const *candidates, size_t n);

/* The same, one candidate after another: set word, then add each. */
struct sk_near {
	const char *word;
	const char *name; /* the nearest so far, of length bytes; NULL: none is near */
	size_t length;
	size_t distance;
};
void sk_near_add(struct sk_near *near, const char *candidate, size_t length);

/*
 * For people: "; did you mean appointments?"; an empty text when name is NULL or "". Returns text.
 */
#define SK_NEAREST_HINT 96
const char *sk_nearest_hint(const char *name, char text[SK_NEAREST_HINT]);

#endif
