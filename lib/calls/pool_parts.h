/* SPDX-License-Identifier: MIT */
/*
 * pool_parts: what the files of the pool share (pool, pool_queues, pool_choose, pool_answers, pool_write, pool_why),
 * and what renewal, which renews the keys for it, sees of them. Nobody else includes it.
 */
#ifndef SK_CALLS_POOL_PARTS_H
#define SK_CALLS_POOL_PARTS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/patience.h"
#include "base/text.h"
#include "base/time.h"
#include "http/http.h"
#include "store/events.h"
#include "store/offices.h"
#include "store/session.h"
#include "calls/call.h"
#include "calls/pool.h"
#include "calls/rate.h"

#define SK_POOL_TRIES 4 /* of a call, the first included */

enum sk_call_stage {
	SK_STAGE_OUTSIDE, /* not in the pool */
	SK_STAGE_WAITING,
	SK_STAGE_LEAVING, /* chosen in this turn */
	SK_STAGE_ON_WIRE,
	SK_STAGE_ANSWERED, /* answered, or ended without an answer; not handed to its owner yet */
};

struct sk_call_queue {
	struct sk_call *first, **last;
};

struct sk_call_list {
	struct sk_call **calls;
	size_t n, room;
};

/* An office whose calls are in the pool; one without an id stands for the application. */
struct sk_pool_office {
	char *id;          /* NULL: the application */
	const char *limit; /* the name of its limit */
	struct sk_pool *pool;
	struct sk_call_queue queues[SK_CALL_KINDS];
	size_t n_waiting;
	size_t n_without_key; /* of these, those that its request key has to sign */
	size_t n_on_wire;
	size_t n_leaving;                     /* in this turn */
	int64_t limit_again_at[SK_RATE_USES]; /* monotonic: its limit was full for this use */
	/* its key, as it was read last */
	int is_loaded;
	struct sk_office record;
	char *refused;              /* the key that the server refused */
	int64_t not_renewed_before; /* monotonic: a renewal failed, and the old key lives */
	int is_renewing;
	struct sk_renewal *renewal; /* renewal's own; NULL until it is needed */
	bool asks_for_key;          /* it is among the pool's offices that ask for one … */
	struct sk_pool_office *next_asking; /* … before this one */
	bool has_warned;                    /* that an answer was repaired */
};

struct sk_pool {
	struct sk_session *session;
	struct sk_http *http;
	struct sk_rate *rate;
	struct sk_pool_office **offices; /* in the order of their ids, the application first */
	size_t n_offices, room;
	size_t first; /* whose turn it is to be looked at first */
	struct sk_pool_office *first_asking,
	    *last_asking; /* for a key: whoever renews looks at them */
	size_t n_waiting;
	int64_t longest_wait; /* for a limit; 0: as long as it takes */
	size_t n_on_wire;
	size_t n_submissions;  /* from when they are chosen until what came of them is recorded */
	size_t bytes_expected; /* of the answers on the wire */
	/* A call of it had no room beside those: in this turn no other one with a large answer leaves. */
	const struct sk_pool_office *without_room;
	struct sk_call_list arrived;  /* answers that haven't been judged yet */
	struct sk_call_list answered; /* what is to be recorded and handed over */
	struct sk_call_list leaving;
	struct sk_call_list handed; /* to their owners, in this turn … */
	struct sk_error unrecorded; /* … and why what came of them isn't recorded, or 0 */
	const struct sk_call_owner **entered; /* whose calls may leave in this turn: may_enter */
	size_t n_entered, room_entered;
	int turning;
	int is_dirty;    /* calls came in, or left a place, since it was last chosen */
	int64_t wake_at; /* monotonic: when something may leave, or a timer is due */
	/* trouble */
	int64_t budget;                  /* retries left, in tenths */
	int spent_this_turn;             /* the failures of one turn take one retry out of it */
	int64_t failing_since;           /* monotonic; 0: the last that was heard was well */
	int has_failed;                  /* an attempt, in this turn */
	int64_t paused_until;            /* monotonic: a 503 asked for it */
	int64_t connections;             /* at most */
	int64_t window;                  /* places now, in hundredths */
	struct sk_text trouble;          /* why a call was tried again last, or empty */
	const char *kept_out;            /* why an owner may not enter just now, or NULL */
	int64_t heard_at;                /* monotonic: an answer, or the first that waits for one */
	int has_halved;                  /* in this turn */
	int past_start;                  /* has halved once: grows slowly */
	struct sk_patience journal;      /* somebody else writes to it */
	const struct sk_pool_keys *keys; /* who renews the request keys; NULL: nobody */
	struct sk_renewals *renewals;    /* renewal's own */
};

/* pool.c */
/* Counts a submission in pool->n_submissions, or no longer; a call of another kind isn't counted. */
void sk_pool_count_submission(struct sk_call *call, int counts);
void sk_pool_wake_in(struct sk_pool *pool, int64_t ms);

/* pool_queues.c */
struct sk_pool_office *sk_pool_office_of(struct sk_pool *pool, const char *office_id);
/* Whether the office's own request key signs it. */
bool sk_call_needs_key(const struct sk_call *call);
void sk_pool_enqueue(struct sk_call *call);
void sk_pool_dequeue(struct sk_call *call);
void sk_pool_end_office(struct sk_pool_office *office, const struct sk_error *why);

/*
 * Who renews looks at the office in the next turn: its calls, or a wish, may need a key that it hasn't. One whose
 * key is being renewed isn't asked for again. next_asking: the first of those that ask is taken out; NULL: none does.
 */
void sk_pool_ask_for_key(struct sk_pool_office *office);
struct sk_pool_office *sk_pool_next_asking(struct sk_pool *pool);

/* Ends a call that is in no queue: its owner gets it with this error. */
void sk_pool_end(struct sk_call *call, const struct sk_error *why);

/* A call whose answer has been judged, or that ended without one, goes on to its owner. */
void sk_pool_pass_on(struct sk_call *call);
void sk_call_list_add(struct sk_call_list *list, struct sk_call *call);

/* Brings all calls that have the same owner as that at from next to it, in their order; returns where
 * they end. */
size_t sk_call_list_group(struct sk_call_list *list, size_t from);

/* pool_choose.c: fills pool->leaving; the limits of those in it are reserved. */
void sk_pool_choose(struct sk_pool *pool);
/* The calls in pool->leaving go back to where they were, their reservations as well. */
void sk_pool_unchoose(struct sk_pool *pool);
size_t sk_pool_places(const struct sk_pool *pool);
enum sk_rate_use sk_pool_use_of(enum sk_call_kind kind);

/* pool_why.c: draws the line of progress if it is due, with the reason why calls wait. */
void sk_pool_show(const struct sk_pool *pool);

/* pool_answers.c: settles the limits of what was answered; puts back what is repeated at once. */
void sk_pool_judge(struct sk_pool *pool);
void sk_pool_put_back(struct sk_call *call);

/* pool_write.c: the transaction of the turn. */
void sk_pool_write(struct sk_pool *pool);

/* A call of leaving that doesn't leave: its reservation goes back; one that does gets its key. */
void sk_pool_give_back(struct sk_call *call);
void sk_pool_let_go(struct sk_call *call);

/* Whether calls of the office may leave with the key that it has; and that the server refused one. */
bool sk_pool_office_key_lives(const struct sk_pool_office *office);
void sk_pool_key_refused(struct sk_pool_office *office, const char *key);

#endif
