/* SPDX-License-Identifier: MIT */
/*
 * days: the days for which the server's list is asked (sikka-life(7), Lists). The server cuts its days in
 * a zone that it doesn't name, takes at most seven of them in one request, and keeps requests for six.
 * Pure: moments in, dates out.
 */
#ifndef SK_LIFE_DAYS_H
#define SK_LIFE_DAYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

#define SK_DAYS_PART 7 /* dates in one request, with its first and its last */
#define SK_DAYS_PARTS \
	2 /* requests at most: for six days, two days before them and two after today */

/* The first and the last date of one request. */
struct sk_days {
	char first[SK_TIME_DAY];
	char last[SK_TIME_DAY];
};

/*
 * The days of a list that shall show what was sent from oldest until now: from two days before the
 * former to two days after the latter, cut into parts that follow one another. What is older than the
 * server's memory is left out. *from: the first moment that is covered whatever the server's zone is.
 * Returns the number of parts.
 */
size_t sk_days_of_list(int64_t oldest, int64_t now, struct sk_days parts[SK_DAYS_PARTS],
    int64_t *from);

#endif
