/* SPDX-License-Identifier: MIT */
/*
 * match.pml: entries of a list and identical rows: which row gets which id, while another one is being
 * sent.
 *
 * Modelled: two identical rows (the second one was wanted: --again). Each is claimed, leaves, and arrives
 * under an id or not; its answer is recorded, or lost, and then it is unknown. A sweep looks at the rows,
 * then reads the list, and then commits: three steps, between which anything may happen, also to the
 * pages that it hasn't read yet. Lists are whole here, and nothing is declared absent (list.pml). No step
 * of time.
 *
 * Property: no answer brings an id that another row has already (id_taken: a row that a person has to
 * settle, for nothing). So no row has another one's id while that one may still be told it.
 *
 * Rules that can be taken away, and what goes wrong then:
 *   OPEN_BEFORE       whether an identical row is submitting is asked in the commit, not before. It may
 *                     have begun to be sent since, and the entry is its own.
 *   OWNED_BEFORE      whether an entry is owned is asked in the commit, not when the list was read. Its
 *                     row may have been told the id since; now the entry would be given to a second one.
 */
#define ROWS 2
#define NO_ID 0

mtype = { QUEUED, SUBMITTING, UNKNOWN, HAS_ID };
mtype = { NOT_SENT, ON_THE_WAY, NOWHERE, LISTED };

mtype row[ROWS] = QUEUED;
byte id_of_row[ROWS];    /* the id of the entry of row n is n + 1 */
mtype request[ROWS] = NOT_SENT;

#define HAS_SOMEONE(id) (id_of_row[0] == id || id_of_row[1] == id)
#define IS_ONE_OPEN (row[0] == SUBMITTING || row[1] == SUBMITTING)

inline take_id(n, id)
{
	printf("row %d has id %d\n", n, id);
	assert(!HAS_SOMEONE(id));
	id_of_row[n] = id;
	row[n] = HAS_ID
}

active [ROWS] proctype Sender()
{
	byte n = _pid;

	atomic { row[n] == QUEUED -> row[n] = SUBMITTING };
	request[n] = ON_THE_WAY;
	if
	:: request[n] = NOWHERE
	:: request[n] = LISTED
	fi;
	atomic {
		if
		:: request[n] == LISTED -> take_id(n, n + 1)
		:: true -> row[n] = UNKNOWN; printf("row %d: the answer is lost\n", n)
		fi
	}
}

#ifdef OPEN_BEFORE
#define FORBIDS was_one_open
#else
#define FORBIDS IS_ONE_OPEN
#endif
#ifdef OWNED_BEFORE
#define IS_UNOWNED(id) (shows[id - 1] && !was_owned[id - 1])
#else
#define IS_UNOWNED(id) (shows[id - 1] && !HAS_SOMEONE(id))
#endif
#define WAITS(n) (row[n] == UNKNOWN)

active proctype Sweep()
{
	bool shows[ROWS], was_owned[ROWS], was_one_open;

end:	do
	:: was_one_open = IS_ONE_OPEN;
	   atomic {
		shows[0] = request[0] == LISTED; was_owned[0] = HAS_SOMEONE(1);
		shows[1] = request[1] == LISTED; was_owned[1] = HAS_SOMEONE(2)
	   };
	   atomic {
		if
		:: !FORBIDS && WAITS(0) + WAITS(1) == IS_UNOWNED(1) + IS_UNOWNED(2) ->
			if
			:: WAITS(0) && IS_UNOWNED(1) -> take_id(0, 1)
			:: WAITS(0) && !IS_UNOWNED(1) -> take_id(0, 2)
			:: else
			fi;
			if
			:: WAITS(1) && IS_UNOWNED(2) -> take_id(1, 2)
			:: WAITS(1) && !IS_UNOWNED(2) -> take_id(1, 1)
			:: else
			fi
		:: else
		fi;
		shows[0] = false; shows[1] = false; was_owned[0] = false; was_owned[1] = false; was_one_open = false
	   }
	od
}
