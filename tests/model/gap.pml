/* SPDX-License-Identifier: MIT */
/*
 * gap.pml: a whole machine is put back from a snapshot, the state file and the lock file with it. The two
 * agree, so twin.pml's look finds nothing. What gives it away is that the machine runs under another
 * boot.
 *
 * Modelled: one request, and the row of it in the state file. A run claims and sends it; poll beats; one
 * list at a time is read (request.inc) and settled in a later step. A machine boots anew, with its files as
 * they are or as they were in a snapshot; all processes are gone then, at any place. Whoever finds that
 * the file doesn't know the request hands it in, which is right of him. A tick is five minutes.
 *
 * Properties: the request isn't sent again, unless its first one never arrived. Nothing is taken for an
 * older copy unless the machine was put back: a plain reboot, also in the middle of sending, is no alarm.
 *
 * Rules that can be taken away, and what goes wrong then:
 *   CLAIM_DOESNT_LOOK each claim looks in its own commit at the boot. Otherwise a run sends before
 *                     anything has beaten under the new boot.
 *   BEAT_FIRST        another boot than the latest heartbeat's is noted as a gap before that heartbeat is
 *                     overwritten. Otherwise poll hides it from the run.
 *   ONE_LIST          two lists must show nothing unexplained. One may be torn.
 *   EARLIER_LISTS     both begun after the gap was noted; a gap noted while another is open begins anew.
 *                     Otherwise a snapshot that was made within a gap brings the first of its lists
 *                     along.
 *   OWN_ROWS_ARE_STRANGE  an entry that an unknown row without an id may explain is no evidence.
 *                     Otherwise each power cut while sending is an older copy.
 * What it assumes, and fails without:
 *   LEFT_JUST_NOW     nothing left within the 35 minutes before the machine was put back. What did may
 *                     not be listed yet in the two lists that follow the boot, and is sent again. This is
 *                     the price of a plain reboot that takes a minute or two, not 35: sikka-life(7) says
 *                     so.
 *   TORN_TWICE        of two lists in a row at most one is torn.
 *
 * AFTER_RESTORE: the person who puts the machine back types sikka-sweep --after-restore, as the run-book
 * says; modelled as if nothing else could end the gap. That holds with LEFT_JUST_NOW, too. Taken away
 * there:
 *   AT_30_MINUTES     it waits for 35 minutes after the gap was noted.
 *   FROM_DEPARTURE    it counts from the note, not only from the last departure in the lock file: that
 *                     went back, too.
 */
#include "request.inc"

#define LONG_AGO MINUTES(35)
#ifdef AT_30_MINUTES
#define WAIT MINUTES(30)
#else
#define WAIT MINUTES(35)
#endif
#ifdef ONE_LIST
#define LISTS_WANTED 1
#else
#define LISTS_WANTED 2
#endif
#ifndef BOOTS
#define BOOTS 4
#endif

mtype = { NO_ROW, SUBMITTED, HAS_ID }; /* SUBMITTED: submitting or unknown; it may have left */

typedef StateFile {
	mtype row = NO_ROW;
	byte boot = 1;      /* of the latest heartbeat */
	bool in_gap;
	byte lists;         /* that were read since the gap was noted, without anything strange */
};
StateFile file, snapshot;
bool has_snapshot, was_put_back, is_older_copy;
byte boot = 1;
byte since_note;        /* ticks; AFTER_RESTORE only */

Request request;
byte since_left = LONG_AGO;

/* What the processes are at. All of them die with the machine. */
bool has_claimed, awaits_answer, has_list;
bool list_shows_it, list_counts;

inline note_gap()
{
	printf("a gap is noted under boot %d\n", boot);
	file.boot = boot;
#ifdef EARLIER_LISTS
	file.lists = (file.in_gap -> file.lists : 0);
#else
	file.lists = 0;
#endif
	file.in_gap = true;
	since_note = 0
}

inline beat()
{
	if
	:: file.boot == boot
#ifdef BEAT_FIRST
	:: file.boot != boot -> file.boot = boot
#else
	:: file.boot != boot -> note_gap()
#endif
	fi
}

inline claim()
{
	if
#ifndef CLAIM_DOESNT_LOOK
	:: file.boot != boot -> note_gap()
	:: file.boot == boot && file.in_gap /* it is queued, and waits */
	:: file.boot == boot && !file.in_gap -> file.row = SUBMITTED; has_claimed = true
#else
	:: file.in_gap
	:: !file.in_gap -> file.row = SUBMITTED; has_claimed = true
#endif
	fi
}

#ifdef AFTER_RESTORE
#ifdef FROM_DEPARTURE
#define HAS_WAITED true
#else
#define HAS_WAITED (since_note >= WAIT)
#endif
#else
#define HAS_WAITED true
#endif

#ifdef EARLIER_LISTS
#define IS_OF_THIS_GAP file.in_gap
#else
#define IS_OF_THIS_GAP (file.in_gap && file.boot == boot)
#endif

inline read_list()
{
	has_list = true;
	list_counts = IS_OF_THIS_GAP && HAS_WAITED;
	begin_list();
	look_up(request, list_shows_it)
}

/* An entry that no row has, and none that is unknown explains. */
inline find_strange_entry()
{
#ifdef AFTER_RESTORE
	printf("it is taken over\n");
	file.row = HAS_ID
#else
	printf("an entry without a row: an older copy\n");
	is_older_copy = true;
	assert(was_put_back)
#endif
}

inline settle()
{
	if
#ifdef OWN_ROWS_ARE_STRANGE
	:: list_shows_it && file.row == SUBMITTED && list_counts -> find_strange_entry()
#endif
	:: list_shows_it && file.row == SUBMITTED -> file.row = HAS_ID
	:: list_shows_it && file.row == NO_ROW && list_counts -> find_strange_entry()
	:: else
	fi;
	if
	:: list_counts && !is_older_copy ->
		file.lists++;
		if
		:: file.lists >= LISTS_WANTED -> file.in_gap = false; file.lists = 0; printf("the gap is over\n")
		:: else
		fi
	:: else
	fi;
	let_list_go()
}

inline let_list_go() { has_list = false; list_shows_it = false; list_counts = false }

inline keep(to, from)
{
	to.row = from.row;
	to.boot = from.boot;
	to.in_gap = from.in_gap;
	to.lists = from.lists
}

inline boot_anew()
{
	boot++;
	has_claimed = false;
	awaits_answer = false;
	let_list_go();
	printf("the machine boots\n")
}

#ifdef LEFT_JUST_NOW
#define IS_QUIET true
#else
#define IS_QUIET (since_left >= LONG_AGO)
#endif

active proctype All()
{
end:	do
	:: atomic { !is_older_copy -> beat() }
	:: atomic { !is_older_copy && file.row == NO_ROW -> claim() }
	:: atomic {
		has_claimed -> has_claimed = false;
		printf("it leaves\n");
		assert(NEVER_CAME(request));
		leave(request);
		awaits_answer = true;
		since_left = 0
	   }
	:: atomic {
		awaits_answer && (request.at == AT_SERVER || request.at == LISTED) ->
		awaits_answer = false;
		if
		:: file.row == SUBMITTED -> file.row = HAS_ID
		:: else
		fi
	   }
	:: atomic { !has_list && !is_older_copy && (file.in_gap || file.row == SUBMITTED) -> read_list() }
	:: atomic { has_list && !is_older_copy -> settle() }

	:: atomic { !has_snapshot && !was_put_back -> has_snapshot = true; keep(snapshot, file); printf("a snapshot\n") }
	:: atomic { boot < BOOTS -> boot_anew() }
	:: atomic {
		boot < BOOTS && has_snapshot && IS_QUIET ->
		was_put_back = true;
		has_snapshot = false;
		keep(file, snapshot);
		boot_anew();
		printf("… as it was in the snapshot\n")
	   }

	:: atomic { IS_UNDER_WAY(request) -> move_on(request) }
	:: atomic {
		!IS_DUE(request) ->
		grow_older(request);
		since_left = (since_left < LONG_AGO -> since_left + 1 : since_left);
#ifdef AFTER_RESTORE
		since_note = (since_note < WAIT -> since_note + 1 : since_note);
#endif
	   }
	od
}
