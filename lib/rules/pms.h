/* SPDX-License-Identifier: MIT */
/*
 * rules_pms: which practice management system a practice has, and the texts of rules_table that
 * depend on it: lists with '|' between, and "PMS=text; PMS=text".
 */
#ifndef SK_RULES_PMS_H
#define SK_RULES_PMS_H

#include <stddef.h>

/* Not told at all, or told, and then maybe none that a row names. Borrowed texts. */
struct sk_pms {
	const char *told;
	const char *name;
};

/* pms and version may be NULL or empty. */
struct sk_pms sk_pms_of(const char *pms, const char *version);

/* The next of a list with '|' between, and its length. 0 after the last; begin with *at = list. */
int sk_pms_list_next(const char **at, const char **item, size_t *length);

/* Whether word, of that length, stands in a list, without case. NULL is an empty list. */
int sk_pms_list_has(const char *list, const char *word, size_t length);

/* A list for a person, commas instead of bars. The caller frees. */
char *sk_pms_list_spoken(const char *list);

/* Whether a system stands in a list; "!a|b": whether it doesn't. NULL holds for each. */
int sk_pms_is_among(const struct sk_pms *pms, const char *list);

/* What "PMS=text; PMS=text" has for it, otherwise general. The caller frees; NULL for NULL. */
char *sk_pms_text(const struct sk_pms *pms, const char *map, const char *general);

#endif
