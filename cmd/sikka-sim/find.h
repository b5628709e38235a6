/* SPDX-License-Identifier: MIT */
/* The expressions of find=: field=op_value, joined by ::AND:: (binds tighter) and ::OR::. */
#ifndef SIM_FIND_H
#define SIM_FIND_H

#include "util.h"

bool find_check(const char *expression);
bool find_matches(const char *expression, const json_t *record); /* the expression was checked */
/* Orders values as a person would: numbers travel as texts, and "9" comes before "10". */
int find_compare(const char *a, const char *b);

#endif
