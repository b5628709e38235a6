/* SPDX-License-Identifier: MIT */
/*
 * rules_pms: which practice management system (PMS) a practice has, and the texts of the table that
 * depend on it: bar lists ("a|b") and maps ("PMS=text; PMS=text").
 */
#ifndef SK_RULES_PMS_H
#define SK_RULES_PMS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The system that a practice reports. told: its name as reported, NULL if none was. name: the name
 * that the rules use, NULL if they have none for it. family: the name of the product of which it is a
 * later generation, NULL if it is none; what the rules say of that one holds for it, too. Borrowed
 * texts.
 */
struct sk_pms {
	const char *told;
	const char *name;
	const char *family;
};

/* pms and version may be NULL or empty. */
struct sk_pms sk_pms_of(const char *pms, const char *version);

/* The next item of a bar list, and its length. Begin with *at = list; false after the last item. */
bool sk_pms_list_next(const char **at, const char **item, size_t *length);

/* Whether a bar list has the word of that length, in any letter case. NULL is an empty list. */
bool sk_pms_list_has(const char *list, const char *word, size_t length);

/* A bar list for people, with commas. The caller frees. */
char *sk_pms_list_spoken(const char *list);

/*
 * Whether the system, or its family, is in a bar list; for "!a|b": whether it isn't. A NULL list holds
 * for every system.
 */
bool sk_pms_is_among(const struct sk_pms *pms, const char *list);

/*
 * The system's text in a map "PMS=text; PMS=text", or its family's; general when the map has neither. The caller
 * frees; NULL when there is neither.
 */
char *sk_pms_text(const struct sk_pms *pms, const char *map, const char *general);

#endif
