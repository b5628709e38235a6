/* SPDX-License-Identifier: MIT */
/*
 * pool_write: the one transaction of a turn. It holds what came of the calls that have ended, the keys
 * that were renewed, and what must be in the journal before the next calls leave; before all of that, what
 * follows from an answer that has set the clock far ahead.
 *
 * The order matters. A call leaves only after the commit that says so: without it nobody would know
 * that the request may have been sent, and a later run would send it again. An answer is told only
 * after the commit that holds it. When the whole can't be written, the answers are tried alone, since
 * they can't be had again; what was to leave stays where it is, in the journal as well as here.
 */
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/time.h"
#include "calls/pool_parts.h"

#define PATIENCE 50 /* ms for BEGIN, within a turn */
#define BUSY_PAUSE 50
#define BUSY_LONGEST (30 * SK_SECOND)

static bool
has_record(const struct sk_call *call)
{
	return call->owner != NULL && call->owner->record != NULL;
}

static bool
has_leaving(const struct sk_call *call)
{
	return call->owner != NULL && call->owner->leaving != NULL;
}

static bool
any(const struct sk_call_list *list, bool (*is)(const struct sk_call *))
{
	for (size_t i = 0; i < list->n; i++)
		if (is(list->calls[i]))
			return true;
	return false;
}

/* Each owner writes what came of its calls. */
static int
write_answers(struct sk_pool *pool, struct sk_error *err)
{
	struct sk_call_list *list = &pool->answered;
	size_t end;

	for (size_t from = 0; from < list->n; from = end) {
		const struct sk_call_owner *owner = list->calls[from]->owner;

		end = sk_call_list_group(list, from);
		if (owner != NULL && owner->record != NULL &&
		    owner->record(owner->owner_arg, &list->calls[from], end - from, err) != 0)
			return -1;
	}
	return pool->keys != NULL ? pool->keys->write(pool, err) : 0;
}

/* Each owner writes what must be there before its calls leave. */
static int
write_leaving(struct sk_pool *pool, struct sk_error *err)
{
	struct sk_call_list *list = &pool->leaving;
	size_t end;

	for (size_t from = 0; from < list->n; from = end) {
		const struct sk_call_owner *owner = list->calls[from]->owner;

		end = sk_call_list_group(list, from);
		if (owner != NULL && owner->leaving != NULL &&
		    owner->leaving(owner->owner_arg, &list->calls[from], end - from, err) != 0)
			return -1;
	}
	return 0;
}

/* 1 committed, 0 the journal is busy, -1 error: nothing is written. */
static int
transact(struct sk_pool *pool, int with_leaving, struct sk_error *err)
{
	struct sk_store *store = pool->session->store;
	int begun = sk_store_try_begin(store, PATIENCE, err);

	if (begun <= 0)
		return begun;
	if (sk_session_mend(pool->session, err) != 0 || write_answers(pool, err) != 0 ||
	    (with_leaving && write_leaving(pool, err) != 0)) {
		sk_store_rollback(store);
		return -1;
	}
	if (sk_store_commit(store, err) != 0)
		return -1;
	sk_session_mended(pool->session);
	return 1;
}

/* What the owners took for this turn is given back. */
static void
leave_all(struct sk_pool *pool)
{
	for (size_t i = 0; i < pool->n_entered; i++)
		if (pool->entered[i]->leave != NULL)
			pool->entered[i]->leave(pool->entered[i]->owner_arg);
	pool->n_entered = 0;
}

static bool
is_of(const struct sk_call *call, const struct sk_call_owner *owner)
{
	return owner != NULL ? call->owner == owner : has_leaving(call);
}

/*
 * Calls of the owner (NULL: of all that must write before they leave) end with the reason why they
 * can't leave. That they ended is tried to be written in the next turn.
 */
static void
end_leaving(struct sk_pool *pool, const struct sk_call_owner *owner, const struct sk_error *why)
{
	size_t kept = 0;

	for (size_t i = 0; i < pool->leaving.n; i++) {
		struct sk_call *call = pool->leaving.calls[i];

		if (!is_of(call, owner) || (owner != NULL && call->crossed_out)) {
			pool->leaving.calls[kept++] = call;
			continue;
		}
		sk_pool_give_back(call);
		sk_pool_end(call, why);
	}
	pool->leaving.n = kept;
}

/* Each owner writes what comes after the commit. What leaves is in the list, an owner's together. */
static void
finish_leaving(struct sk_pool *pool)
{
	struct sk_call_list *list = &pool->leaving;
	size_t end;

	for (size_t from = 0; from < list->n; from = end) {
		const struct sk_call_owner *owner = list->calls[from]->owner;
		struct sk_error why = {0};

		end = sk_call_list_group(list, from);
		if (owner == NULL || owner->committed == NULL ||
		    owner->committed(owner->owner_arg, &list->calls[from], end - from, &why) == 0)
			continue;
		end_leaving(pool, owner, &why);
		end = from;
		while (end < list->n && list->calls[end]->owner == owner)
			end++; /* those that were crossed out */
	}
}

/* Those that were crossed out don't leave: they go back to their owner instead. */
static void
let_leave(struct sk_pool *pool)
{
	size_t kept = 0;

	for (size_t i = 0; i < pool->leaving.n; i++) {
		struct sk_call *call = pool->leaving.calls[i];

		if (!call->crossed_out) {
			sk_pool_let_go(call);
			pool->leaving.calls[kept++] = call;
			continue;
		}
		sk_pool_give_back(call);
		pool->is_dirty = 1; /* its place is another call's now */
		if (call->result == NULL)
			call->result = sk_mem_zero(1, sizeof(*call->result));
		sk_call_list_add(&pool->handed, call);
	}
	pool->leaving.n = kept;
}

/* What has ended goes to its owner at the end of the turn; what is repeated goes back. */
static void
let_end(struct sk_pool *pool, const struct sk_error *failure)
{
	for (size_t i = 0; i < pool->answered.n; i++) {
		struct sk_call *call = pool->answered.calls[i];

		if (call->again && failure == NULL)
			sk_pool_put_back(call);
		else
			sk_call_list_add(&pool->handed, call);
	}
	pool->answered.n = 0;
	if (failure != NULL)
		pool->unrecorded = *failure;
	if (pool->keys != NULL)
		pool->keys->written(pool, failure);
}

/* The journal is busy: everything waits, but not for ever. */
static void
wait_for_journal(struct sk_pool *pool)
{
	struct sk_error why = {0};

	sk_pool_unchoose(pool);
	pool->is_dirty = 0; /* nothing new: the timer wakes us */
	if (sk_patience_refused(&pool->journal) < BUSY_LONGEST) {
		sk_pool_wake_in(pool, BUSY_PAUSE + sk_time_jitter(BUSY_PAUSE));
		return;
	}
	/* What ends now has no more patience in the turns to come. */
	sk_error_set(&why, SK_EXIT_TRY_LATER,
	    "%s: another process has been writing to it for more than 30 seconds",
	    pool->session->config.db);
	let_end(pool, &why);
	sk_pool_end_waiting(pool, NULL, &why);
}

void
sk_pool_write(struct sk_pool *pool)
{
	int with_leaving = any(&pool->leaving, has_leaving);
	struct sk_error failure = {0}, again = {0};
	bool has_to_write = with_leaving || any(&pool->answered, has_record) ||
	    sk_session_has_jumped(pool->session) ||
	    (pool->keys != NULL && pool->keys->have_to_write(pool));
	int written = has_to_write ? transact(pool, 1, &failure) : 1, has_failed = 0;

	if (written < 0 && with_leaving) {
		has_failed = 1;
		leave_all(pool);
		written = transact(pool, 0, &again);
	}
	if (written == 0) {
		leave_all(pool);
		wait_for_journal(pool);
		return;
	}
	/* A turn in which the owner couldn't enter has nothing to write: that isn't the end of a wait. */
	if (has_to_write)
		sk_patience_end(&pool->journal);
	let_end(pool, written < 0 ? &failure : NULL);
	/* After let_end: what ends here is recorded in the next turn. */
	if (has_failed)
		end_leaving(pool, NULL, &failure);
	else if (with_leaving)
		finish_leaving(pool);
	leave_all(pool);
	let_leave(pool);
}
