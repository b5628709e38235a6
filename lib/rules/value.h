/* SPDX-License-Identifier: MIT */
/* rules_value: the form of single values. Pure functions over texts; only lib/rules calls them. */
#ifndef SK_RULES_VALUE_H
#define SK_RULES_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/zone.h"
#include "rules/table.h"

/* What a value has to be, for a message: "yyyy-mm-dd, a real calendar day". */
const char *sk_value_wanted(enum sk_value_format format);

/* The format of that name, "past-date"; SK_VALUE_TEXT for any other name. */
enum sk_value_format sk_value_format_of(const char *name);

/* Whether text has the format. For TEETH and SITES see sk_value_is_chart. */
bool sk_value_is(enum sk_value_format format, const char *text);

/*
 * PAST_DATE: whether the date isn't in the future at that moment, in whatever zone the practice is.
 */
bool sk_value_is_past(const char *date, int64_t now);

/*
 * Whether that time of that day has surely passed at that moment, as far as the practice's zone is known. time
 * NULL: the whole day.
 */
bool sk_value_is_over(const char *date, const char *time, int64_t now, struct sk_zone zone);

/* INTEGER: whether it is min or more. */
bool sk_value_is_at_least(const char *text, long min);

size_t sk_value_digits(const char *text);

/* Whether it has n digits, without or with an extension behind the last hyphen ("4085551234-12"). */
bool sk_value_has_digits(const char *text, size_t n);
bool sk_value_has_control(const char *text);
bool sk_value_is_blank(const char *text, size_t length);

/* How many values there are between the separators. */
size_t sk_value_count(const char *text, char separator);

/* The next value, and its length. Begin with *at = text; false after the last. */
bool sk_value_next(const char **at, char separator, const char **part, size_t *length);

/* The sign of an amount: -1, 0 or 1; 2 when it is no amount. */
int sk_value_sign(const char *amount, size_t length);
bool sk_value_is_whole(const char *amount, size_t length);

/*
 * TEETH and SITES: has_shape: whether there are as many values as needed for each tooth (teeth 0:
 * for any number of teeth); is_chart: whether each value is one of parts (NULL: any value).
 */
bool sk_value_has_shape(enum sk_value_format format, const char *text, size_t teeth);
bool sk_value_is_chart(enum sk_value_format format, const char *text, const char *parts);

/* The parts of a chart for people: "0 to 19, 101 to 119", "1", "F0:…". The caller frees. */
char *sk_value_parts_spoken(const char *parts);

#endif
