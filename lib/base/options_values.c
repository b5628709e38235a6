/* SPDX-License-Identifier: MIT */
/*
 * options: the values of options: durations, ages and moments, and values that weren't attached. A value that
 * can't be what was meant is an error (64) that says what would be right.
 */
#include "base/options.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

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

/*
 * Reads "2026-02-07", "2026-02-07T15:30" or "2026-02-07 15:30:00" as a time in this machine's zone.
 */
static int
parse_local(const char *text, int64_t *moment)
{
	static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
	    "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm;
		int day;
		const char *end;
		time_t seconds;

		memset(&tm, 0, sizeof(tm));
		end = strptime(text, forms[i], &tm);
		if (end == NULL || *end != '\0')
			continue;
		tm.tm_isdst = -1;
		day = tm.tm_mday;
		seconds = mktime(&tm);
		/* mktime would turn the 30th of February into a day in March. */
		if (tm.tm_year < 70 || tm.tm_mday != day)
			return -1;
		*moment = (int64_t)seconds * SK_SECOND;
		return 0;
	}
	return -1;
}

int
sk_options_when(const char *name, const char *value, int64_t *duration, int64_t *moment,
    struct sk_error *err)
{
	int64_t now = sk_time_now();

	*duration = 0;
	if (sk_time_duration(value, duration) == 0) {
		if (sk_options_age(name, value, SK_SECOND, duration, err) != 0)
			return -1;
		*moment = now - *duration;
	} else if (sk_time_parse(value, moment) != 0 && parse_local(value, moment) != 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "%s takes a duration, a date or a time, such as 36h, 2026-02-07 "
		    "or 2026-02-07T15:30:00Z",
		    name);
	if (*moment > now)
		return sk_error_set(err, SK_EXIT_USAGE, "%s %s is in the future", name, value);
	return 0;
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
