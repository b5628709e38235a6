/* SPDX-License-Identifier: MIT */
/*
 * json: what jansson lacks: reading members leniently, as the server spells them
 * (sikka-api(7), Spelling: numbers and booleans travel as strings, in any letter case), a scalar as
 * its text, and the canonical form that tells whether two requests are the same.
 */
#ifndef SK_BASE_JSON_H
#define SK_BASE_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

#define SK_JSON_WHY 120 /* room for why a text is no JSON */

/*
 * Parses a text that is one whole JSON value, without repeated members and without a NUL inside a
 * string. Otherwise NULL, and a message in why (which may be NULL). The caller owns the value.
 */
json_t *sk_json_parse(const char *text, size_t n, char why[SK_JSON_WHY]);

/*
 * jansson's words for a fault, without the text near it, which may be a patient's, and without the names of
 * its flags. *n: how many bytes. Borrowed from the fault.
 */
const char *sk_json_fault_words(const json_error_t *fault, int *n);

/* A member that is a non-empty string, borrowed; otherwise NULL. */
const char *sk_json_string(const json_t *object, const char *name);

/*
 * A scalar's text: strings as they are, integers in decimal, reals in the shortest form that reads
 * back the same, true and false as words. NULL for null, arrays and objects. The caller frees.
 */
char *sk_json_text(const json_t *value);

/* The text of a member; NULL when it is absent or empty. The caller frees. */
char *sk_json_member_text(const json_t *object, const char *name);

/* Reads true, "True", "1", 1, "yes" and the like: 1 true, 0 false, -1 neither. */
int sk_json_truth(const json_t *value);

/*
 * Reads a whole number in any spelling: "87", 87; of "85603 second(s)" the leading digits. 0 or -1.
 */
int sk_json_number(const json_t *value, int64_t *number);

/*
 * The canonical text of an object: members sorted, no blanks, numbers normalised (1, 1.0 and 1e0
 * are the same and become "1" as text, as sending makes them text too), strings as they are. The
 * members named in leave_out (NULL-terminated; may be NULL) are left out. The caller frees.
 */
char *sk_json_canonical(const json_t *object, const char *const *leave_out);

/* Sets a member to a text, or to null when text is NULL: a record always has all its members. */
void sk_json_set(json_t *object, const char *name, const char *text);

#endif
