/* SPDX-License-Identifier: MIT */
/*
 * named.pml: what a person says of an entry (--adopt, --not-ours) or of a row (--resolve, --retry=ID),
 * beside lists that are read meanwhile.
 *
 * Modelled: one unknown row without an id, and its request, which arrives and is listed late or never
 * (request.inc). Lists are read; a row that two of them lack is declared not received, and cron's --retry
 * sends it again. A person may adopt the entry as a row of its own, say that another program sent it,
 * resolve the row as failed, and retry by name what was resolved; each of these reads a list first. The
 * second request is accepted, and has an id. A tick is five minutes.
 * DARK: the entry can't be compared (there is an & in a value). Then nobody resolves the row as failed: the
 * lists could never show that this was wrong, see below.
 *
 * Properties:
 *   once     the row isn't sent again, unless its first request never arrived, or a person said so.
 *   told     where a person said so, and was wrong, the first list that shows the first request tells that
 *            there are two.
 *
 * Rules that can be taken away, and what goes wrong then:
 *   ADOPT_ANYTHING    (with DARK) an entry that may be an unknown row's isn't adopted. Otherwise a row of its
 *                     own has the entry, the unknown row seems never to have arrived, and is sent again.
 *   NOT_OURS_ANYTHING nor is it noted as another program's. Otherwise the same.
 *   RETRY_UNMARKED    a row that was resolved as failed, and that a person retries, is marked as not
 *                     received. Otherwise nobody looks for its first request, and the two are never told.
 * What it assumes, and fails without:
 *   TICKS_TO_LIST=5   a request arrives within 15 minutes, and is listed within 15 more.
 *   TORN_TWICE        of two lists in a row at most one is torn.
 * What it can't hold: with --unchecked a person's word isn't compared with anything. And a row that was
 * resolved wrongly, whose entry can't be compared, is never told to be doubled.
 */
#include "request.inc"

#define WAIT MINUTES(35)

mtype = { UNKNOWN, HAS_ID, NOT_RECEIVED, RESOLVED, SENT_AGAIN };
mtype = { NOBODY, THE_ROW, ANOTHER_ROW, ANOTHER_PROGRAM };

Request request;             /* the row's first one */
mtype row = UNKNOWN, owner = NOBODY;
byte age;                    /* ticks since the row became unknown; WAIT: that and more */
byte lists_that_lack_it;     /* one after the other */
bool was_resolved, is_looked_for, is_told;

/*
 * What was adopted, and can be compared, still explains a request that lacks its entry (taken.pml). What
 * can't be compared is claimed at once: the person has decided.
 */
#ifdef DARK
#define COUNTS_AS_UNOWNED (owner == NOBODY)
#define IS_MATCH false
#else
#define COUNTS_AS_UNOWNED (owner == NOBODY || owner == ANOTHER_ROW)
#define IS_MATCH (owner == NOBODY)
#endif

#ifdef ADOPT_ANYTHING
#define MAY_BE_ADOPTED (owner == NOBODY && row != SENT_AGAIN)
#else
#define MAY_BE_ADOPTED (owner == NOBODY && row != SENT_AGAIN && row != UNKNOWN && row != RESOLVED)
#endif
#ifdef NOT_OURS_ANYTHING
#define MAY_BE_ANOTHERS (owner == NOBODY && row != SENT_AGAIN)
#else
#define MAY_BE_ANOTHERS (owner == NOBODY && row != SENT_AGAIN && row != UNKNOWN && row != RESOLVED)
#endif

inline settle_by_list()
{
	if
	:: row == UNKNOWN && shows && IS_MATCH ->
		row = HAS_ID; owner = THE_ROW; printf("found\n")
	:: row == UNKNOWN && shows && !IS_MATCH && COUNTS_AS_UNOWNED -> lists_that_lack_it = 0
	:: row == UNKNOWN && !(shows && COUNTS_AS_UNOWNED) && age >= WAIT ->
		lists_that_lack_it++;
		if
		:: lists_that_lack_it == 2 ->
			row = NOT_RECEIVED; is_looked_for = true; lists_that_lack_it = 0; printf("not received\n")
		:: else
		fi
	:: row == SENT_AGAIN && is_looked_for && shows && IS_MATCH ->
		owner = THE_ROW; is_told = true; printf("there are two\n")
	:: else
	fi
}

/* A list that shows the first request, read when the row had been sent again, must have told. */
inline check_told()
{
	assert(!(row == SENT_AGAIN && shows && owner == NOBODY && !is_told))
}

inline send_again()
{
	assert(NEVER_CAME(request) || was_resolved);
	row = SENT_AGAIN;
	printf("sent again\n")
}

active proctype All()
{
	bool shows;

	atomic { leave(request) };
end:	do
	/* The sweep */
	:: atomic { begin_list(); look_up(request, shows); settle_by_list(); check_told(); shows = false }
	:: atomic { row == NOT_RECEIVED -> send_again() }

	/* A person */
	:: atomic {
		row == UNKNOWN || row == NOT_RECEIVED || row == RESOLVED || row == SENT_AGAIN ->
		begin_list(); look_up(request, shows); lists_that_lack_it = 0;
		if
		:: shows && MAY_BE_ADOPTED -> owner = ANOTHER_ROW; printf("adopted\n")
		:: shows && MAY_BE_ANOTHERS -> owner = ANOTHER_PROGRAM; printf("not ours\n")
#ifndef DARK
		:: row == UNKNOWN && !(shows && COUNTS_AS_UNOWNED) ->
			row = RESOLVED; was_resolved = true; printf("resolved as failed\n")
#endif
		:: row == RESOLVED && !(shows && owner == NOBODY) && owner != ANOTHER_ROW && owner != ANOTHER_PROGRAM ->
#ifndef RETRY_UNMARKED
			is_looked_for = true;
#endif
			send_again()
		:: else
		fi;
		shows = false
	   }

	/* The network, the server, and time */
	:: atomic { IS_UNDER_WAY(request) -> move_on(request) }
	:: atomic {
		!IS_DUE(request) && (age < WAIT || IS_UNDER_WAY(request)) ->
		age = (age < WAIT -> age + 1 : age);
		grow_older(request)
	   }
	od
}
