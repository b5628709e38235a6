/* SPDX-License-Identifier: MIT */
/*
 * list.pml: a row that is unknown and has no id is declared not received because lists lack its request.
 *
 * Modelled: one row, whose request leaves at the moment from which the row counts as unknown (in truth it
 * left earlier, which only helps). Two processes read lists, and commit what they saw in a later step;
 * each may be stopped between the two for any time, and read again. A list may be torn (request.inc). A
 * tick is five minutes; the minute that must lie between two lists isn't modelled, since it is what makes
 * torn lists rare: the model takes instead that of two in a row at most one is torn.
 * Lists are numbered when they begin. That only one process reads at a time isn't used: a process that
 * was stopped, or died, may hold an old list whatever the others do.
 * RESTORE: a copy of the state file is put back, with no request sent in between: so the lock file, which
 * counts what is sent, doesn't notice it. Numbers begin again where the copy has them, unless the lock
 * file holds the number, too.
 *
 * Property: what is declared not received never arrived and never will (nothing would keep it from being
 * sent again).
 *
 * Rules that can be taken away, and what goes wrong then:
 *   AT_30_MINUTES     absence counts for lists begun 35 minutes or more after the row became unknown. At
 *                     30 the request may be listed a moment after both lists.
 *   ONE_LIST          two lists must lack it. One may be torn.
 *   NOT_FOLLOWING     the second list has the number after the first one's. Otherwise a whole one that
 *                     shows the request may lie between two torn ones, held by a process that is stopped.
 *   NUMBERS_IN_FILE   (with RESTORE) the number of a list is one more than the larger of the state file's
 *                     and the lock file's. Otherwise a restored copy gives two torn lists neighbouring
 *                     numbers, though a whole one lay between them.
 *   OWN_CLOCK         moments that are compared are the server's. By our own clock, which somebody may
 *                     set forward, the 35 minutes pass at once.
 * What it assumes, and fails without:
 *   TICKS_TO_LIST=5   a request arrives within 15 minutes and is listed within 15 more.
 *   TORN_TWICE        of two lists in a row at most one is torn.
 */
#include "request.inc"

#define MOST_LISTS 6
#ifdef AT_30_MINUTES
#define WAIT MINUTES(30)
#else
#define WAIT MINUTES(35)
#endif
#define NONE 0

mtype = { UNKNOWN, HAS_ID, NOT_RECEIVED };

typedef StateFile {
	mtype row = UNKNOWN;
	byte number;     /* of the latest list */
	byte lacking;    /* the number of the latest list that lacked the request; NONE */
};
StateFile file, copy;
byte number_in_lock_file;
byte unknown_for;        /* ticks since the row became unknown, by the server's clock */
bool clock_was_set;      /* our own clock is an hour ahead since then */
bool copied, put_back;
Request request;

#ifdef OWN_CLOCK
#define LATE_ENOUGH (unknown_for >= WAIT || clock_was_set)
#else
#define LATE_ENOUGH (unknown_for >= WAIT)
#endif

inline next_number(n)
{
	n = file.number;
#ifndef NUMBERS_IN_FILE
	if
	:: number_in_lock_file > n -> n = number_in_lock_file
	:: else
	fi;
#endif
	n++;
	file.number = n;
	number_in_lock_file = n
}

#ifdef ONE_LIST
#define IS_SECOND(n) true
#elif defined(NOT_FOLLOWING)
#define IS_SECOND(n) (file.lacking != NONE)
#else
#define IS_SECOND(n) (file.lacking != NONE && n == file.lacking + 1)
#endif

inline settle(n) /* the list lacks the request, and was begun late enough */
{
	if
	:: IS_SECOND(n) ->
		printf("list %d: not received\n", n);
		file.row = NOT_RECEIVED;
		assert(NEVER_CAME(request))
	:: else -> printf("list %d is the first one that lacks it\n", n); file.lacking = n
	fi
}

active [2] proctype Reader()
{
	byte number;
	bool shows, late_enough;

end:	do
	:: atomic {
		file.row == UNKNOWN && file.number < MOST_LISTS && number_in_lock_file < MOST_LISTS ->
		next_number(number);
		late_enough = LATE_ENOUGH;
		begin_list();
		look_up(request, shows)
	   };
	   atomic { /* the commit */
		if
		:: file.row == UNKNOWN && shows -> file.row = HAS_ID; file.lacking = NONE
		:: file.row == UNKNOWN && !shows && late_enough -> settle(number)
		:: else
		fi;
		number = NONE; shows = false; late_enough = false
	   }
	od
}

inline keep(to, from)
{
	to.row = from.row;
	to.number = from.number;
	to.lacking = from.lacking
}

active proctype World()
{
	request.at = ON_THE_WAY;
end:	do
	:: atomic { IS_UNDER_WAY(request) -> move_on(request) }
	:: atomic {
		!IS_DUE(request) && unknown_for < WAIT ->
		unknown_for++;
		grow_older(request)
	   }
#ifdef OWN_CLOCK
	:: atomic { !clock_was_set -> clock_was_set = true }
#endif
#ifdef RESTORE
	:: atomic { !copied -> copied = true; keep(copy, file) }
	:: atomic {
		copied && !put_back && file.row != NOT_RECEIVED ->
		put_back = true;
		keep(file, copy);
		printf("a copy is put back, whose latest list is %d\n", file.number)
	   }
#endif
	od
}
