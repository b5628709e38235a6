/* SPDX-License-Identifier: MIT */
/*
 * compared: counts the comparisons of texts. A program that includes this has a strcmp of its own, which the library uses
 * as well, in place of what the C library has. So a test sees whether something is looked for or looked through.
 */
#ifndef SK_TESTS_COMPARED_H
#define SK_TESTS_COMPARED_H

#include <string.h>

static size_t compared;

int
strcmp(const char *a, const char *b)
{
	compared++;
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

#endif
