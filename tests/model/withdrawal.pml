/* SPDX-License-Identifier: MIT */
/*
 * withdrawal.pml: when the key of a withdrawn row becomes free, so that the same request may be sent
 * again.
 *
 * Modelled: one request that the practice had fetched at the moment when the server took its withdrawal
 * (API4006). It is carried out within 15 minutes or never; the status shows that at once, a list within
 * 15 minutes after it. (So "it arrives" in request.inc reads here "it is carried out".) The row is looked
 * at by status, where a tick is a minute, or (LISTS: the plan lacks that call) by lists, where it is
 * five: the minute between two lists isn't modelled, but that only one of two may be torn. Two processes
 * look, and commit in a later step what they saw when they began. A status can't be torn.
 *
 * Property: when the key is free, the request wasn't carried out and never will be.
 *
 * Rules that can be taken away, and what goes wrong then:
 *   STATUS_AT_10_MINUTES  looks by status count when they began 15 minutes or more after the withdrawal.
 *                     At 10 it is carried out after both.
 *   ONE_LOOK          two looks, a minute apart, must find it gone. One that began at exactly 15 minutes
 *                     may come just before it is carried out; one list may be torn.
 *   AT_COMMIT         what counts is when a look began, not when it is written down.
 *   LISTS_AT_30_MINUTES  (with LISTS) lists count when they began 35 minutes or more after it, like those
 *                     that prove a row absent. At 30 it is listed just after the first one, and the
 *                     second is torn.
 *   LISTS_AT_15_MINUTES  (with LISTS) what is enough for a status isn't enough for lists.
 *   NOT_FOLLOWING     (with LISTS) the two lists follow one another by number. Otherwise a whole one that
 *                     shows it lies between two torn ones.
 * What it assumes, and fails without:
 *   TICKS_TO_ARRIVE=20  (with LISTS: 5) nothing that was fetched is carried out later than 15 minutes
 *                     after the withdrawal.
 */
#ifdef LISTS
#define TICK 5
#else
#define TICK 1
#endif
#include "request.inc"

#if defined(LISTS_AT_30_MINUTES)
#define WAIT MINUTES(30)
#elif defined(LISTS_AT_15_MINUTES)
#define WAIT MINUTES(15)
#elif defined(LISTS)
#define WAIT MINUTES(35)
#elif defined(STATUS_AT_10_MINUTES)
#define WAIT MINUTES(10)
#else
#define WAIT MINUTES(15)
#endif
#ifdef AT_COMMIT
#define COUNTS (withdrawn_for >= WAIT)
#else
#define COUNTS (began >= WAIT)
#endif
#define MOST_LOOKS 6
#define LAST_MINUTE (WAIT + 2)
#define NONE 0

Request request;
byte withdrawn_for;
byte number;             /* of the latest look */
byte gone;               /* the number of the latest look that found it gone; NONE */
byte gone_at;            /* when that look began */
bool key_is_free, was_seen;

#ifdef ONE_LOOK
#define IS_SECOND true
#elif defined(LISTS) && !defined(NOT_FOLLOWING)
#define IS_SECOND (gone != NONE && began >= gone_at + MINUTES(1) && mine == gone + 1)
#else
#define IS_SECOND (gone != NONE && began >= gone_at + MINUTES(1))
#endif

inline look(shows)
{
#ifdef LISTS
	begin_list();
	look_up(request, shows)
#else
	shows = request.at == AT_SERVER || request.at == LISTED;
	printf("the status shows %d\n", shows)
#endif
}

inline found_gone()
{
	if
	:: IS_SECOND ->
		printf("look %d: the key is free\n", mine);
		key_is_free = true;
		assert(request.at == NOWHERE)
	:: else -> gone = mine; gone_at = began
	fi
}

active [2] proctype Looker()
{
	byte mine;
	byte began;
	bool shows;

end:	do
	:: atomic {
		!key_is_free && !was_seen && number < MOST_LOOKS ->
		number++;
		mine = number;
		began = withdrawn_for;
		look(shows)
	   };
	   atomic { /* the commit */
		if
		:: shows -> was_seen = true /* the event contradiction; the key isn't freed */
		:: !shows && !key_is_free && !was_seen && COUNTS -> found_gone()
		:: else
		fi;
		mine = NONE; shows = false; began = 0
	   }
	od
}

active proctype World()
{
	request.at = ON_THE_WAY; /* fetched, and withdrawn */
end:	do
	:: atomic { IS_UNDER_WAY(request) -> move_on(request) }
	:: atomic {
		!IS_DUE(request) && withdrawn_for < LAST_MINUTE ->
		withdrawn_for++;
		grow_older(request)
	   }
	od
}
