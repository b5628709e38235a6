/* SPDX-License-Identifier: MIT */
/* The known name that a misspelt one was probably meant to be. */
#ifndef SIM_NEAR_H
#define SIM_NEAR_H

#include <stddef.h>

/* Set word, then add each candidate. At most a third of the letters differ, but one always may. */
struct near {
	const char *word;
	char *name; /* the nearest so far; NULL: none is near */
	size_t distance;
};
void near_add(struct near *near, const char *candidate);
void near_add_all(struct near *near, const char *names); /* separated by commas */
/*
 * Returns what, and "; did you mean NAME?" behind it if there is a name near. The caller frees it.
 * The struct is at its end then.
 */
char *near_say(struct near *near, const char *what);

#endif
