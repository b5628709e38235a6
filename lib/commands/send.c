/* SPDX-License-Identifier: MIT */
/* send: rows on their way, and how they are claimed. What comes of them is in send_answers.c. */
#include "commands/send.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/progress.h"
#include "base/secret.h"
#include "base/time.h"
#include "store/holds.h"
#include "life/ledger.h"
#include "commands/send_parts.h"

/*
 * The section is entered before anything is claimed. Where it can't be had at all, claim() says why, so
 * that the calls end with that.
 */
static bool
enter(void *sender_arg, int64_t *retry_in)
{
	struct sk_sender *sender = sender_arg;

	sk_error_clear(&sender->refused);
	return sk_section_try(sk_pool_session(sender->pool), retry_in, &sender->refused) != 0;
}

static void
leave(void *sender_arg)
{
	struct sk_sender *sender = sender_arg;

	sk_section_leave(sk_pool_session(sender->pool));
}

/* Nothing more is sent, and whoever hands rows in hears of it. */
static int
refuse(struct sk_sender *sender, const struct sk_error *why, struct sk_error *err)
{
	if (sender->trouble.code == 0)
		sender->trouble = *why;
	*err = *why;
	return -1;
}

/*
 * The first claim under another boot notes a gap, in this commit, before anything has left; then, as for
 * any other hold of its office, a row isn't claimed: its call is crossed out, and waits (send_holds.c).
 */
static int
hold_back(struct sk_sender *sender, struct sk_call **calls, size_t n, size_t *n_held,
    struct sk_error *err)
{
	struct sk_session *session = sk_pool_session(sender->pool);

	*n_held = 0;
	if (sk_pulse_note_gap(&session->pulse, session->store, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct sk_sending *sending = calls[i]->arg;
		int held = sk_store_holds_office(session->store, sending->office_id, err);

		if (held < 0)
			return -1;
		calls[i]->crossed_out = held;
		sending->was_held_back = held;
		*n_held += (size_t)held;
	}
	return 0;
}

/*
 * Claims the rows whose calls leave now. This stands in the transaction before they leave: once it is
 * committed, bytes may have left, and whoever finds the row later takes it for unknown, never for
 * queued. Were a row sent before that commit, a crash in between would let the next run send it again.
 *
 * A row that isn't queued any more (its request turned up in the server's list while it waited for
 * its retry) isn't sent: its call is crossed out, and the row is told as what it is now.
 */
static int
claim(void *sender_arg, struct sk_call **calls, size_t n, struct sk_error *err)
{
	struct sk_sender *sender = sender_arg;
	struct sk_session *session = sk_pool_session(sender->pool);
	struct sk_store *store = session->store;
	const struct sk_fact fact = {.what = SK_CLAIMED};
	struct sk_error why = sender->refused;
	size_t n_held;

	if (why.code != 0 || hold_back(sender, calls, n, &n_held, &why) != 0)
		return refuse(sender, &why, err);
	if (n_held < n && sk_section_raise(session, SK_SECTION_DEPARTS, &why) != 0)
		return refuse(sender, &why, err);
	for (size_t i = 0; i < n; i++) {
		struct sk_sending *sending = calls[i]->arg;
		struct sk_writeback row = {.id = sending->id,
		    .result = SK_QUEUED,
		    .attempts =
			sending->recorded.id != 0 ? sending->recorded.attempts : sending->attempts,
		    .run = sending->run};

		if (calls[i]->crossed_out)
			continue;
		switch (sk_ledger_record(store, &row, &fact, NULL, err)) {
		case SK_RECORDED:
			sk_writeback_fini(&sending->claimed);
			sending->claimed = row;
			calls[i]->method = sending->claimed.method;
			calls[i]->path = sending->claimed.endpoint;
			calls[i]->body = sending->secret_body != NULL
			    ? sending->secret_body
			    : sending->claimed.request_body;
			break;
		case SK_RECORD_ERROR:
			return -1;
		default:
			calls[i]->crossed_out = 1;
		}
	}
	return 0;
}

/* The rows are queued again: nothing has left. In a transaction of its own. */
static int
take_back(struct sk_store *store, struct sk_call **calls, size_t n, struct sk_error *err)
{
	const struct sk_fact fact = {.what = SK_NOT_SENT,
	    .error_message = "the lock file couldn't be written"};

	if (sk_store_begin(store, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct sk_sending *sending = calls[i]->arg;
		struct sk_writeback row = {.id = sending->id,
		    .result = SK_SUBMITTING,
		    .attempts = sending->claimed.attempts,
		    .run = sending->run};

		if (calls[i]->crossed_out)
			continue;
		if (sk_ledger_record(store, &row, &fact, NULL, err) == SK_RECORD_ERROR) {
			sk_store_rollback(store);
			return -1;
		}
		sk_writeback_fini(&sending->recorded);
		sending->recorded = row;
	}
	return sk_store_commit(store, err);
}

/*
 * The claims are committed, and the lock file gets their count. Where that can't be written nothing
 * leaves: a copy from before the claims would not be recognized as one. When not even that can be
 * recorded, the rows stay submitting, and are settled by the list.
 */
static int
write_twin(void *sender_arg, struct sk_call **calls, size_t n, struct sk_error *err)
{
	struct sk_sender *sender = sender_arg;
	struct sk_session *session = sk_pool_session(sender->pool);
	struct sk_error why = {0}, ignored = {0};

	if (sk_section_write(session, &why) == 0)
		return 0;
	sk_section_leave(session);
	take_back(session->store, calls, n, &ignored);
	return refuse(sender, &why, err);
}

struct sk_sender *
sk_sender_new(struct sk_pool *pool, sk_sent_fn *told, void *arg)
{
	struct sk_sender *sender = sk_mem_zero(1, sizeof(*sender));

	sender->pool = pool;
	sender->told = told;
	sender->arg = arg;
	sender->owner = (struct sk_call_owner){.may_enter = enter,
	    .kept_out = "another process is about to send",
	    .leaving = claim,
	    .committed = write_twin,
	    .leave = leave,
	    .record = sk_sender_record,
	    .ended = sk_sender_ended,
	    .owner_arg = sender};
	sender->refusing = sender->owner;
	return sender;
}

static void
free_sending(struct sk_sending *sending)
{
	sk_call_fini(&sending->call);
	sk_writeback_fini(&sending->claimed);
	sk_writeback_fini(&sending->recorded);
	sk_secret_free(sending->secret_body);
	free(sending->office_id);
	free(sending);
}

void
sk_sender_drop(struct sk_sender *sender, struct sk_sending *sending)
{
	*sending->link = sending->next;
	if (sending->next != NULL)
		sending->next->link = sending->link;
	sender->n_open--;
	sender->n_bodies -= sending->secret_body != NULL;
	free_sending(sending);
}

void
sk_sender_free(struct sk_sender *sender)
{
	if (sender == NULL)
		return;
	while (sender->first != NULL) {
		sk_pool_remove(sender->pool, &sender->first->call);
		sk_sender_drop(sender, sender->first);
	}
	free(sender);
}

void
sk_sender_add(struct sk_sender *sender, const struct sk_writeback *row, char *secret_body,
    struct sk_origin origin)
{
	struct sk_sending *sending = sk_mem_zero(1, sizeof(*sending));

	sending->id = row->id;
	sending->run = row->run;
	sending->attempts = row->attempts;
	sending->office_id = sk_mem_copy(row->office_id);
	sending->secret_body = secret_body;
	sending->origin = origin;
	sending->call = (struct sk_call){.kind = SK_CALL_SUBMISSION,
	    .office_id = sending->office_id,
	    .owner = &sender->owner,
	    .arg = sending};
	sending->next = sender->first;
	sending->link = &sender->first;
	if (sender->first != NULL)
		sender->first->link = &sending->next;
	sender->first = sending;
	sender->n_open++;
	sender->n_bodies += secret_body != NULL;
	if (sk_sender_must_wait(sender, sending))
		sk_sender_hold(sender, sending);
	else
		sk_pool_add(sender->pool, &sending->call);
}

size_t
sk_sender_open(const struct sk_sender *sender)
{
	return sender->n_open;
}

size_t
sk_sender_bodies(const struct sk_sender *sender)
{
	return sender->n_bodies;
}

int
sk_sender_trouble(const struct sk_sender *sender, struct sk_error *err)
{
	if (sender->trouble.code == 0)
		return 0;
	*err = sender->trouble;
	return -1;
}

void
sk_sender_more_may_come(struct sk_sender *sender, bool may_come)
{
	sender->more_may_come = may_come;
}

static void
give_up_waiting(struct sk_sender *sender, const struct sk_error *why)
{
	if (sender->trouble.code == 0)
		sender->trouble = *why;
	sk_sender_let_all_go(sender);
	sk_pool_end_waiting(sender->pool, &sender->owner, why);
}

void
sk_sender_drain(struct sk_sender *sender)
{
	struct sk_error err = {0};
	size_t of = sender->n_open;

	sk_progress_begin("requests", "sending");
	sk_sender_more_may_come(sender, false);
	while (sender->n_open > 0) {
		sk_progress_count(of - sender->n_open, of);
		if (sk_sender_mind_holds(sender, &err) != 0)
			give_up_waiting(sender, &err);
		sk_pool_turn(sender->pool, sk_sender_patience(sender), -1);
	}
	sk_progress_end();
}

void
sk_sender_give_up(struct sk_sender *sender, const char *why, enum sk_exit exit)
{
	struct sk_error err = {0};

	sk_error_set(&err, (enum sk_exit)exit, "%s", why);
	sk_sender_let_all_go(sender);
	sk_pool_end_waiting(sender->pool, &sender->owner, &err);
	sk_sender_drain(sender);
}
