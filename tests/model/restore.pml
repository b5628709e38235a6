/* SPDX-License-Identifier: MIT */
/*
 * restore.pml: --after-restore, when a copy of the state file was put back and its lock file survived (or
 * not: NEW_DISK). What left in the history that is lost must be found in the lists, before anything is
 * sent.
 *
 * Modelled: two requests, of which each may leave, arrive and be listed (request.inc); a copy of the file
 * is kept and put back once. No process runs meanwhile: --after-restore refuses while one does
 * (twin.pml). It waits, reads two lists, and takes over what either shows; a crash is possible between
 * its commits, which take over one entry each. Then every request that the file doesn't know is handed in
 * again, and sent. A tick is five minutes; of two lists in a row at most one is torn, and it lacks any
 * entries.
 * RETRIES: a request may have failed in the copy so that it may be retried; in the lost history it was
 * retried, and a person withdrew it: no list shows it. Afterwards cron's --retry comes by.
 *
 * Property: nothing is sent again, unless its first one never arrived; and nothing is sent by itself that
 * a person withdrew.
 *
 * Rules that can be taken away, and what goes wrong then:
 *   AT_30_MINUTES     it waits until 35 minutes after the last departure. At 30 the request may be listed
 *                     a moment after both lists.
 *   FROM_THE_COPY     the last departure is the lock file's. The copy knows only those before it was
 *                     made, of the lost history nothing. (With NEW_DISK there is no such lock file, and
 *                     it is 35 minutes from the first command that met the file.)
 *   ONE_LIST          two lists are read, and what either shows is taken over. One may be torn.
 *   COUNTED_FIRST     the commit that makes the file count as up to date is the last one. Otherwise a
 *                     crash after it leaves entries that nobody takes over any more.
 *   RETRIED_BY_ITSELF (with RETRIES) what may be retried in the copy is retried afterwards only when a
 *                     person names it.
 * What it assumes, and fails without:
 *   TICKS_TO_LIST=5   a request arrives within 15 minutes, and is listed within 15 more.
 *   TORN_TWICE        of two lists in a row at most one is torn.
 */
#include "request.inc"

#define REQUESTS 2
#ifdef AT_30_MINUTES
#define WAIT MINUTES(30)
#else
#define WAIT MINUTES(35)
#endif
#ifdef ONE_LIST
#define LISTS 1
#else
#define LISTS 2
#endif

/* What the file knows of a request. */
mtype = { UNHEARD_OF, MAY_BE_RETRIED, IS_SENT };

Request request[REQUESTS];
mtype knows[REQUESTS] = UNHEARD_OF, copy_knows[REQUESTS] = UNHEARD_OF;
bool was_withdrawn[REQUESTS];
bool was_shown[REQUESTS];  /* by a list of --after-restore */
bool copied, put_back, is_older_copy;
byte lists;                /* that --after-restore has read */
bool has_crashed;
byte since = WAIT;         /* the moment from which --after-restore waits; WAIT: that and more */

#if defined(FROM_THE_COPY)
#define A_DEPARTURE_COUNTS (!copied)
#define PUTTING_BACK_COUNTS false
#elif defined(NEW_DISK)
#define A_DEPARTURE_COUNTS false
#define PUTTING_BACK_COUNTS true
#else
#define A_DEPARTURE_COUNTS true
#define PUTTING_BACK_COUNTS false
#endif

inline send()
{
	printf("request %d leaves\n", j);
	assert(NEVER_CAME(request[j]));
	knows[j] = IS_SENT;
	leave(request[j]);
	since = (A_DEPARTURE_COUNTS -> 0 : since)
}

inline make_copy()
{
	j = 0;
	do
	:: j < REQUESTS -> copy_knows[j] = knows[j]; j++
	:: else -> break
	od;
	printf("a copy is made\n")
}

inline put_copy_back()
{
	j = 0;
	do
	:: j < REQUESTS ->
		is_older_copy = is_older_copy || knows[j] != copy_knows[j]; /* the counts tell: twin.pml */
		knows[j] = copy_knows[j];
		j++
	:: else -> break
	od;
	since = (PUTTING_BACK_COUNTS -> 0 : since);
	printf("the copy is put back, older: %d\n", is_older_copy)
}

inline forget_lists()
{
	j = 0;
	do
	:: j < REQUESTS -> was_shown[j] = false; j++
	:: else -> break
	od;
	lists = 0
}

inline read_list()
{
	begin_list();
	lists++;
	j = 0;
	do
	:: j < REQUESTS ->
		look_up(request[j], shows);
		was_shown[j] = was_shown[j] || (shows && !was_withdrawn[j]);
		j++
	:: else -> break
	od;
	shows = false
}

#define IS_TO_BE_TAKEN(j) (was_shown[j] && knows[j] != IS_SENT)
#ifdef COUNTED_FIRST
#define MAY_BE_COUNTED true
#define MAY_BE_TAKEN (lists == LISTS)
#else
#define MAY_BE_COUNTED (!IS_TO_BE_TAKEN(0) && !IS_TO_BE_TAKEN(1))
#define MAY_BE_TAKEN (lists == LISTS && is_older_copy)
#endif

#define WORKS (!is_older_copy && lists == 0)   /* nothing is sent while --after-restore runs */

inline any_request() { if :: j = 0 :: j = 1 fi }

active proctype All()
{
	byte j;
	bool shows;

end:	do
	/* It is handed in, again if need be. (Of what a person withdrew that would be another person's will.) */
	:: atomic {
		WORKS -> any_request();
		if
		:: knows[j] == UNHEARD_OF && !was_withdrawn[j] -> send()
#ifdef RETRIES
		:: knows[j] == UNHEARD_OF && request[j].at == NOT_SENT -> knows[j] = MAY_BE_RETRIED
#ifndef RETRIED_BY_ITSELF
		:: knows[j] == MAY_BE_RETRIED && !put_back -> send()
#else
		:: knows[j] == MAY_BE_RETRIED -> assert(!was_withdrawn[j]); send()
#endif
		:: knows[j] == IS_SENT && request[j].at == LISTED && !put_back -> was_withdrawn[j] = true
#endif
		:: else
		fi;
		j = 0
	   }
	:: atomic { WORKS && !copied -> copied = true; make_copy(); j = 0 }
	:: atomic { WORKS && copied && !put_back -> put_back = true; put_copy_back(); j = 0 }

	/* --after-restore */
	:: atomic { is_older_copy && since >= WAIT && lists < LISTS -> read_list(); j = 0 }
	:: atomic { MAY_BE_TAKEN && IS_TO_BE_TAKEN(0) -> knows[0] = IS_SENT }
	:: atomic { MAY_BE_TAKEN && IS_TO_BE_TAKEN(1) -> knows[1] = IS_SENT }
	:: atomic {
		lists == LISTS && is_older_copy && MAY_BE_COUNTED ->
		is_older_copy = false;
		printf("the file counts as up to date\n");
#ifndef COUNTED_FIRST
		forget_lists(); j = 0
#endif
	   }
#ifdef COUNTED_FIRST
	:: atomic { lists == LISTS && !is_older_copy && !IS_TO_BE_TAKEN(0) && !IS_TO_BE_TAKEN(1) -> forget_lists(); j = 0 }
#endif
	:: atomic { lists > 0 && !has_crashed -> has_crashed = true; forget_lists(); j = 0; printf("--after-restore crashes\n") }

	/* the network, the server, and time */
	:: atomic { IS_UNDER_WAY(request[0]) -> move_on(request[0]) }
	:: atomic { IS_UNDER_WAY(request[1]) -> move_on(request[1]) }
	:: atomic {
		!IS_DUE(request[0]) && !IS_DUE(request[1]) ->
		since = (since < WAIT -> since + 1 : since);
		grow_older(request[0]);
		grow_older(request[1])
	   }
	od
}
