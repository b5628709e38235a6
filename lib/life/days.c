/* SPDX-License-Identifier: MIT */
/*
 * days: one day would be enough on either side for the zones alone, which reach from -12:00 to +14:00. The
 * second one is for a time of sending that is off by hours.
 */
#include "life/days.h"

#include "life/life.h"

#define MARGIN 2 /* days */

_Static_assert(MARGIN + SK_LIFE_FORGETS / SK_DAY + 1 + MARGIN <= SK_DAYS_PARTS * SK_DAYS_PART,
    "the days of the longest list have room in the parts");

/* The number of the day, by UTC. */
static int64_t
day_of(int64_t moment)
{
	return moment / SK_DAY - (moment % SK_DAY < 0);
}

static void
put_part(struct sk_days *part, int64_t first, int64_t last)
{
	sk_time_day(first * SK_DAY, part->first);
	sk_time_day(last * SK_DAY, part->last);
}

size_t
sk_days_of_list(int64_t oldest, int64_t now, struct sk_days parts[SK_DAYS_PARTS], int64_t *from)
{
	int64_t first, last = day_of(now) + MARGIN;
	size_t n = 0;

	if (oldest < now - SK_LIFE_FORGETS)
		oldest = now - SK_LIFE_FORGETS;
	if (oldest > now)
		oldest = now;
	first = day_of(oldest) - MARGIN;
	/* In the westernmost zone the first day begins last. */
	*from = first * SK_DAY + SK_TIME_WESTERNMOST;
	for (; first <= last; first += SK_DAYS_PART) {
		int64_t end = first + SK_DAYS_PART - 1;

		put_part(&parts[n++], first, end < last ? end : last);
	}
	return n;
}
