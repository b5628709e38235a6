/* SPDX-License-Identifier: MIT */
/*
 * window.pml: the dates for which a list is asked cover the day of each request that the list may prove
 * absent.
 *
 * Modelled: hours. A row was sent in some hour of day 10 (UTC) and is 0 to 120 hours old: of older ones a
 * list proves nothing. The server names no zone: it may write down a request's moment in one zone and cut
 * its days in another, each from -12 to +14, so the two are up to 26 hours apart. A list is asked for
 * from two days before the row's to two days after today, in UTC, in as many requests of at most seven
 * dates as that takes. There are no steps of time: each combination is looked at once.
 *
 * Property: the request's moment, as the server sees it, lies within the dates of the list.
 *
 * Rules that can be taken away, and what goes wrong then:
 *   DAYS_BEFORE=1, DAYS_AFTER=1  two days on either side. With one a request of another zone's yesterday
 *                     or tomorrow lies outside of the list.
 *   ONE_REQUEST       as many requests as it takes. The last seven dates alone don't reach back to a row
 *                     of four days.
 *   OWN_CLOCK         moments are the server's. One that was noted by a clock three days ahead or behind
 *                     makes the list begin at a wrong day.
 * What it assumes, and fails without:
 *   OLDEST=150        with KEPT_HOURS, see below: the server keeps what it was sent for six days; so the
 *                     list proves nothing of a row of more than five.
 */
#ifndef DAYS_BEFORE
#define DAYS_BEFORE 2
#endif
#ifndef DAYS_AFTER
#define DAYS_AFTER 2
#endif
#ifndef OLDEST
#define OLDEST 120 /* hours: the oldest row of which a list proves anything */
#endif
#define KEPT_HOURS 144 /* six days */
#define MOST_ZONES_APART 26
#define DAY 24

active proctype Window()
{
	int sent, now, shift, noted, first, last, seen;

	atomic {
		select(sent : 10 * DAY .. 10 * DAY + 23);
		select(now : sent .. sent + OLDEST);
		select(shift : 0 .. 2 * MOST_ZONES_APART);
		noted = sent;
#ifdef OWN_CLOCK
		if
		:: noted = sent - 3 * DAY
		:: noted = sent + 3 * DAY
		:: true
		fi;
#endif
		first = noted / DAY - DAYS_BEFORE;
		last = now / DAY + DAYS_AFTER;
#ifdef ONE_REQUEST
		if
		:: last - first + 1 > 7 -> first = last - 6
		:: else
		fi;
#endif
		seen = sent + shift - MOST_ZONES_APART;
		printf("sent at hour %d, asked at hour %d for days %d to %d, seen by the server at hour %d\n",
		    sent, now, first, last, seen);
		assert(now - sent < KEPT_HOURS);
		assert(seen >= first * DAY);
		assert(seen < (last + 1) * DAY)
	}
}
