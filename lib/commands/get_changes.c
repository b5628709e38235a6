/* SPDX-License-Identifier: MIT */
/*
 * get: what has changed since some time. For most resources the server tells it by whole days, in a
 * zone that isn't known; of some it tells each change of the last minutes (practice_events).
 */
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/options.h"
#include "base/out.h"
#include "base/time.h"
#include "rules/resource_rules.h"
#include "commands/get.h"
#include "commands/get_parts.h"

/*
 * A change has the time at which the server began to load it, and is seen when that has ended: ten
 * minutes later in the vendor's example. A request may also wait, for the limit or for a key. So more
 * is asked for than was said, lest something falls between two runs.
 */
#define MARGIN (30 * SK_MINUTE)

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
sk_get_read_since(struct sk_get_options *options, struct sk_error *err)
{
	int64_t now = sk_time_now(), duration = 0, moment;

	if (sk_time_duration(options->changed_since, &duration) == 0) {
		if (sk_options_age("--changed-since", options->changed_since, SK_SECOND, &duration,
			err) != 0)
			return -1;
		moment = now - duration;
	} else if (sk_time_parse(options->changed_since, &moment) != 0 &&
	    parse_local(options->changed_since, &moment) != 0)
		return sk_error_set(err, SK_EXIT_USAGE,
		    "--changed-since takes a duration, a date or a time, such as 36h, 2026-02-07 "
		    "or 2026-02-07T15:30:00Z");
	if (moment > now)
		return sk_error_set(err, SK_EXIT_USAGE, "--changed-since %s is in the future",
		    options->changed_since);
	options->changed_age = duration;
	options->changed_at = moment < SK_DAY ? SK_DAY : moment;
	/*
	 * The server's times have no zone, and nobody says which zone is meant. In the westernmost
	 * zone local time is earliest: asking for what was loaded since that time misses nothing.
	 */
	sk_time_day(options->changed_at - SK_TIME_WESTERNMOST, options->loaded_since);
	options->parameters[options->n_parameters++] =
	    (struct sk_api_parameter){"loaded_startdate", options->loaded_since};
	return 0;
}

/* A duration is the server's own: then no clock matters but its own. */
int64_t
sk_get_events_minutes(const struct sk_get_options *options)
{
	int64_t age = options->changed_age, minutes;

	if (options->changed_since == NULL || options->n_own > 0 || options->from_page > 0 ||
	    !sk_resource_has_events(options->resource, strlen(options->resource)))
		return 0;
	if (age == 0)
		age = sk_time_now() - options->changed_at;
	minutes = ((age > 0 ? age : 0) + MARGIN + SK_MINUTE - 1) / SK_MINUTE;
	return minutes <= SK_EVENTS_INTERVAL ? minutes : 0;
}

void
sk_get_tell_since(const struct sk_get_options *options, int64_t minutes)
{
	char text[SK_TIME_TEXT];
	unsigned way = minutes > 0 ? 1 : 2;

	if (options->changed_since == NULL ||
	    (options->told != NULL && (*options->told & way) != 0))
		return;
	if (options->told != NULL)
		*options->told |= way;
	sk_time_format(options->changed_at, text);
	if (minutes > 0)
		sk_out_warn("changed since %s: asking for the changes of the last %lld minutes, "
			    "with a margin of half an hour",
		    text, (long long)minutes);
	else
		sk_out_warn(
		    "changed since %s: asking for records loaded since %s, with a margin because "
		    "the server's time zone isn't known",
		    text, options->loaded_since);
}
