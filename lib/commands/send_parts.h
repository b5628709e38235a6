/* SPDX-License-Identifier: MIT */
/* send_parts: what the files of send share. Inside send. */
#ifndef SK_COMMANDS_SEND_PARTS_H
#define SK_COMMANDS_SEND_PARTS_H

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
	struct sk_writeback claimed;  /* the row as it was claimed; empty before */
	struct sk_writeback recorded; /* as it was recorded after the last answer; empty before */
};

struct sk_sender {
	struct sk_pool *pool;
	struct sk_call_owner owner;
	sk_sent_fn *told;
	void *arg;
	struct sk_sending *first;
	size_t n_open, n_bodies;
	struct sk_error trouble;
	struct sk_error refused; /* why the section (store/section) can't be had */
};

/* Takes it out of the list and frees it. */
void sk_sender_drop(struct sk_sender *sender, struct sk_sending *sending);

/* record() of the calls' owner: what came of them, in the turn's transaction. May be called again for
 * the same calls, when that transaction came to nothing. */
int sk_sender_record(void *sender, struct sk_call **calls, size_t n, struct sk_error *err);

/* ended() of the calls' owner: the outcomes are told. */
void sk_sender_ended(void *sender, struct sk_call **calls, size_t n,
    const struct sk_error *unrecorded);

#endif
