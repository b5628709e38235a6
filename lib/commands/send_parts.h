/* SPDX-License-Identifier: MIT */
/* send_parts: what the files of send share. Inside send. */
#ifndef SK_COMMANDS_SEND_PARTS_H
#define SK_COMMANDS_SEND_PARTS_H

#include <stdbool.h>

#include "commands/send.h"

/* One row on its way. */
struct sk_sending {
	struct sk_sending *next, **link;
	struct sk_call call;
	int64_t id, run;
	int attempts; /* what the journal says as long as it is queued */
	char *office_id;
	char *secret_body;
	struct sk_origin origin;
	bool was_held_back;           /* as it was to be claimed last */
	bool is_held;                 /* outside of the pool, until its office's hold is over */
	struct sk_writeback claimed;  /* the row as it was claimed; empty before */
	struct sk_writeback recorded; /* as it was recorded after the last answer; empty before */
};

struct sk_sender {
	struct sk_pool *pool;
	struct sk_call_owner owner;
	struct sk_call_owner refusing; /* the same, of rows that are ended before they were sent */
	sk_sent_fn *told;
	void *arg;
	struct sk_sending *first;
	size_t n_open, n_bodies;
	size_t n_held;       /* of those that are open */
	int64_t free_until;  /* monotonic: no office has a hold, as far as was seen */
	int64_t mind_at;     /* monotonic: when holds are looked at again */
	bool has_told_holds; /* that rows wait, and until when */
	bool more_may_come;  /* if not, what a person has paused ends */
	struct sk_error trouble;
	struct sk_error refused; /* why the section (store/section) can't be had */
};

/* Takes it out of the list and frees it. */
void sk_sender_drop(struct sk_sender *sender, struct sk_sending *sending);

/*
 * The row waits until its office's hold is over (send_holds.c). It is a call that is outside of the pool,
 * or that the pool has just given back.
 */
void sk_sender_hold(struct sk_sender *sender, struct sk_sending *sending);

/* Whether it has to. One that can't be read is seen again when the row is claimed. */
bool sk_sender_must_wait(struct sk_sender *sender, const struct sk_sending *sending);

/* All that wait for a hold go on to the pool, whatever became of the hold: to be ended there. */
void sk_sender_let_all_go(struct sk_sender *sender);

/* record() of the calls' owner: what came of them, in the turn's transaction. May be called again for
 * the same calls, when that transaction came to nothing. */
int sk_sender_record(void *sender, struct sk_call **calls, size_t n, struct sk_error *err);

/* ended() of the calls' owner: the outcomes are told. */
void sk_sender_ended(void *sender, struct sk_call **calls, size_t n,
    const struct sk_error *unrecorded);

#endif
