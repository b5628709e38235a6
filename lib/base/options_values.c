/* SPDX-License-Identifier: MIT */
/*
 * options: the values of options: durations and ages, and values that weren't attached. A value that
 * can't be what was meant is an error (64) that says what would be right.
 */
#include "base/options.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

/* "90s", "10m", "6h", "30d": the largest unit that leaves a whole number. */
static char *
write_duration(int64_t duration, char text[SK_TIME_WORDS])
{
	static const struct {
		int64_t unit;
		char letter;
	} units[] = {{SK_DAY, 'd'}, {SK_HOUR, 'h'}, {SK_MINUTE, 'm'}, {SK_SECOND, 's'}};
	size_t i = 0;

	while (i < 3 && duration % units[i].unit != 0)
		i++;
	snprintf(text, SK_TIME_WORDS, "%lld%c", (long long)(duration / units[i].unit),
	    units[i].letter);
	return text;
}

static int
check_least(const char *name, const char *value, int64_t least, int64_t duration,
    struct sk_error *err)
{
	char text[SK_TIME_WORDS];

	if (duration >= least)
		return 0;
	return sk_error_set(err, SK_EXIT_USAGE, "%s: '%s' is too short: at least %s is needed",
	    name, value, write_duration(least, text));
}

int
sk_options_duration(const char *name, const char *value, int64_t least, int64_t *duration,
    struct sk_error *err)
{
	if (sk_time_duration(value, duration) == 0)
		return check_least(name, value, least, *duration, err);
	return sk_error_set(err, SK_EXIT_USAGE, "%s: '%s' isn't a duration (90, 90s, 15m, 6h, 30d)",
	    name, value);
}

int
sk_options_age(const char *name, const char *value, int64_t least, int64_t *age,
    struct sk_error *err)
{
	if (sk_time_duration(value, age) != 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "%s: '%s' isn't a duration (90s, 15m, 6h, 30d)", name, value);
	if (value[strspn(value, "0123456789")] == '\0')
		return sk_error_set(err, SK_EXIT_USAGE,
		    "%s: '%s' has no unit: is it %ss, %sm, %sh or %sd?", name, value, value, value,
		    value, value);
	return check_least(name, value, least, *age, err);
}

const char *
sk_options_attached_hint(const struct sk_common *common, const char *operand,
    char text[SK_OPTIONS_HINT])
{
	text[0] = '\0';
	if (common->detached != NULL && operand == common->detached)
		snprintf(text, SK_OPTIONS_HINT, "; did you mean --%s=%.40s?", common->detached_from,
		    operand);
	return text;
}
