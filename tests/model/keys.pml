/* SPDX-License-Identifier: MIT */
/*
 * keys.pml: keys and content of requests, of a kind of which two equal ones make no sense (an
 * appointment).
 *
 * Modelled: requests with one and the same content, handed in under the caller's key 1 or 2, as often as
 * a row is left, and (KEYLESS) without one. Two processes hand in, send, and retry rows that failed; a
 * retry reads first and commits in a later step. A row is sent (pending), or surely not (failed); it is
 * completed later. A day passes once, at any moment: it makes what is completed old. A copy of the state
 * file is kept and put back, and --after-restore run, while no process is at work; its lists are perfect
 * (restore.pml has the others): what they show and no row has becomes a row that was taken over, without
 * a key, since the server doesn't know callers' keys.
 *
 * Properties:
 *   once     at the practice there is at most one that isn't old; and never more, old ones included, than
 *            callers meant: one for each key, one for each day on which there was a request without.
 *   truth    who is told that a request is a duplicate has what he asked for: it was sent with this key,
 *            or is a day old at most.
 *
 * Rules that can be taken away, and what goes wrong then:
 *   RETRY_BY_KEY      a retry is checked against equal content, too, not only against its key. Otherwise
 *                     a row that failed is sent beside an equal one of another key.
 *   CHECKED_BEFORE    this is checked in the commit that queues it, not before. Another process may have
 *                     handed the same in meanwhile.
 *   TAKEN_OVER_ENDS   a row that was taken over, and that no request has claimed, stands in the way of
 *                     requests with a key for as long as it is there. If only for a day, then the request
 *                     whose row was lost is sent again under its key.
 *   OLD_IS_DUPLICATE  after that day such a request is refused. As a duplicate it would be told to be
 *                     done, though it may be another one, which nobody sends.
 *
 *   OVERTAKEN_IS_SENT (with KEYLESS: also requests without a key) a row isn't retried when an equal one
 *                     was sent after it was handed in, however long ago. Else a request without a key
 *                     fails, is handed in again and done, and the first row is retried a day later, when
 *                     equal content doesn't count any more, and is sent beside the other.
 *
 * It can't be held for callers who make a new key for each try, where two equal requests may be meant: two
 * keys are two wishes here.
 * And nobody knows which key a row had that was taken over. The first request that matches gives it its own. With two
 * keys that may be the wrong one; that is why the second property says "a day old at most".
 * Not modelled: withdrawals (withdrawal.pml), --again, cards, PUT and PATCH, unknown rows (life.pml).
 */
#ifndef ROWS
#define ROWS 6   /* HAND_INS, and as many that are taken over as are lost */
#endif
#ifndef HAND_INS
#define HAND_INS 4
#endif
#define SENDINGS 3
#ifndef RETRIES
#define RETRIES 2
#endif
#define NO_KEY 0
#define NO_ROW 255

mtype = { NONE, QUEUED, PENDING, COMPLETED, FAILED, SUPERSEDED };

typedef Row {
	mtype state = NONE;
	byte key;
	byte entry;          /* the server's: the how manieth request that left */
#if defined KEYLESS && !defined OVERTAKEN_IS_SENT
	byte since;          /* how many had left when this one was handed in */
#endif
	bool is_taken_over;
};
Row row[ROWS], copy[ROWS];
byte rows, rows_copied;

/* What left, as it stands at the practice; the key is what only the checks look at. */
byte key_of[SENDINGS];
bool is_done[SENDINGS], is_old[SENDINGS];
byte sendings;

bool has_copy, was_put_back, a_day_has_passed;
byte handed_in, retries = RETRIES;
bool asked_with[3], asked_on_second_day; /* asked_with[NO_KEY]: on the first day */
byte at_work;

#define IS_OLD(i) (row[i].state == COMPLETED && is_old[row[i].entry])
#define LIVES(i) (row[i].state == QUEUED || row[i].state == PENDING)
#define MAY_BE_RETRIED(i) (row[i].state == FAILED && retries > 0 && sendings < SENDINGS)
#define HOLDS_KEY(i) (LIVES(i) || row[i].state == COMPLETED)
#define HOLDS_CONTENT(i) (HOLDS_KEY(i) && !IS_OLD(i))
#ifdef TAKEN_OVER_ENDS
#define IS_UNCLAIMED(i) (row[i].is_taken_over && row[i].key == NO_KEY && HOLDS_CONTENT(i))
#else
#define IS_UNCLAIMED(i) (row[i].is_taken_over && row[i].key == NO_KEY && HOLDS_KEY(i))
#endif

/* Row i was sent after row self, which is now retried, was handed in. */
#if defined KEYLESS && !defined OVERTAKEN_IS_SENT
#define HAS_OVERTAKEN(i, self) (self != NO_ROW && HOLDS_KEY(i) && row[i].state != QUEUED && row[i].entry >= row[self].since)
#else
#define HAS_OVERTAKEN(i, self) false
#endif

mtype = { FREE, SAME_KEY, UNCLAIMED, EQUAL_CONTENT };

/* What stands in the way of a request with this key, but for row self: the strongest reason, and which row. */
inline find_holder(k, self)
{
	why = FREE; holder = NO_ROW; i = 0;
	do
	:: i < rows ->
		if
		:: i != self && k != NO_KEY && row[i].key == k && HOLDS_KEY(i) -> why = SAME_KEY; holder = i
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < rows && why == FREE ->
		if
		:: i != self && k != NO_KEY && IS_UNCLAIMED(i) -> why = UNCLAIMED; holder = i
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < rows && why == FREE ->
		if
		:: i != self && (HOLDS_CONTENT(i) || HAS_OVERTAKEN(i, self)) -> why = EQUAL_CONTENT; holder = i
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0
}

/* A request with a key meets a row that was taken over: it claims the row, or is refused. */
inline claim_row(k)
{
	if
	:: !IS_OLD(holder) -> row[holder].key = k; printf("key %d claims row %d\n", k, holder)
#ifdef OLD_IS_DUPLICATE
	:: IS_OLD(holder) -> row[holder].key = k; printf("key %d claims row %d\n", k, holder);
		assert(key_of[row[holder].entry] == k)
#else
	:: IS_OLD(holder) -> printf("key %d: looks doubled, refused\n", k)
#endif
	fi
}

inline check_once()
{
	i = 0; fresh = 0;
	do
	:: i < sendings -> fresh = fresh + !is_old[i]; i++
	:: else -> break
	od;
	assert(fresh <= 1);
	assert(sendings <= asked_with[0] + asked_with[1] + asked_with[2] + asked_on_second_day);
	i = 0; fresh = 0
}

inline forget() { mine = 0; key = 0; was = NONE; why = NONE; holder = 0; at_work-- }

active [2] proctype Process()
{
	byte mine, key, holder, i, fresh;
	mtype was = NONE, why = NONE;

end:	do
	:: atomic { /* handed in: one commit */
		handed_in < HAND_INS && rows < ROWS && sendings < SENDINGS ->
		handed_in++; at_work++;
		if
		:: key = 1
		:: key = 2
#ifdef KEYLESS
		:: key = NO_KEY
#endif
		fi;
		if
		:: key == NO_KEY && a_day_has_passed -> asked_on_second_day = true
		:: else -> asked_with[key] = true
		fi;
		find_holder(key, NO_ROW);
		if
		:: why == FREE -> mine = rows; rows++; row[mine].state = QUEUED; row[mine].key = key;
#if defined KEYLESS && !defined OVERTAKEN_IS_SENT
			row[mine].since = sendings;
#endif
			goto send
		:: why == UNCLAIMED -> claim_row(key)
		:: else /* a duplicate of the same key, or refused: looks_doubled */
		fi;
		forget()
	   }
	:: atomic { /* --retry reads … */
		if
		:: MAY_BE_RETRIED(0) -> mine = 0
		:: rows > 1 && MAY_BE_RETRIED(rows - 1) -> mine = rows - 1
		fi;
		retries--; at_work++;
		was = row[mine].state; key = row[mine].key;
		find_holder(key, mine)
	   };
	   atomic { /* … and commits */
#ifndef CHECKED_BEFORE
		find_holder(key, mine);
#endif
		if
		:: row[mine].state != was -> forget(); goto end
		:: row[mine].state == was && why == FREE -> row[mine].state = QUEUED; goto send
#ifdef RETRY_BY_KEY
		:: row[mine].state == was && why == EQUAL_CONTENT && key != NO_KEY -> row[mine].state = QUEUED; goto send
#endif
		:: else -> row[mine].state = SUPERSEDED
		fi;
		if
		:: why == UNCLAIMED -> claim_row(key)
		:: else
		fi;
		forget()
	   }
	od;
send:	atomic {
		if
		:: true -> row[mine].state = FAILED; printf("row %d: surely not sent\n", mine)
		:: sendings < SENDINGS ->
			row[mine].state = PENDING; row[mine].entry = sendings;
			key_of[sendings] = key; sendings++;
			printf("row %d leaves, key %d\n", mine, key);
			check_once()
		fi;
		forget();
		goto end
	}
}

inline keep(to, from)
{
	to.state = from.state;
	to.key = from.key;
	to.entry = from.entry;
#if defined KEYLESS && !defined OVERTAKEN_IS_SENT
	to.since = from.since;
#endif
	to.is_taken_over = from.is_taken_over
}

inline make_copy()
{
	i = 0;
	do
	:: i < ROWS -> keep(copy[i], row[i]); i++
	:: else -> break
	od;
	rows_copied = rows
}

/* The copy is back; its own rows get theirs first. */
inline put_back_and_settle()
{
	rows = rows_copied; i = 0;
	do
	:: i < ROWS ->
		keep(row[i], copy[i]);
		if
		:: row[i].state == PENDING && is_done[row[i].entry] -> row[i].state = COMPLETED
		:: else
		fi;
		i++
	:: else -> break
	od
}

inline take_over()
{
	e = 0;
	do
	:: e < sendings ->
		has_row = false; i = 0;
		do
		:: i < rows -> has_row = has_row || (HOLDS_KEY(i) && row[i].entry == e && row[i].state != QUEUED); i++
		:: else -> break
		od;
		if
		:: !has_row && rows < ROWS ->
			row[rows].state = (is_done[e] -> COMPLETED : PENDING);
			row[rows].entry = e; row[rows].key = NO_KEY; row[rows].is_taken_over = true; rows++;
			printf("entry %d is taken over\n", e)
		:: else -> assert(has_row)
		fi;
		e++
	:: else -> break
	od
}

inline complete(n) { row[n].state = COMPLETED; is_done[row[n].entry] = true }

active proctype World()
{
	byte i, e;
	bool has_row;

end:	do
	:: atomic { row[0].state == PENDING -> complete(0) }
	:: atomic { rows > 1 && row[rows - 1].state == PENDING -> complete(rows - 1) }
	:: atomic {
		!a_day_has_passed -> a_day_has_passed = true; i = 0;
		do
		:: i < sendings -> is_old[i] = is_done[i]; i++
		:: else -> break
		od;
		i = 0; printf("a day passes\n")
	   }
	:: atomic { !has_copy && at_work == 0 -> has_copy = true; make_copy(); i = 0; printf("a copy of %d rows\n", rows_copied) }
	:: atomic {
		has_copy && !was_put_back && at_work == 0 -> was_put_back = true;
		printf("the copy is put back\n");
		put_back_and_settle(); take_over();
		i = 0; e = 0; has_row = false
	   }
	od
}
