/* SPDX-License-Identifier: MIT */
/*
 * life.pml: a writeback's life, for spin. `make model` checks it, and that it stops holding when any
 * one rule is taken away (variants, scripts/model).
 *
 * What is modelled, by the sections of sikka-life(7):
 *
 *   TRANSITIONS             Row.state and the inlines turn_over, record_answer, settle_list, take_said.
 *   COMMITS                 Every commit is one atomic step; what it was decided on was read in an
 *                           earlier one, and anything may have happened in between.
 *   Runs                    Run: hand in or take over, claim, leave, answer. A run that has ended, well
 *                           or not, leaves its rows with owner NOBODY: a number never used again whose
 *                           lock is free. A process may crash before every step, and may be stopped
 *                           (SIGSTOP) for any time: it just isn't chosen.
 *   One attempt             leave; libcurl's second POST under NO_REPEAT_GUARD.
 *   SETTLING, LISTS         read_list, then settle_list; lists that lag, lists that are torn.
 *   AFTER A WITHDRAWAL      withdraw, the looks in settle_list and take_said; the practice carries out
 *                           what it had fetched (Request, GONE_FETCHED).
 *   KEYS OF REQUESTS        Row.holds_key; all rows are one request, handed in ROWS times under one key.
 *   WHAT IT RESTS ON        Clock: it doesn't tick while something is due. A request has arrived and is
 *                           listed within a QUARTER of leaving (APART: a quarter each); what was
 *                           fetched is carried out, and seen, within a QUARTER of its withdrawal. So here a
 *                           QUARTER is the whole wait; its minutes are those of list.pml and withdrawal.pml.
 *
 * Time is unbounded, ages are ticks that stay at their highest value: a MINUTE is one, a QUARTER two; what
 * is bounded by a quarter happens before the tick that ends it. (The toolkit counts a quarter of an hour until a
 * request has arrived and another until it is listed, 35 minutes with a reserve: all of that is the QUARTER here.)
 *
 * Properties, see sikka-life(7), What the model shows:
 *   1  once       in Request; with LATE, which breaks what it rests on (any delay, any lag), in Closing.
 *   2  ends       in Closing: in every state in which no process is at work and nothing is under way, a few
 *                 sweeps bring every row to its end, or a person was told. And no deadlock (spin's invalid
 *                 end states): no process ever waits for what doesn't come.
 *   3  truth      in Closing.
 *
 * Bounds (-D): ROWS times handed in, SENDINGS requests that leave, ATTEMPTS claims of a row, RUNS
 * processes at a time (one after the other any number, each of which does any number of things in
 * any order), CRASHES, WITHDRAWALS, TORN lists. LISTS_LOOK: the plan lacks writeback_status, so that
 * looks after a withdrawal are by list.
 *
 * Rules that can be taken away (-D), each explained in the page under its name: sikka-life(7), The main
 * rules: NO_CLAIM NO_RUN_LOCK NO_REPEAT_GUARD NO_QUARTER NO_STATE_CHECK NO_KEY_CHECK NO_SECOND_LIST
 * NO_LOOKS. And sikka-life(7), Rules that the model found: NO_RUN_CHECK LATE_ALWAYS OWNED_BEFORE
 * LOOKS_ANY_TIME LOOKS_AT_COMMIT ALARM_NEEDS_KEY NOT_NEXT LOOKS_APART, and APART (with QUARTER=3).
 *
 * Not modelled: the API's keys and limits; different requests and --again (so no near misses); stuck (is as
 * withdrawn); --resolve; the restore; the 6 and the 2 days (nothing gets that old); the 30 seconds
 * between the claim and the first byte, the later request that an empty list must show and the look into
 * /appointments (each only prevents more); a server that doesn't know an id for a while (one look stands
 * for the three); commits that fail (a crash before or after one is modelled).
 */

#ifndef ROWS
#define ROWS 2
#endif
#ifndef SENDINGS
#define SENDINGS 2
#endif
#ifndef RUNS
#define RUNS 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef WITHDRAWALS
#define WITHDRAWALS 0
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 2
#endif
#ifndef TORN
#define TORN 1
#endif

#define MINUTE 1
#ifndef QUARTER
#define QUARTER 2
#endif
#define NEVER 7 /* an age of what hasn't happened */
#define NOBODY 0

/* --- what there is ---------------------------------------------------------------------------- */

mtype = { NONE, QUEUED, SUBMITTING, PENDING, UNKNOWN, COMPLETED, FAILED, WITHDRAWN };

/* Why it failed. */
mtype = { NOT_SENT, NOT_RECEIVED, PASSING, REFUSED, SUPERSEDED };

typedef Row {
	mtype state = NONE;
	mtype why = NONE;
	byte attempts;
	byte owner;                /* NOBODY: its process has ended */
	byte id;                 /* the server's; 0 none, else the request's number + 1 */
	byte doubled;            /* doubled_id */
	bool holds_key;
	bool was_not_received;   /* not_received_at */
	bool withdraw_intended;
	bool told;               /* a person heard of it, and of how it stands now */
	byte unknown_age;
	byte absent_age = NEVER;
	byte absent_list;        /* how many lists have begun since the last one that lacked it */
	byte withdrawn_age;
	byte looked_age;
	byte looks;
};
Row row[ROWS];

/* Where a request is that has left. */
mtype = { UNUSED, ON_THE_WAY, NOWHERE, AT_SERVER, FETCHED, DONE_WELL, DONE_BADLY, GONE, GONE_FETCHED };

typedef Sent {
	mtype at = UNUSED;
	bool listed;
	byte age;                /* since it left; of GONE_FETCHED: since it was withdrawn */
	byte waits;              /* the run that waits for the answer */
	byte whose;                 /* whose it is: what only the checks look at */
};
Sent sent[SENDINGS];
byte n_sent;

mtype = { ACCEPTED, UNCLEAR };
mtype answer[RUNS + 1] = NONE;   /* NONE: none yet */
byte answer_id[RUNS + 1];

bool busy[RUNS + 2];
byte list_age[RUNS + 2] = NEVER; /* of the list that a process holds */
byte handed_in, crashes = CRASHES, withdrawals = WITHDRAWALS, torn = TORN;
byte records;                    /* at the practice */
bool alarm;                      /* an event doubled or contradiction */
bool last_was_torn;
byte latest;                     /* the process that began the last list */
bool over;

/* --- rules that can be taken away --------------------------------------------------------------- */

#ifdef NO_STATE_CHECK
#define UNCHANGED(i) true
#else
#define UNCHANGED(i) (row[i].state == was[i] && row[i].attempts == were[i])
#endif

/* A row may go round (queued, failed, queued) at the same attempts: so the run is looked at too. */
#ifdef NO_RUN_CHECK
#define OF_RUN(i, r) true
#else
#define OF_RUN(i, r) (row[i].owner == (r))
#endif

#ifdef NO_RUN_LOCK
#define SEEMS_DEAD(i) (row[i].owner != me)
#define STILL_DEAD(i) true
#else
#define SEEMS_DEAD(i) (row[i].owner == NOBODY)
#define STILL_DEAD(i) OF_RUN(i, NOBODY)
#endif

#ifdef NO_CLAIM
#define ON_WIRE_AS QUEUED
#else
#define ON_WIRE_AS SUBMITTING
#endif

#ifdef NO_QUARTER
#define ABSENT_COUNTS(i) true
#else
#define ABSENT_COUNTS(i) (row[i].unknown_age >= QUARTER)
#endif

#if defined(LOOKS_ANY_TIME) || defined(LOOKS_AT_COMMIT)
#define LOOK_COUNTS(i) (row[i].looked_age >= MINUTE)
#else
#define LOOK_COUNTS(i) (row[i].looked_age >= MINUTE && row[i].withdrawn_age >= QUARTER)
#endif

#ifdef LOOKS_AT_COMMIT
#define IS_LATE_LOOK(i) (row[i].withdrawn_age >= QUARTER)
#else
#define IS_LATE_LOOK(i) (quarter[i])
#endif

#ifdef LOOKS_APART
#define FOLLOWS(i) true
#else
#define FOLLOWS(i) (row[i].absent_list == 1 || row[i].absent_list == BY_STATUS)
#endif
#ifdef NOT_NEXT
#define IS_LATEST true
#define IS_NEXT(i) (row[i].absent_age != NEVER)
#else
#define IS_LATEST (latest == me)
#define IS_NEXT(i) (row[i].absent_age != NEVER && row[i].absent_list == 1)
#endif

#ifdef NO_LOOKS
#define IS_ASKED(i) (row[i].state == PENDING || row[i].state == UNKNOWN)
#else
#define IS_ASKED(i) (row[i].state == PENDING || row[i].state == UNKNOWN || row[i].state == WITHDRAWN)
#endif

/* What is under way has a bound on its time; the clock doesn't pass it. */
#define IS_THERE(m) (sent[m].at == AT_SERVER || sent[m].at == FETCHED || sent[m].at == DONE_WELL || sent[m].at == DONE_BADLY)
#define TRAVELS(m) (sent[m].at == ON_THE_WAY || sent[m].at == GONE_FETCHED)
#define LAGS(m) (IS_THERE(m) && !sent[m].listed)
#ifdef LATE
#define DUE(m) (false)
#else
#define DUE(m) ((TRAVELS(m) || LAGS(m)) && sent[m].age + 1 >= QUARTER)
#endif

/* --- small ones ---------------------------------------------------------------------------------- */

#define OLDER(age, most) if :: age < most -> age++ :: else fi

inline find_holder(h) /* ROWS: the key is free */
{
	h = 0;
	do
	:: h < ROWS && !row[h].holds_key -> h++
	:: else -> break
	od
}

inline remember(i) /* what a decision is made on */
{
	was[i] = row[i].state;
	were[i] = row[i].attempts;
}

inline forget()
{
	j = 0;
	do
	:: j < ROWS -> was[j] = NONE; were[j] = 0; quarter[j] = 0; minute[j] = 0; looked[j] = 0; j++
	:: else -> break
	od;
	seen = 0; mine = 0; saw = NONE;
	i = 0; j = 0; k = 0; n = 0; h = 0
}

/* The process is gone, its lock is free. */
inline let_go()
{
	j = 0;
	do
	:: j < ROWS -> if :: row[j].owner == me -> row[j].owner = NOBODY :: else fi; j++
	:: else -> break
	od;
	j = 0;
	do
	:: j < SENDINGS -> if :: sent[j].waits == me -> sent[j].waits = 0 :: else fi; j++
	:: else -> break
	od;
	answer[me] = NONE; answer_id[me] = 0; busy[me] = false; list_age[me] = NEVER
}

inline become(i, to, because)
{
	printf("row %d: %e, %e\n", i, to, because);
	row[i].state = to;
	row[i].why = because;
	row[i].absent_age = NEVER;
	row[i].absent_list = 0;
	row[i].told = false;
	if
	:: to == QUEUED || to == PENDING -> row[i].holds_key = true
	:: to == FAILED -> row[i].holds_key = false
	:: to == UNKNOWN -> row[i].unknown_age = 0; row[i].told = true
	:: else
	fi;
	if
	:: to != UNKNOWN -> row[i].unknown_age = 0
	:: else
	fi;
	row[i].withdrawn_age = 0;
	row[i].looked_age = 0;
	row[i].looks = 0
}

inline take_id(i, m)
{
	row[i].id = m + 1;
	printf("row %d has request %d\n", i, m);
	become(i, PENDING, NONE)
}

inline now_withdrawn(i)
{
	become(i, WITHDRAWN, NONE);
#ifdef NO_LOOKS
	row[i].holds_key = false
#endif
}

inline someone_owns(m, yes)
{
	yes = false;
	k = 0;
	do
	:: k < ROWS -> yes = yes || row[k].id == m + 1 || row[k].doubled == m + 1; k++
	:: else -> break
	od
}

/* --- what a process does ------------------------------------------------------------------------- */

/* Rows of dead runs; read in an earlier step. */
inline turn_over()
{
	i = 0;
	do
	:: i < ROWS ->
		if
		:: looked[i] && UNCHANGED(i) && STILL_DEAD(i) ->
			if
			:: was[i] == QUEUED -> become(i, FAILED, NOT_SENT)
			:: was[i] == SUBMITTING -> become(i, UNKNOWN, NONE)
			:: else
			fi
		:: else
		fi;
		i++
	:: else -> break
	od
}

#define IS_LEFT(i) (SEEMS_DEAD(i) && (row[i].state == QUEUED || row[i].state == SUBMITTING))

inline look_for_dead()
{
	i = 0;
	do
	:: i < ROWS ->
		if
		:: IS_LEFT(i) -> looked[i] = true; remember(i)
		:: else
		fi;
		i++
	:: else -> break
	od
}

/* Rows that a list may say something about. */
#define IS_LISTED_FOR(i) (row[i].state == SUBMITTING || (row[i].state == UNKNOWN && row[i].id == 0) || \
	(row[i].state == WITHDRAWN && row[i].id > 0) || (row[i].was_not_received && row[i].doubled == 0))

/*
 * The moment at which the first page is asked for: its content (without what nobody will look for:
 * owned by a row that isn't withdrawn), and what time allows it to prove.
 */
inline read_list()
{
	seen = 0; n = 0;
	do
	:: n < SENDINGS ->
		if
		:: sent[n].listed && IS_THERE(n) -> seen = seen | (1 << n)
		:: else
		fi;
		k = 0;
		do
		:: k < ROWS ->
			if
			:: row[k].doubled == n + 1 || (row[k].id == n + 1 && row[k].state != WITHDRAWN) -> seen = seen & ~(1 << n)
			:: else
			fi;
			k++
		:: else -> break
		od;
		n++
	:: else -> break
	od;
	i = 0;
	do
	:: i < ROWS ->
		if
		:: row[i].state == UNKNOWN && row[i].id == 0 ->
			remember(i);
			quarter[i] = ABSENT_COUNTS(i);
			minute[i] = row[i].absent_age != NEVER && row[i].absent_age >= MINUTE;
			if :: row[i].absent_list < 2 -> row[i].absent_list++ :: else fi;
			if :: quarter[i] -> list_age[me] = 0 :: else fi
		:: row[i].state == WITHDRAWN && row[i].id > 0 && row[i].holds_key ->
			remember(i);
			quarter[i] = row[i].withdrawn_age >= QUARTER;
			looked[i] = LOOK_COUNTS(i);
			if :: row[i].absent_list < 2 -> row[i].absent_list++ :: else fi
		:: else
		fi;
		i++
	:: else -> break
	od;
	latest = me;
	printf("%d reads the list\n", me);
	i = 0; k = 0; n = 0
}

inline tear()
{
	if
	:: torn > 0 && seen != 0 && !last_was_torn ->
		torn--;
		last_was_torn = torn > 0;
		if :: seen = 0 :: seen == 3 -> seen = 1 :: seen == 3 -> seen = 2 fi
	:: last_was_torn = false
	fi
}

inline is_candidate(m, yes)
{
#ifdef OWNED_BEFORE /* when the list was read */
	yes = false;
#else
	someone_owns(m, yes);
#endif
	yes = !yes && ((seen >> m) & 1)
}

/* A look after a withdrawal that found it gone: by status, or by lists that follow one another. */
#define BY_STATUS 3
inline found_gone(i, by)
{
	row[i].looked_age = 0;
	if :: by != BY_STATUS && !FOLLOWS(i) -> row[i].looks = 0 :: else fi;
	row[i].absent_list = by;
	if :: row[i].looks < 2 -> row[i].looks++ :: else fi;
	if
	:: row[i].looks >= 2 && IS_LATE_LOOK(i) -> row[i].holds_key = false
	:: else
	fi
}

/* Unknown rows without an id. One commit. */
inline settle_unknown()
{
	n = 0; i = 0;  /* how many wait; one that is being submitted forbids it */
	do
	:: i < ROWS ->
		if
		:: row[i].state == SUBMITTING -> n = 100
		:: row[i].state == UNKNOWN && row[i].id == 0 -> n++
		:: else
		fi;
		i++
	:: else -> break
	od;
	j = 0; mine = 0; /* how many there are */
	do
	:: j < SENDINGS -> is_candidate(j, h); mine = mine + h; j++
	:: else -> break
	od;
	i = 0; j = 0;
	do
	:: i < ROWS && n > 0 && n < 100 && (mine == 0 || mine == n) ->
		if
		:: row[i].state == UNKNOWN && row[i].id == 0 && mine > 0 ->
			do
			:: is_candidate(j, h); if :: h -> break :: else -> j++ fi
			od;
			take_id(i, j);
			j++
		:: row[i].state == UNKNOWN && row[i].id == 0 && mine == 0 && quarter[i] && UNCHANGED(i) && IS_LATEST ->
			if
#ifdef NO_SECOND_LIST
			:: true ->
#else
			:: !IS_NEXT(i) -> row[i].absent_age = list_age[me]; row[i].absent_list = 0
			:: IS_NEXT(i) && !minute[i] -> row[i].absent_list = 0
			:: IS_NEXT(i) && minute[i] ->
#endif
				become(i, FAILED, NOT_RECEIVED); row[i].was_not_received = true
			fi
		:: else
		fi;
		i++
	:: else -> break
	od;
	mine = 0
}

/* Requests that turn up after their row was declared not received. */
inline settle_late()
{
	n = 0; i = 0; /* what one that is open has sent isn't another one's */
#ifndef LATE_ALWAYS
	do
	:: i < ROWS -> n = n + (row[i].state == SUBMITTING || (row[i].state == UNKNOWN && row[i].id == 0)); i++
	:: else -> break
	od;
#endif
	i = 0;
	do
	:: i < ROWS ->
		j = 0; h = 0;
		do
		:: j < SENDINGS && n == 0 && row[i].was_not_received && row[i].doubled == 0 &&
		    row[i].state != UNKNOWN && row[i].state != SUBMITTING ->
			is_candidate(j, h);
			if :: h -> break :: else -> j++ fi
		:: else -> break
		od;
		if
		:: h ->
			find_holder(k);
			if
			:: row[i].state == QUEUED || (row[i].state == FAILED && row[i].why == NOT_RECEIVED && k == ROWS) ->
				take_id(i, j)
			:: else ->
				printf("row %d: doubled, request %d\n", i, j);
				row[i].doubled = j + 1; row[i].told = true; alarm = true;
				assert(row[i].doubled != row[i].id)
			fi
		:: else
		fi;
		i++
	:: else -> break
	od
}

/* The looks after a withdrawal. What the list shows as ended is asked for: take_said. */
inline settle_known()
{
	i = 0;
	do
	:: i < ROWS ->
		if
		:: row[i].state == WITHDRAWN && row[i].id > 0 && was[i] == WITHDRAWN && UNCHANGED(i) && looked[i] ->
			if
			:: !((seen >> (row[i].id - 1)) & 1) && IS_LATEST -> found_gone(i, 0)
			:: else
			fi
		:: else
		fi;
		i++
	:: else -> break
	od
}

inline settle_list()
{
	printf("%d settles, seen %d\n", me, seen);
	settle_unknown();
	settle_late();
#ifdef LISTS_LOOK
	settle_known();
#endif
}

/* What writeback_status said of row h, in an earlier step. */
inline take_said()
{
	if
	:: !UNCHANGED(h)
	:: UNCHANGED(h) && was[h] == PENDING ->
		if
		:: saw == DONE_WELL -> become(h, COMPLETED, NONE)
		:: saw == DONE_BADLY -> become(h, FAILED, REFUSED)
		:: (saw == GONE || saw == GONE_FETCHED) && row[h].withdraw_intended -> now_withdrawn(h)
		:: (saw == GONE || saw == GONE_FETCHED) && !row[h].withdraw_intended -> become(h, UNKNOWN, NONE)
		:: else
		fi
	:: UNCHANGED(h) && was[h] == UNKNOWN ->
		if
		:: saw == DONE_WELL -> become(h, COMPLETED, NONE)
		:: saw == DONE_BADLY -> become(h, FAILED, REFUSED)
		:: saw == AT_SERVER || saw == FETCHED -> become(h, PENDING, NONE)
		:: else
		fi
	:: UNCHANGED(h) && was[h] == WITHDRAWN ->
		if
		:: saw == DONE_WELL ->
			find_holder(k);
			if
			:: k == ROWS || k == h ->
				become(h, COMPLETED, NONE); row[h].holds_key = true; row[h].told = true; alarm = true
			:: else ->
#ifndef ALARM_NEEDS_KEY
				become(h, COMPLETED, NONE); row[h].holds_key = false; row[h].told = true; alarm = true
#else
				skip
#endif
			fi
		:: saw == DONE_BADLY -> become(h, FAILED, REFUSED); row[h].told = true; alarm = true
#ifndef LISTS_LOOK
		:: (saw == GONE || saw == GONE_FETCHED) && looked[h] -> found_gone(h, BY_STATUS)
#endif
		:: else
		fi
	:: else
	fi
}

inline ask(which)
{
	remember(which);
	saw = sent[row[which].id - 1].at;
	quarter[which] = row[which].withdrawn_age >= QUARTER;
	looked[which] = LOOK_COUNTS(which)
}

/* DELETE, as the server takes it. The practice may have fetched the request already. */
inline delete(m)
{
	if
	:: sent[m].at == AT_SERVER -> sent[m].at = GONE; sent[m].age = 0; h = true
	:: sent[m].at == FETCHED -> sent[m].at = GONE_FETCHED; sent[m].age = 0; h = true
	:: else -> h = false
	fi
}

#define MAY_BE_RETRIED(i) (row[i].state == FAILED && n_sent < SENDINGS && row[i].attempts < ATTEMPTS && \
	(row[i].why == NOT_SENT || row[i].why == NOT_RECEIVED || row[i].why == PASSING))
#define MAY_BE_WITHDRAWN(i) ((row[i].state == QUEUED && withdrawals > 0) || \
	(row[i].state == PENDING && (withdrawals > 0 || row[i].withdraw_intended)))

#define MAY_CRASH if :: crashes > 0 -> crashes--; printf("run %d crashes\n", me); goto ended :: true fi

active [RUNS] proctype Run() provided (!over)
{
	byte me = _pid + 1;
	byte i, j, k, n, h, mine, seen;
	mtype was[ROWS] = NONE;
	mtype saw = NONE;
	byte were[ROWS];
	bool quarter[ROWS], minute[ROWS], looked[ROWS];

end:	do
	/* A person, or a program, hands the request in. */
	:: atomic {
		handed_in < ROWS -> busy[me] = true;
		d_step { find_holder(h); skip };
		if
		:: h == ROWS ->
			mine = handed_in; handed_in++;
			row[mine].owner = me;
			become(mine, QUEUED, NONE);
			remember(mine); h = 0;
			goto send
		:: h < ROWS && row[h].state == QUEUED && SEEMS_DEAD(h) ->
			mine = h; remember(mine); h = 0;
			goto take_over
		:: else -> goto ended
		fi
	   }
	/* A sweep finds rows of dead runs. */
	:: atomic { IS_LEFT(0) || IS_LEFT(ROWS - 1) -> busy[me] = true; d_step { look_for_dead(); skip } };
	   atomic { MAY_CRASH; d_step { turn_over(); skip }; goto ended }
	/* It reads the list. */
	:: atomic {
		IS_LISTED_FOR(0) || IS_LISTED_FOR(ROWS - 1) -> busy[me] = true;
		d_step { read_list() };
		tear()
	   };
	   atomic { MAY_CRASH; d_step { settle_list(); skip }; goto ended }
	/* It asks for what has an id. */
	:: atomic {
		if
		:: row[0].id > 0 && IS_ASKED(0) -> h = 0
		:: row[ROWS - 1].id > 0 && IS_ASKED(ROWS - 1) -> h = ROWS - 1
		fi;
		busy[me] = true;
		d_step { ask(h) }
	   };
	   atomic { MAY_CRASH; d_step { take_said(); skip }; goto ended }
#if WITHDRAWALS > 0
	/* A person withdraws, or it was intended before. */
	:: atomic {
		if
		:: MAY_BE_WITHDRAWN(0) -> mine = 0
		:: MAY_BE_WITHDRAWN(ROWS - 1) -> mine = ROWS - 1
		fi;
		busy[me] = true;
		if
		:: row[mine].state == QUEUED && withdrawals > 0 ->
			withdrawals--; become(mine, WITHDRAWN, NONE); row[mine].holds_key = false; goto ended
		:: row[mine].state == PENDING && (withdrawals > 0 || row[mine].withdraw_intended) ->
			if :: row[mine].withdraw_intended :: else -> withdrawals-- fi;
			row[mine].withdraw_intended = true; remember(mine)
		fi
	   };
	   atomic { MAY_CRASH; delete(row[mine].id - 1); if :: h :: h -> goto ended /* the answer is lost */ :: else -> goto ended fi };
	   atomic { MAY_CRASH; if :: UNCHANGED(mine) -> now_withdrawn(mine) :: else fi; goto ended }
#endif
	/* The second one of a double is withdrawn. */
	:: atomic { row[0].doubled > 0 && sent[row[0].doubled - 1].at == AT_SERVER -> delete(row[0].doubled - 1); h = 0 }
	:: atomic { row[ROWS - 1].doubled > 0 && sent[row[ROWS - 1].doubled - 1].at == AT_SERVER -> delete(row[ROWS - 1].doubled - 1); h = 0 }
	/* --retry. */
	:: atomic {
		if
		:: MAY_BE_RETRIED(0) -> mine = 0
		:: MAY_BE_RETRIED(ROWS - 1) -> mine = ROWS - 1
		fi;
		busy[me] = true;
		remember(mine)
	   };
	   atomic {
		MAY_CRASH;
		d_step { find_holder(h); skip };
		if
		:: !UNCHANGED(mine) -> goto ended
#ifndef NO_KEY_CHECK
		:: UNCHANGED(mine) && h < ROWS -> become(mine, FAILED, SUPERSEDED); goto ended
#else
		:: UNCHANGED(mine) && h < ROWS -> row[mine].owner = me; become(mine, QUEUED, NONE); remember(mine); h = 0; goto send
#endif
		:: UNCHANGED(mine) && h == ROWS ->
			row[mine].owner = me; become(mine, QUEUED, NONE); remember(mine); h = 0;
			goto send
		fi
	   }
	/* End of whatever it did; a crash comes here as well. */
ended:	   atomic { skip; d_step { let_go(); forget() } }
	od;

take_over:
	skip; /* it may be stopped here: a jump alone wouldn't let others in */
	atomic {
		MAY_CRASH;
		if
		:: UNCHANGED(mine) && STILL_DEAD(mine) -> row[mine].owner = me
		:: else -> goto ended
		fi
	};
send:	skip;
	/* the claim */
	atomic {
		MAY_CRASH;
		if
		:: n_sent < SENDINGS && row[mine].attempts < ATTEMPTS
		:: true -> /* no key, or a signal: it gives up */
			if :: UNCHANGED(mine) && OF_RUN(mine, me) -> become(mine, FAILED, NOT_SENT) :: else fi;
			goto ended
		fi;
#ifndef NO_CLAIM
		if
		:: UNCHANGED(mine) && OF_RUN(mine, me) ->
			become(mine, SUBMITTING, NONE); row[mine].attempts++; remember(mine)
		:: else -> goto ended
		fi
#endif
	};
	/* the bytes leave */
	atomic {
		MAY_CRASH;
		if
		:: answer[me] = NOT_SENT /* surely not a byte */
		:: n_sent < SENDINGS ->
#ifdef NO_REPEAT_GUARD
			if
			:: n_sent + 1 < SENDINGS -> /* the connection dies, libcurl takes a new one */
				sent[n_sent].at = ON_THE_WAY; sent[n_sent].whose = mine; n_sent++
			:: true
			fi;
#endif
			sent[n_sent].at = ON_THE_WAY; sent[n_sent].whose = mine; sent[n_sent].waits = me;
			printf("run %d: request %d leaves for row %d\n", me, n_sent, mine); n_sent++
		fi
	};
	/* the answer */
	atomic {
		answer[me] != NONE;
		MAY_CRASH;
		n = answer_id[me]; saw = answer[me]; answer[me] = NONE; answer_id[me] = 0;
		if
		:: !UNCHANGED(mine) -> row[mine].told = true; goto ended
		:: UNCHANGED(mine) && saw == ACCEPTED -> take_id(mine, n - 1); goto ended
		:: UNCHANGED(mine) && saw == REFUSED -> become(mine, FAILED, REFUSED); goto ended
		:: UNCHANGED(mine) && saw == UNCLEAR -> become(mine, UNKNOWN, NONE); goto ended
		:: UNCHANGED(mine) && (saw == PASSING || saw == NOT_SENT) ->
			if
			:: become(mine, QUEUED, NONE); remember(mine); n = 0; saw = NONE; goto send
			:: become(mine, FAILED, saw); goto ended
			fi
		fi
	}
}

/* --- the network, the server and the practice, as one request meets them ----------------------------- */

inline say(what)
{
	if
	:: sent[m].waits != 0 ->
		printf("request %d: the answer is %e\n", m, what);
		answer[sent[m].waits] = what; answer_id[sent[m].waits] = (what == ACCEPTED -> m + 1 : 0)
	:: else
	fi;
	sent[m].waits = 0
}

inline carry_out()
{
	if
	:: true -> sent[m].at = DONE_WELL; records++; printf("request %d is carried out\n", m);
#ifndef LATE
		assert(records <= 1)
#endif
	:: true -> sent[m].at = DONE_BADLY
	fi
}

active [SENDINGS] proctype Request() provided (!over)
{
	byte m = _pid - RUNS;
	mtype what = NONE;

end:	do
	:: atomic { sent[m].at == ON_THE_WAY && sent[m].waits != 0 -> say(UNCLEAR) } /* time is up; it may still come */
	:: atomic {
		sent[m].at == ON_THE_WAY -> sent[m].at = NOWHERE; sent[m].age = 0;
		if :: what = UNCLEAR :: what = PASSING :: what = REFUSED fi;
		say(what); what = NONE
	   }
	:: atomic {
		sent[m].at == ON_THE_WAY -> sent[m].at = AT_SERVER;
#ifdef APART
		sent[m].age = 0;
#endif
		if :: what = ACCEPTED :: what = UNCLEAR fi;
		say(what); what = NONE
	   }
	:: atomic { LAGS(m) -> sent[m].listed = true; sent[m].age = 0 }
	:: atomic { sent[m].at == AT_SERVER -> sent[m].at = FETCHED }
	:: atomic { sent[m].at == FETCHED -> carry_out() }
	/* Withdrawn, and fetched before. */
	:: atomic { sent[m].at == GONE_FETCHED -> sent[m].age = 0; sent[m].listed = true; carry_out() }
	:: atomic { sent[m].at == GONE_FETCHED -> sent[m].age = 0; sent[m].at = GONE }
	od
}

/* --- time ----------------------------------------------------------------------------------------------- */

inline tick()
{
	x = 0;
	do
	:: x < ROWS ->
		if
		:: row[x].state == UNKNOWN && row[x].id == 0 -> OLDER(row[x].unknown_age, QUARTER)
		:: else
		fi;
		if
		:: row[x].absent_age < MINUTE -> row[x].absent_age++
		:: else
		fi;
		if
		:: row[x].state == WITHDRAWN -> OLDER(row[x].withdrawn_age, QUARTER); OLDER(row[x].looked_age, MINUTE)
		:: else
		fi;
		x++
	:: else -> break
	od;
	printf("a minute\n");
	x = 0;
	do
	:: x < SENDINGS ->
		if
		:: TRAVELS(x) || LAGS(x) -> OLDER(sent[x].age, QUARTER)
		:: else
		fi;
		x++
	:: else -> break
	od;
	x = 1;
	do
	:: x <= RUNS -> if :: list_age[x] < MINUTE -> list_age[x]++ :: else fi; x++
	:: else -> break
	od;
	x = 0
}

active proctype Clock() provided (!over)
{
	byte x;

end:	do
	:: atomic { n_sent + handed_in > 0 && !DUE(0) && !DUE(1) && !DUE(SENDINGS - 1) -> d_step { tick() } }
	od
}

/* --- the end --------------------------------------------------------------------------------------------- */

/*
 * Whenever no process is at work and nothing is under way: sweeps with time between them, and what must
 * be so then. That some practice stays switched off (AT_SERVER, FETCHED) is reported by age.
 */
active proctype Closing() provided (!over)
{
	byte me = RUNS + 1;
	byte x, i, j, k, n, h, mine, seen, rounds;
	mtype was[ROWS] = NONE;
	mtype saw = NONE;
	byte were[ROWS];
	bool quarter[ROWS], minute[ROWS], looked[ROWS], is_said;

end:	d_step {
		handed_in > 0 && !busy[1] && !busy[RUNS] && !busy[RUNS - 1] &&
		    !TRAVELS(0) && !TRAVELS(1) && !TRAVELS(SENDINGS - 1) && !LAGS(0) && !LAGS(1) && !LAGS(SENDINGS - 1);
		look_for_dead(); turn_over();
		rounds = 0;
		do
		:: rounds < 3 ->
			tick(); tick();
			read_list(); settle_list();
			h = 0;
			do
			:: h < ROWS ->
				if
				:: row[h].id > 0 && IS_ASKED(h) -> ask(h); take_said()
				:: else
				fi;
				h++
			:: else -> break
			od;
			rounds++
		:: else -> break
		od;
		/* 2: each row has its end, or a person was told. */
		i = 0;
		do
		:: i < ROWS ->
			assert(row[i].state == NONE || row[i].state == COMPLETED || row[i].state == FAILED ||
			    row[i].state == WITHDRAWN || (row[i].state == UNKNOWN && row[i].told) ||
			    (row[i].state == PENDING && (sent[row[i].id - 1].at == AT_SERVER || sent[row[i].id - 1].at == FETCHED)));
			/* 3: what is said is so … */
			assert(row[i].state != COMPLETED || sent[row[i].id - 1].at == DONE_WELL);
			i++
		:: else -> break
		od;
		/* … and what is so is said. */
		j = 0;
		do
		:: j < SENDINGS ->
			is_said = sent[j].at != DONE_WELL;
			i = 0;
			do
			:: i < ROWS ->
				is_said = is_said || row[i].doubled == j + 1 || row[i].state == UNKNOWN ||
				    (row[i].state == COMPLETED && row[i].id == j + 1);
				i++
			:: else -> break
			od;
#ifdef LATE /* beyond what it rests on one event per row has to do */
			is_said = is_said || alarm;
#endif
			assert(is_said);
			j++
		:: else -> break
		od;
		/* 1: and if there are two, a person knows: by that event, or the row is left to one (unknown). */
		assert(records <= 1 || alarm || row[0].state == UNKNOWN || row[ROWS - 1].state == UNKNOWN);
		over = true
	}
}
