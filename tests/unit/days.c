/* SPDX-License-Identifier: MIT */
/* The days of a list: whatever the zone in which the server cuts its days, it shows each row. */
#include "life/days.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "life/life.h"
#include "tap.h"

#define QUARTER (15 * SK_MINUTE)
#define EAST (14 * SK_HOUR)

/* A day of the UTC, such that whole days are added to midnight. */
static int64_t
moment(const char *text)
{
	int64_t at = 0;

	if (sk_time_parse(text, &at) != 0)
		printf("Bail out! %s\n", text);
	return at;
}

/* Whether one of the parts has the date on which the server has the moment, in that zone. */
static bool
is_shown(const struct sk_days *parts, size_t n, int64_t at, int64_t zone)
{
	char date[SK_TIME_DAY];

	sk_time_day(at + zone, date);
	for (size_t i = 0; i < n; i++)
		if (strcmp(date, parts[i].first) >= 0 && strcmp(date, parts[i].last) <= 0)
			return true;
	return false;
}

static int64_t
n_dates(const struct sk_days *part)
{
	char last[40], first[40];

	snprintf(first, sizeof(first), "%sT00:00:00Z", part->first);
	snprintf(last, sizeof(last), "%sT00:00:00Z", part->last);
	return (moment(last) - moment(first)) / SK_DAY + 1;
}

/* Whether all zones show what was sent at that moment and what was sent just now. */
static bool
is_shown_in_all(int64_t sent, int64_t now)
{
	struct sk_days parts[SK_DAYS_PARTS];
	int64_t from;
	size_t n = sk_days_of_list(sent, now, parts, &from);

	if (sent < from)
		return false;
	for (int64_t zone = -SK_TIME_WESTERNMOST; zone <= EAST; zone += QUARTER)
		if (!is_shown(parts, n, sent, zone) || !is_shown(parts, n, from, zone) ||
		    !is_shown(parts, n, now, zone))
			return false;
	return true;
}

static void
test_zones(void)
{
	int64_t midnight = moment("2026-03-02T00:00:00Z");
	int n_wrong = 0;

	for (int64_t hour = 0; hour < SK_DAY; hour += SK_HOUR)
		for (int64_t age = 0; age < SK_LIFE_FORGETS; age += SK_HOUR)
			n_wrong += !is_shown_in_all(midnight + hour - 1 - age, midnight + hour - 1);
	is_int(n_wrong, 0, "at each hour each row of each age is shown, in all zones");
}

/* What is told as covered is covered, and not a moment more. */
static void
test_from(void)
{
	struct sk_days parts[SK_DAYS_PARTS];
	int64_t from, now = moment("2026-03-02T10:00:00Z");
	size_t n = sk_days_of_list(now, now, parts, &from);

	is_int(from, moment("2026-02-28T12:00:00Z"),
	    "covered is what no zone has before the first date");
	ok(!is_shown(parts, n, from - 1, -SK_TIME_WESTERNMOST),
	    "the moment before isn't, in the westernmost one");
	ok(is_shown(parts, n, now - SK_DAY, EAST), "nor does a time that is off by a day matter");
}

static void
test_parts(void)
{
	struct sk_days parts[SK_DAYS_PARTS];
	int64_t from, now = moment("2026-03-02T23:59:59Z");

	is_int(sk_days_of_list(now, now, parts, &from), 1, "what is new takes one request");
	is_str(parts[0].first, "2026-02-28", "from two days before");
	is_str(parts[0].last, "2026-03-04", "to two days after");
	is_int(sk_days_of_list(now - 2 * SK_DAY, now, parts, &from), 1, "and so do two days");
	is_int(n_dates(&parts[0]), SK_DAYS_PART, "which are as many dates as one may have");
	is_int(sk_days_of_list(now - 3 * SK_DAY, now, parts, &from), 2, "three days take two");
	is_str(parts[0].first, "2026-02-25", "the first one");
	is_str(parts[0].last, "2026-03-03", "has seven dates");
	is_str(parts[1].first, "2026-03-04", "the second one follows it");
	is_str(parts[1].last, "2026-03-04", "and has the rest");
	is_int(sk_days_of_list(0, now, parts, &from), 2, "what is older than the server's memory");
	is_str(parts[0].first, "2026-02-22", "isn't asked for");
	is_str(parts[1].last, "2026-03-04", "up to two days after today");
	ok(n_dates(&parts[0]) == 7 && n_dates(&parts[1]) == 4, "eleven dates are the most");
	is_int(sk_days_of_list(now + 9 * SK_DAY, now, parts, &from), 1,
	    "a moment ahead of the clock");
	is_str(parts[0].first, "2026-02-28", "counts as now");
}

int
main(void)
{
	test_zones();
	test_from();
	test_parts();
	return done_testing();
}
