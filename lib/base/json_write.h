/* SPDX-License-Identifier: MIT */
/*
 * json_write: JSON values as text, compact, as jansson writes them but for numbers: a real is the shortest
 * text that reads back as the same number (45.3 stays 45.3, where jansson writes 45.299999999999997).
 */
#ifndef SK_BASE_JSON_WRITE_H
#define SK_BASE_JSON_WRITE_H

#include <jansson.h>

#include "base/text.h"

#define SK_JSON_REAL 40 /* room for a real's text */

/* The shortest text that reads back as this number, in the form that C has for it: 1e+23. */
void sk_json_write_real(char text[SK_JSON_REAL], double number);

/* Adds the value's text. */
void sk_json_write(struct sk_text *text, const json_t *value);

/* Adds a text as a JSON string. */
void sk_json_write_text(struct sk_text *text, const char *string);

/* The value's text. The caller frees. */
char *sk_json_dump(const json_t *value);

#endif
