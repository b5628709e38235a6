/* SPDX-License-Identifier: MIT */
/*
 * pool_choose: which calls leave in this turn. Each needs a place, a key and room in its limit, looked
 * at in this order, and none of them is held while another is waited for: a place and a key are only
 * looked at, and the limit is reserved last, for a call that then leaves.
 *
 * Offices take turns: one call of each office, and again, until no place is left or no office has a
 * call that may leave. An office whose limit is full is passed over until it has room again, so that
 * it never holds up another.
 */
#include <stdbool.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/time.h"
#include "calls/pool_parts.h"
#include "calls/request_key.h"

#define PLACES_OF_OFFICE 4
/*
 * How many bytes the answers on the wire may have together, as far as their sizes are known. A single one may be
 * larger. Few large answers are enough to keep a server busy, and each takes its size in memory.
 */
#define BYTES_ON_WIRE ((size_t)2 << 20)

static const enum sk_rate_use uses[SK_CALL_KINDS] = {
    [SK_CALL_RENEWAL] = SK_RATE_WRITE,
    [SK_CALL_SUBMISSION] = SK_RATE_WRITE,
    [SK_CALL_WITHDRAWAL] = SK_RATE_WRITE,
    [SK_CALL_READ] = SK_RATE_READ,
    [SK_CALL_POLL] = SK_RATE_POLL,
};

enum sk_rate_use
sk_pool_use_of(enum sk_call_kind kind)
{
	return uses[kind];
}

size_t
sk_pool_places(const struct sk_pool *pool)
{
	size_t places = (size_t)(pool->window / 100), taken = pool->n_on_wire + pool->leaving.n;

	if (pool->paused_until > sk_time_monotonic())
		return 0;
	return taken < places ? places - taken : 0;
}

/* A place among those of the office; calls of the application have no such bound. */
static bool
has_place(const struct sk_pool_office *office)
{
	return office->id == NULL || office->n_on_wire + office->n_leaving < PLACES_OF_OFFICE;
}

/* How many bytes the answers may have that are on the wire, or are asked for in this turn. */
static size_t
bytes_ahead(const struct sk_pool *pool)
{
	size_t bytes = pool->bytes_expected;

	for (size_t i = 0; i < pool->leaving.n; i++)
		bytes += pool->leaving.calls[i]->expected;
	return bytes;
}

/*
 * Whether its answer has room beside those. One that is larger than the bound has it when no other is on the wire.
 * While one waits for room, none that comes later takes it: else smaller ones could keep it waiting for ever.
 */
static bool
has_room(struct sk_pool *pool, const struct sk_call *call)
{
	size_t ahead = call->expected > 0 ? bytes_ahead(pool) : 0;

	if (ahead == 0)
		return true;
	if (pool->without_room != NULL)
		return false;
	if (ahead + call->expected <= BYTES_ON_WIRE)
		return true;
	pool->without_room = call->office;
	return false;
}

bool
sk_pool_office_key_lives(const struct sk_pool_office *office)
{
	if (!office->is_loaded || office->is_renewing)
		return false;
	return sk_request_key_lives(&office->record, office->refused,
		   sk_request_key_margin(&office->record)) ||
	    (sk_time_monotonic() < office->not_renewed_before &&
		sk_request_key_lives(&office->record, office->refused, 0));
}

static bool
has_entered(const struct sk_pool *pool, const struct sk_call_owner *owner)
{
	for (size_t i = 0; i < pool->n_entered; i++)
		if (pool->entered[i] == owner)
			return true;
	return false;
}

static bool
may_enter(struct sk_pool *pool, const struct sk_call *call)
{
	const struct sk_call_owner *owner = call->owner;
	int64_t retry_in = SK_SECOND;

	if (owner == NULL || owner->may_enter == NULL || has_entered(pool, owner))
		return true;
	if (!owner->may_enter(owner->owner_arg, &retry_in)) {
		pool->kept_out = owner->kept_out;
		sk_pool_wake_in(pool, retry_in);
		return false;
	}
	pool->entered = sk_mem_grow(pool->entered, pool->n_entered + 1, &pool->room_entered,
	    sizeof(const struct sk_call_owner *));
	pool->entered[pool->n_entered++] = owner;
	return true;
}

/* 1 reserved, 0 not now; -1 the call was ended, since it can't be asked today, or not as soon as it has to. */
static int
reserve(struct sk_pool *pool, struct sk_call *call)
{
	enum sk_rate_use use = uses[call->kind];
	struct sk_pool_office *office = call->office;
	int64_t left = office->limit_again_at[use] - sk_time_monotonic();
	struct sk_error why = {0};

	if (left <= 0) {
		left = sk_rate_reserve(pool->rate, office->limit, use, &why);
		if (left > 0) {
			left += sk_time_jitter(50);
			office->limit_again_at[use] = sk_time_monotonic() + left;
			sk_out_verbose("waiting %lld ms for the limit of %s", (long long)left,
			    office->id != NULL ? office->id : "the application");
		}
	}
	if (left == 0)
		return 1;
	if (left > 0 && (pool->longest_wait == 0 || left <= pool->longest_wait)) {
		sk_pool_wake_in(pool, left);
		return 0;
	}
	if (left > 0)
		sk_error_set(&why, SK_EXIT_TRY_LATER,
		    "the limit of %s is used up for another %lld s",
		    office->id != NULL ? office->id : "the application",
		    (long long)(left / SK_SECOND));
	sk_pool_dequeue(call);
	sk_pool_end(call, &why);
	return -1;
}

static void
let_leave(struct sk_pool *pool, struct sk_call *call)
{
	sk_pool_dequeue(call);
	call->stage = SK_STAGE_LEAVING;
	/* Before it is claimed: a process that is stopped between the claim and the sending, for an
	 * hour, must see on going on that the claim is an hour old. */
	call->chosen_at = sk_time_boot();
	call->office->n_leaving++;
	sk_pool_count_submission(call, 1);
	sk_call_list_add(&pool->leaving, call);
}

/* The first call of a queue that may leave leaves: true; false: none may. */
static bool
take_from_queue(struct sk_pool *pool, struct sk_call_queue *queue)
{
	int64_t now = sk_time_monotonic();
	const struct sk_call_owner *refused = NULL;
	struct sk_call *next;

	for (struct sk_call *call = queue->first; call != NULL; call = next) {
		int reserved;

		next = call->next;
		if (refused != NULL && call->owner == refused)
			continue;
		if (call->not_before > now) {
			sk_pool_wake_in(pool, call->not_before - now);
			continue;
		}
		if (sk_call_needs_key(call) && !sk_pool_office_key_lives(call->office)) {
			sk_pool_ask_for_key(call->office); /* it ended while they waited */
			return false;
		}
		if (!has_room(pool, call))
			return false;
		/* Its owner's other calls stay as well; another owner's may leave. */
		if (!may_enter(pool, call)) {
			refused = call->owner;
			continue;
		}
		reserved = reserve(pool, call);
		if (reserved < 0)
			continue;
		if (reserved)
			let_leave(pool, call);
		return reserved;
	}
	return false;
}

/* One call of the office leaves: true; false: none may. */
static bool
take_one(struct sk_pool *pool, struct sk_pool_office *office)
{
	if (office->n_waiting == 0 || !has_place(office))
		return false;
	for (int kind = 0; kind < SK_CALL_KINDS; kind++)
		if (take_from_queue(pool, &office->queues[kind]))
			return true;
	return false;
}

/* Renewals first: they are calls of the application, and other offices' calls wait for them. */
static void
take_renewals(struct sk_pool *pool)
{
	struct sk_call_queue *queue = &pool->offices[0]->queues[SK_CALL_RENEWAL];

	while (queue->first != NULL && sk_pool_places(pool) > 0 && take_from_queue(pool, queue))
		;
}

/* One call of each office in turn. */
static bool
take_a_round(struct sk_pool *pool)
{
	size_t n = pool->n_offices, first = pool->first;
	bool taken = false;

	for (size_t i = 0; i < n && pool->n_waiting > 0 && sk_pool_places(pool) > 0; i++) {
		struct sk_pool_office *office = pool->offices[(first + i) % n];

		if (!take_one(pool, office))
			continue;
		taken = true;
		pool->first = (first + i + 1) % n;
	}
	return taken;
}

/* The office that waits for room is looked at first in the next turn. */
static void
begin_with(struct sk_pool *pool, const struct sk_pool_office *office)
{
	for (size_t i = 0; i < pool->n_offices; i++)
		if (pool->offices[i] == office)
			pool->first = i;
}

void
sk_pool_choose(struct sk_pool *pool)
{
	int64_t now = sk_time_monotonic();

	pool->kept_out = NULL;
	pool->without_room = NULL;
	if (pool->paused_until > now)
		sk_pool_wake_in(pool, pool->paused_until - now);
	if (pool->n_waiting == 0 || sk_pool_places(pool) == 0)
		return;
	sk_rate_begin_turn(pool->rate);
	take_renewals(pool);
	while (pool->n_waiting > 0 && sk_pool_places(pool) > 0 && take_a_round(pool))
		;
	begin_with(pool, pool->without_room);
	/* What was reserved came to nothing; the next turn tells why the writes can't leave. */
	if (!sk_rate_end_turn(pool->rate)) {
		sk_pool_unchoose(pool);
		sk_pool_wake_in(pool, 0);
	}
}

void
sk_pool_look_at_windows(struct sk_pool *pool, struct sk_pool_window *windows, size_t n)
{
	sk_rate_begin_turn(pool->rate);
	for (size_t i = 0; i < n; i++)
		windows[i].left = sk_rate_look(pool->rate,
		    windows[i].office_id != NULL ? windows[i].office_id : SK_RATE_APP,
		    SK_RATE_POLL);
	/* Where the file fails, this process counts for itself. */
	(void)sk_rate_end_turn(pool->rate);
}

void
sk_pool_unchoose(struct sk_pool *pool)
{
	sk_rate_begin_turn(pool->rate);
	for (size_t i = 0; i < pool->leaving.n; i++) {
		struct sk_call *call = pool->leaving.calls[i];

		call->crossed_out = 0;
		sk_pool_give_back(call);
		sk_pool_enqueue(call);
	}
	sk_rate_end_turn(pool->rate);
	pool->leaving.n = 0;
}

void
sk_pool_give_back(struct sk_call *call)
{
	sk_rate_return(call->pool->rate, call->office->limit);
	call->office->n_leaving--;
	sk_pool_count_submission(call, 0);
}

void
sk_pool_let_go(struct sk_call *call)
{
	call->office->n_leaving--;
	sk_secret_free(call->key);
	call->key = sk_mem_copy(
	    sk_call_needs_key(call) ? call->office->record.request_key : call->request_key);
}
