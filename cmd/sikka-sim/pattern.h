/* SPDX-License-Identifier: MIT */
/* Whether a pattern of a fault rule can match any request on a route. */
#ifndef SIM_PATTERN_H
#define SIM_PATTERN_H

#include <stdbool.h>

/*
 * The pattern is one of the shell's, in which * matches slashes too. In the route {} stands for
 * one segment of a path, which isn't empty.
 */
bool pattern_meets(const char *pattern, const char *route);

#endif
