/* SPDX-License-Identifier: MIT */
/*
 * request.h: what becomes of a request that has left, for the small models (list, withdrawal, restore, gap).
 *
 * A tick of time is five minutes (or TICK). What sikka-life(7) rests on: a request reaches the server within 15
 * minutes or never, and a list shows it within 15 minutes after that; each may take all of its time, so 30
 * minutes together. A bound is kept by the clock, which doesn't tick while something is due: what takes
 * "at most 15 minutes" may still happen at any place among the steps of its third tick, also after a list
 * that is read in that tick. Hence a rule that waits for exactly 30 minutes is too early, and the rule
 * says 35.
 *
 * TICKS_TO_ARRIVE and TICKS_TO_LIST are these assumptions; a variant that lengthens one must fail.
 */

#ifndef TICK
#define TICK 5
#endif
#define MINUTES(m) ((m) / TICK)

#ifndef TICKS_TO_ARRIVE
#define TICKS_TO_ARRIVE MINUTES(15)
#endif
#ifndef TICKS_TO_LIST
#define TICKS_TO_LIST MINUTES(15)
#endif

mtype = { NOT_SENT, ON_THE_WAY, NOWHERE, AT_SERVER, LISTED };

typedef Request {
	mtype at = NOT_SENT;
	byte age; /* ticks since it left, or since it arrived; 0 where nothing is due */
};

#define IS_UNDER_WAY(r) (r.at == ON_THE_WAY || r.at == AT_SERVER)
#define IS_DUE(r) ((r.at == ON_THE_WAY && r.age >= TICKS_TO_ARRIVE) || (r.at == AT_SERVER && r.age >= TICKS_TO_LIST))
/* It is safe to send it (again): it was never sent, or surely never came. */
#define NEVER_CAME(r) (r.at == NOT_SENT || r.at == NOWHERE)

inline leave(r)
{
	r.at = ON_THE_WAY;
	r.age = 0
}

inline move_on(r) /* one step of the network or of the server; only while it is under way */
{
	if
	:: r.at == ON_THE_WAY -> r.at = AT_SERVER; printf("it arrives\n")
	:: r.at == ON_THE_WAY -> r.at = NOWHERE; printf("it never arrives\n")
	:: r.at == AT_SERVER -> r.at = LISTED; printf("it is listed\n")
	fi;
	r.age = 0
}

inline grow_older(r)
{
	if
	:: IS_UNDER_WAY(r) -> r.age++
	:: else
	fi
}

/*
 * Lists: of two in a row at most one is torn, and a torn one may lack anything. Reading one is begin_list, and
 * then look_up for each request, in one atomic step: what counts is the moment at which it begins.
 */
bool is_torn; /* the list that is being read, or the latest one */

inline begin_list()
{
	if
#ifdef TORN_TWICE
	:: is_torn = true
#else
	:: !is_torn -> is_torn = true
#endif
	:: is_torn = false
	fi;
	printf("a list begins, torn: %d\n", is_torn)
}

inline look_up(r, shows)
{
	if
	:: r.at == LISTED -> shows = true
	:: r.at != LISTED || is_torn -> shows = false
	fi
}
