/* SPDX-License-Identifier: MIT */
/* schema_parts: what the files of schema share. JSON values are the caller's; those that are passed are taken. */
#ifndef SK_RULES_SCHEMA_PARTS_H
#define SK_RULES_SCHEMA_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "rules/requirement.h"

/* The items of a bar list as an array; true and false also as booleans. */
json_t *sk_schema_enum(const char *values);

/* {name: schema} */
json_t *sk_schema_with(const char *name, json_t *schema);

/* {"properties": {name: value}} */
json_t *sk_schema_property(const char *name, json_t *value);

/* A text of that pattern. */
json_t *sk_schema_text(const char *pattern);

/* A blank text, which counts as none, or what schema says. */
json_t *sk_schema_or_blank(json_t *schema);

/* Anything but a blank text. */
json_t *sk_schema_not_blank(void);

/*
 * One of the words of a bar list, in any letter case; true and false also as booleans. with_enum: an enum names
 * them, too, for programs that offer them to a person.
 */
json_t *sk_schema_words(const char *values, bool with_enum);

/* A request that has the field, and not as a blank text. */
json_t *sk_schema_given(const char *name);

/* One alternative of a condition of the table, of length bytes. */
json_t *sk_schema_alternative(const char *text, size_t length);

/*
 * The alternatives of a condition, except those about a field that the system ignores; NULL when none is left.
 */
json_t *sk_schema_condition(const char *condition, const struct sk_submission *asked);

#endif
