/* SPDX-License-Identifier: MIT */
/*
 * rules_value: what a single value looks like. Pure functions over texts; only the rules modules
 * call them.
 */
#ifndef SK_RULES_VALUE_H
#define SK_RULES_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "rules/table.h"

/* What the format needs to be met, for a message: "yyyy-mm-dd, a real calendar day". */
const char *sk_value_wanted(enum sk_value_format format);

/* The format of that name, "past-date"; SK_VALUE_TEXT for any other name. */
enum sk_value_format sk_value_format_of(const char *name);

/* Whether text is of the format. TEETH and SITES are looked at by sk_value_is_chart. */
int sk_value_is(enum sk_value_format format, const char *text);

/* PAST_DATE: whether a date isn't after today, at that moment, wherever the practice may be. */
int sk_value_is_past(const char *date, int64_t now);

/* INTEGER: whether it is min or more. */
int sk_value_is_at_least(const char *text, long min);

size_t sk_value_digits(const char *text);
int sk_value_is_plain(const char *text);
int sk_value_is_blank(const char *text, size_t length);

/* How many values there are, with that separator between. */
size_t sk_value_count(const char *text, char separator);

/* The next value, and its length. 0 after the last; begin with *at = text. */
int sk_value_next(const char **at, char separator, const char **part, size_t *length);

/* An amount: -1, 0 or 1 for negative, zero, positive; 2 when it is none. */
int sk_value_sign(const char *amount, size_t length);
int sk_value_is_whole(const char *amount, size_t length);

/*
 * TEETH and SITES: whether there are so many values for each tooth (0 teeth: any number of teeth),
 * and whether each is one of parts (NULL: anything).
 */
int sk_value_has_shape(enum sk_value_format format, const char *text, size_t teeth);
int sk_value_is_chart(enum sk_value_format format, const char *text, const char *parts);

#endif
