/* SPDX-License-Identifier: MIT */
/*
 * Lays a shell pattern beside the pattern of a route, letter by letter, and looks for a text that
 * both match. What the shell doesn't understand as a pattern matches itself, as in fnmatch().
 */
#include "pattern.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* The length of what matches one letter: c, ?, \c or [...]. */
static size_t
one(const char *pattern)
{
	const char *end;

	if (*pattern == '\\' && pattern[1] != '\0')
		return 2;
	if (*pattern != '[')
		return 1;
	end = pattern + 1 + (pattern[1] == '!' || pattern[1] == '^');
	end = strchr(end + (*end == ']'), ']');
	return end != NULL ? (size_t)(end - pattern) + 1 : 1;
}

static bool
matches_letter(const char *pattern, size_t n, char letter)
{
	char *first = x_printf("%.*s", (int)n, pattern), text[] = {letter, '\0'};
	bool yes = fnmatch(first, text, 0) == 0;

	free(first);
	return yes;
}

/* Whether the first letter of the pattern may stand in a segment. */
static bool
fits_segment(const char *pattern, size_t n)
{
	for (char letter = '!'; letter <= '~'; letter++)
		if (letter != '/' && matches_letter(pattern, n, letter))
			return true;
	return false;
}

/* inside: the route's {}, at which it stands, has a letter already, and may end. */
static bool
meets(const char *pattern, const char *route, bool inside)
{
	bool hole = strncmp(route, "{}", 2) == 0;
	size_t n;

	if (inside && meets(pattern, route + 2, false))
		return true;
	if (*pattern == '*') {
		if (meets(pattern + 1, route, inside))
			return true;
		return hole ? !inside && meets(pattern, route, true)
			    : *route != '\0' && meets(pattern, route + 1, false);
	}
	if (*pattern == '\0' || *route == '\0')
		return *pattern == *route;
	n = one(pattern);
	if (hole)
		return fits_segment(pattern, n) && meets(pattern + n, route, true);
	return matches_letter(pattern, n, *route) && meets(pattern + n, route + 1, false);
}

bool
pattern_meets(const char *pattern, const char *route)
{
	return meets(pattern, route, false);
}
