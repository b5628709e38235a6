/* SPDX-License-Identifier: MIT */
/*
 * get: what has changed since some time. For most resources the server tells it by whole days, in a
 * zone that isn't known; of some it tells each change of the last minutes (practice_events).
 */
#include <stdbool.h>
#include <string.h>

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

int
sk_get_read_since(struct sk_get_options *options, struct sk_error *err)
{
	int64_t duration, moment;

	if (sk_options_when("--changed-since", options->changed_since, &duration, &moment, err) !=
	    0)
		return -1;
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
