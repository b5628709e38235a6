/* SPDX-License-Identifier: MIT */
/*
 * pool: the engine for calls (sikka-life(7), Calls). One pool holds all calls of a process and alone
 * decides when each of them leaves, with which key, within which limit, and how often.
 *
 * A call leaves when three things are there at the same moment: a place (at most `connections` on the
 * wire, and at most 4 of one office), a request key that lives, and room in the limit. They are
 * looked at in this order in one function (calls/pool_choose.c); none is held while another is
 * waited for. The page of a list also needs room beside the pages on the wire. A key that has to be
 * renewed is renewed by calls of its own (calls/renewal.c); only this office's calls wait for it.
 *
 * One turn: wait for the network, the input, a timer or a signal; where an answer has to be recorded,
 * wait up to 3 ms for others that can be recorded with it; judge the answers that came; choose what
 * leaves; write both in one transaction (owners' record() and leaving()); send; hand the ended calls to
 * their owners (ended()). BEGIN is tried for 50 ms in each turn, so that a busy journal doesn't stop
 * the network; answers wait in memory for at most 30 s.
 *
 * After a signal nothing leaves any more: what is on the wire is waited for and recorded, the other
 * calls end with 75. The server counts as unreachable (69) when an attempt fails after 20 s without any
 * success; a pause that it asked for is waited for first.
 */
#ifndef SK_CALLS_POOL_H
#define SK_CALLS_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/session.h"
#include "calls/call.h"
#include "calls/rate.h"

struct sk_pool;

struct sk_pool_office;

/*
 * Who renews the request keys of the offices (renewal). The pool calls these in each turn; they may add
 * calls, and end calls of an office, but not turn.
 */
struct sk_pool_keys {
	void (*begin)(struct sk_pool *pool);
	void (*end)(struct sk_pool *pool);  /* frees what it has in the pool and its offices */
	void (*tick)(struct sk_pool *pool); /* begins renewals that are needed, tries locks */
	void (*stop)(struct sk_pool *pool, const struct sk_error *why); /* begins none any more */
	/* Whether another process renews the key of an office that waits for a renewal. */
	bool (*is_locked_out)(const struct sk_pool_office *office);
	/* In the turn's transaction. */
	bool (*have_to_write)(const struct sk_pool *pool);
	int (*write)(struct sk_pool *pool, struct sk_error *err);
	/* After it; failure: NULL, or why it came to nothing. */
	void (*written)(struct sk_pool *pool, const struct sk_error *failure);
};

/*
 * Checks that the application is configured (78), opens http and the limits. session is borrowed.
 * Without keys no call of an office leaves. Commands open the whole engine: calls/engine.
 */
int sk_pool_new(struct sk_session *session, const struct sk_pool_keys *keys, struct sk_pool **pool,
    struct sk_error *err);

/* What is still on the wire is dropped, without its owner hearing of it. NULL is nothing. */
void sk_pool_free(struct sk_pool *pool);

struct sk_session *sk_pool_session(const struct sk_pool *pool);

/* Hands a call in. It leaves in one of the next turns. */
void sk_pool_add(struct sk_pool *pool, struct sk_call *call);

/* Takes a call out that isn't on the wire and hasn't been answered: true; else it goes on. */
bool sk_pool_remove(struct sk_pool *pool, struct sk_call *call);

/* Ends all waiting calls of an owner with this error: they come to record() and ended(). */
void sk_pool_end_waiting(struct sk_pool *pool, const struct sk_call_owner *owner,
    const struct sk_error *why);

/*
 * One turn: returns after at most timeout ms, as soon as anything has happened. true: fd (-1:
 * none) is readable or at its end. Only from the top of a command, never inside an owner's
 * function.
 */
bool sk_pool_turn(struct sk_pool *pool, int64_t timeout, int fd);

/* From now on a call that a limit holds back for longer ends with 75. 0: none does, as at first. */
void sk_pool_wait_at_most(struct sk_pool *pool, int64_t duration);

/* Turns for so long. -1 (75) when a signal asked to stop meanwhile. */
int sk_pool_sleep(struct sk_pool *pool, int64_t duration, struct sk_error *err);

/*
 * Turns until a call that was handed in without an owner has ended. 0: call->result has an answer that
 * stands; -1 with err. The caller frees with sk_call_fini.
 */
int sk_pool_wait(struct sk_pool *pool, struct sk_call *call, struct sk_error *err);

/*
 * Hands a call in and turns until it has ended; it has no owner then. As sk_pool_wait.
 */
int sk_pool_call(struct sk_pool *pool, struct sk_call *call, struct sk_error *err);

/*
 * Warns that the answer to a call was repaired, if it was: once for each office in a process. The pool does
 * so itself for all that it reads, which is an answer without the records of its list.
 */
void sk_pool_warn_of_repairs(const struct sk_call *call, const struct sk_json_repairs *repairs);

/* An office's window of the limit, or the application's (NULL). */
struct sk_pool_window {
	const char *office_id;
	struct sk_rate_left left; /* for polls */
};

/* Fills in what is left in each of these. Takes nothing. */
void sk_pool_look_at_windows(struct sk_pool *pool, struct sk_pool_window *windows, size_t n);

/* Calls on the wire now. */
size_t sk_pool_on_wire(const struct sk_pool *pool);

#endif
