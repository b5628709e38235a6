/* SPDX-License-Identifier: MIT */
/*
 * pool_queues: what goes in and out of the pool. The calls that wait stand in queues, one for each office
 * and kind; a call that has ended goes to its owner at once, or into the list of those that are handed over
 * at the end of the turn.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sorted.h"
#include "base/text.h"
#include "calls/pool_parts.h"

/* --- lists ------------------------------------------------------------------------------------- */

void
sk_call_list_add(struct sk_call_list *list, struct sk_call *call)
{
	if (list->n == list->room) {
		list->room = list->room > 0 ? 2 * list->room : 32;
		list->calls = sk_mem_resize(list->calls, list->room, sizeof(struct sk_call *));
	}
	list->calls[list->n++] = call;
}

size_t
sk_call_list_group(struct sk_call_list *list, size_t from)
{
	const struct sk_call_owner *owner = list->calls[from]->owner;
	size_t end = from + 1;

	for (size_t i = end; i < list->n; i++) {
		struct sk_call *call = list->calls[i];

		if (call->owner != owner)
			continue;
		memmove(&list->calls[end + 1], &list->calls[end],
		    (i - end) * sizeof(struct sk_call *));
		list->calls[end++] = call;
	}
	return end;
}

/* --- offices and their queues ------------------------------------------------------------------ */

static struct sk_pool_office *
new_office(struct sk_pool *pool, const char *office_id)
{
	struct sk_pool_office *office = sk_mem_zero(1, sizeof(*office));

	office->pool = pool;
	office->id = sk_mem_copy(office_id);
	office->limit = office_id != NULL ? office->id : SK_RATE_APP;
	for (int kind = 0; kind < SK_CALL_KINDS; kind++)
		office->queues[kind].last = &office->queues[kind].first;
	return office;
}

static int
compare_office(const void *office_id, const void *place)
{
	const char *id = (*(struct sk_pool_office *const *)place)->id;

	return strcmp(office_id, id != NULL ? id : "");
}

/* Where the office stands in the sorted array, or would stand. */
static size_t
place_of_office(const struct sk_pool *pool, const char *office_id)
{
	return sk_sorted_place(office_id, pool->offices, pool->n_offices, sizeof(*pool->offices),
	    compare_office);
}

struct sk_pool_office *
sk_pool_office_of(struct sk_pool *pool, const char *office_id)
{
	size_t at = place_of_office(pool, office_id != NULL ? office_id : "");

	if (at < pool->n_offices && sk_text_equal(pool->offices[at]->id, office_id))
		return pool->offices[at];
	if (pool->n_offices == pool->room) {
		pool->room = pool->room > 0 ? 2 * pool->room : 16;
		pool->offices =
		    sk_mem_resize(pool->offices, pool->room, sizeof(struct sk_pool_office *));
	}
	memmove(&pool->offices[at + 1], &pool->offices[at],
	    (pool->n_offices - at) * sizeof(struct sk_pool_office *));
	pool->offices[at] = new_office(pool, office_id);
	pool->n_offices++;
	return pool->offices[at];
}

bool
sk_call_needs_key(const struct sk_call *call)
{
	return call->office_id != NULL && call->request_key == NULL &&
	    call->kind != SK_CALL_RENEWAL;
}

void
sk_pool_ask_for_key(struct sk_pool_office *office)
{
	struct sk_pool *pool = office->pool;

	if (pool->keys == NULL || office->asks_for_key || office->is_renewing)
		return;
	pool->is_dirty = 1;
	office->asks_for_key = true;
	office->next_asking = NULL;
	if (pool->first_asking == NULL)
		pool->first_asking = office;
	else
		pool->last_asking->next_asking = office;
	pool->last_asking = office;
}

struct sk_pool_office *
sk_pool_next_asking(struct sk_pool *pool)
{
	struct sk_pool_office *office = pool->first_asking;

	if (office == NULL)
		return NULL;
	pool->first_asking = office->next_asking;
	office->asks_for_key = false;
	return office;
}

void
sk_pool_enqueue(struct sk_call *call)
{
	struct sk_call_queue *queue = &call->office->queues[call->kind];

	call->stage = SK_STAGE_WAITING;
	call->next = NULL;
	*queue->last = call;
	queue->last = &call->next;
	call->office->n_waiting++;
	call->pool->n_waiting++;
	call->pool->is_dirty = 1;
	if (!sk_call_needs_key(call))
		return;
	call->office->n_without_key++;
	sk_pool_ask_for_key(call->office);
}

void
sk_pool_dequeue(struct sk_call *call)
{
	struct sk_call_queue *queue = &call->office->queues[call->kind];
	struct sk_call **link = &queue->first;

	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
	if (queue->last == &call->next)
		queue->last = link;
	call->office->n_waiting--;
	call->office->n_without_key -= (size_t)sk_call_needs_key(call);
	call->pool->n_waiting--;
}

/* --- in and out -------------------------------------------------------------------------------- */

/* Whoever rehearses decides before a call is made that it isn't: this is for what was forgotten. */
static void
stop_in_rehearsal(struct sk_call *call)
{
	struct sk_error why = {0};

	if (!call->pool->session->rehearses || call->kind == SK_CALL_READ ||
	    call->kind == SK_CALL_POLL)
		return;
	sk_error_set(&why, SK_EXIT_BUG, "a dry run would have sent %s %s", call->method,
	    call->path);
	sk_pool_dequeue(call);
	sk_pool_end(call, &why);
}

void
sk_pool_add(struct sk_pool *pool, struct sk_call *call)
{
	sk_call_fini(call);
	call->pool = pool;
	call->office = sk_pool_office_of(pool, call->office_id);
	call->attempts = 0;
	call->keys_refused = 0;
	call->not_before = 0;
	call->again = 0;
	call->crossed_out = 0;
	sk_pool_enqueue(call);
	stop_in_rehearsal(call);
}

bool
sk_pool_remove(struct sk_pool *pool, struct sk_call *call)
{
	(void)pool;
	if (call->stage != SK_STAGE_WAITING)
		return false;
	sk_pool_dequeue(call);
	call->stage = SK_STAGE_OUTSIDE;
	return true;
}

void
sk_pool_pass_on(struct sk_call *call)
{
	if (call->owner != NULL && call->owner->judged != NULL) {
		call->stage = SK_STAGE_OUTSIDE;
		call->owner->judged(call->owner->owner_arg, call);
		return;
	}
	call->stage = SK_STAGE_ANSWERED;
	sk_call_list_add(&call->pool->answered, call);
}

void
sk_pool_end(struct sk_call *call, const struct sk_error *why)
{
	if (call->result == NULL)
		call->result = sk_mem_zero(1, sizeof(*call->result));
	call->result->error = *why;
	call->again = 0;
	call->pool->is_dirty = 1;
	sk_pool_pass_on(call);
}

/* All that wait in a queue end with this error; with owner, only the owner's. */
static void
end_queue(struct sk_call_queue *queue, const struct sk_call_owner *owner,
    const struct sk_error *why)
{
	struct sk_call *next;

	for (struct sk_call *call = queue->first; call != NULL; call = next) {
		next = call->next;
		if (owner != NULL && call->owner != owner)
			continue;
		sk_pool_dequeue(call);
		sk_pool_end(call, why);
	}
}

void
sk_pool_end_waiting(struct sk_pool *pool, const struct sk_call_owner *owner,
    const struct sk_error *why)
{
	for (size_t i = 0; i < pool->n_offices; i++)
		for (int kind = 0; kind < SK_CALL_KINDS; kind++)
			end_queue(&pool->offices[i]->queues[kind], owner, why);
}

void
sk_pool_end_office(struct sk_pool_office *office, const struct sk_error *why)
{
	for (int kind = 0; kind < SK_CALL_KINDS; kind++)
		end_queue(&office->queues[kind], NULL, why);
}
