/* SPDX-License-Identifier: MIT */
/*
 * wall: days and times of day as other programs write them, by the clock on the practice's wall: without
 * a zone. A text that can be read in several ways has several readings, and one that can't be read has
 * none: nobody may take either for another day, or another time.
 */
#ifndef SK_BASE_WALL_H
#define SK_BASE_WALL_H

#include <stddef.h>
#include <stdint.h>

#define SK_WALL_DAYS 3
#define SK_WALL_TIMES 2

/*
 * The days that a text may name, in days since 1970: one of 2031-03-03, 20310303, 3/3/2031, 3 Mar 2031;
 * two of 03/04/2031, which begins with the day or with the month. A time beside it isn't looked at. Returns
 * how many; 0: it can't be read (also of NULL).
 */
size_t sk_wall_days(const char *text, int64_t days[SK_WALL_DAYS]);

/*
 * The times of day that a text may name, in minutes since midnight: one of 09:00, 0900, 9:00 AM,
 * 2031-03-03T09:00:00; two of 9:00, which may lack its "PM". 0: it can't be read, or its zone is UTC, and
 * nobody knows whether that is meant.
 */
size_t sk_wall_times(const char *text, int minutes[SK_WALL_TIMES]);

enum sk_wall_same { SK_WALL_OTHER, SK_WALL_SAME, SK_WALL_UNCLEAR };

/* A day and a time, in two texts or both in one of them; either may be NULL. */
struct sk_wall {
	const char *date;
	const char *time;
};

/* Whether both are the same day and time. Other only where they can't be the same in any reading. */
enum sk_wall_same sk_wall_compare(const struct sk_wall *a, const struct sk_wall *b);

/* The earliest reading as if it were UTC, in ms; 0: the day can't be read, or not in one way only. */
int64_t sk_wall_moment(const struct sk_wall *wall);

#endif
