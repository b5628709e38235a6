/* SPDX-License-Identifier: MIT */
/*
 * poll: looks at many watched rows by one list. Where no list can be had, each row is asked for at its time.
 */
#include "commands/poll_list.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/stop.h"
#include "base/time.h"
#include "life/check.h"
#include "life/check_ways.h"
#include "life/life.h"
#include "life/match.h"
#include "life/rhythm.h"
#include "commands/poll_parts.h"

#define AGAIN SK_SECOND /* rows come into the time in which they end */
#define COST_LASTS (2 * SK_SECOND)
/* How long none is tried after an attempt, */
#define OTHERS (5 * SK_SECOND)   /* where another process was reading one, */
#define TROUBLE SK_MINUTE        /* where something went wrong that passes by itself, */
#define REFUSED (10 * SK_MINUTE) /* and where the server gives none */

/* Whether a list may tell of the row, and is better for it. */
static bool
suits(const struct sk_rhythm *rhythm, const struct sk_watch *watch)
{
	return watch->writeback_id != NULL && !watch->is_unlisted &&
	    sk_time_now() - watch->submitted_at < SK_LIFE_FORGETS &&
	    sk_rhythm_suits(rhythm, watch->since, watch->due);
}

static void
read_cost(struct sk_poll_lists *lists, struct sk_pool *pool, int64_t now)
{
	if (lists->cost_read_at != 0 && now - lists->cost_read_at < COST_LASTS)
		return;
	lists->cost = sk_check_ways_list_cost(pool, &lists->took);
	lists->cost_read_at = now;
}

void
sk_poll_list_plan(struct sk_poll *poll)
{
	struct sk_poll_lists *lists = &poll->lists;
	struct sk_watches *watches = &poll->watches;
	int64_t now = sk_time_monotonic();
	struct sk_rhythm rhythm;

	lists->due = 0;
	for (size_t i = 0; i < watches->n; i++)
		watches->watch[i].waits_for_list = false;
	if (watches->every > 0 || watches->n < 2 || now < lists->not_before)
		return;
	read_cost(lists, poll->pool, now);
	sk_rhythm_init(&rhythm, now, lists->cost, lists->took);
	for (size_t i = 0; i < watches->n; i++)
		if (suits(&rhythm, &watches->watch[i]))
			sk_rhythm_add(&rhythm, watches->watch[i].since, watches->watch[i].due);
	lists->due = sk_rhythm_next(&rhythm, lists->begun_at);
	for (size_t i = 0; i < watches->n && lists->due != 0; i++)
		watches->watch[i].waits_for_list = suits(&rhythm, &watches->watch[i]);
}

static void
take_entry(struct sk_poll *poll, struct sk_watch *watch, const struct sk_api_listed *entry)
{
	struct sk_poll_lists *lists = &poll->lists;

	watch->is_unlisted = entry == NULL;
	watch->waits_for_list = false;
	if (entry == NULL)
		return;
	if (entry->said == SK_SAID_PENDING)
		sk_watches_put_off(&poll->watches, watch, sk_time_monotonic() - lists->begun_at);
	else if (lists->ended != NULL)
		lists->ended[lists->n_ended++] = watch->id;
}

/* What the list says of all rows that are watched, also of those that would have been asked for at their time. */
void
sk_poll_list_take(void *arg, struct sk_listing *list)
{
	struct sk_poll *poll = arg;
	struct sk_listing_index *index = sk_listing_index_new(list);

	poll->lists.begun_at = sk_time_monotonic() - (sk_time_now() - list->begun_at);
	for (size_t i = 0; i < poll->watches.n; i++) {
		struct sk_watch *watch = &poll->watches.watch[i];

		/* What was sent before the days of the list can't be in it. */
		if (watch->writeback_id == NULL || watch->submitted_at < list->from)
			continue;
		take_entry(poll, watch, sk_listing_index_find(index, watch->writeback_id));
	}
	sk_listing_index_free(index);
}

/* When the oldest of the rows was sent that wait for the list: it has to cover that time. */
static int64_t
oldest(const struct sk_watches *watches)
{
	int64_t oldest = sk_time_now();

	for (size_t i = 0; i < watches->n; i++)
		if (watches->watch[i].waits_for_list && watches->watch[i].submitted_at < oldest)
			oldest = watches->watch[i].submitted_at;
	return oldest;
}

/* No list was read: for how long none is tried. result, err: as sk_check_read_list has left them. */
static int64_t
pause_after(struct sk_poll *poll, int result, const struct sk_error *err)
{
	if (result == 0) {
		sk_out_verbose("another process is reading the list of writebacks");
		return OTHERS;
	}
	/* The server lets nobody read it: that is how it is, and each row is asked for. */
	if (sk_check_is_refusal(err)) {
		sk_out_verbose("%s", err->text);
		return REFUSED;
	}
	sk_poll_note_trouble(poll, err);
	return TROUBLE;
}

static void
read_list(struct sk_poll *poll)
{
	struct sk_check check = {.session = sk_pool_session(poll->pool),
	    .pool = poll->pool,
	    .changed = sk_poll_tell_known,
	    .listed = sk_poll_list_take,
	    .arg = poll,
	    .since = oldest(&poll->watches)};
	struct sk_poll_lists *lists = &poll->lists;
	struct sk_error err = {0};
	int read;

	read = sk_check_read_list(&check, &err);
	/* Without the status the list has settled what there was. */
	if (check.lacks_status)
		lists->n_ended = 0;
	if (read != 1)
		lists->not_before = pause_after(poll, read, &err) + sk_time_monotonic();
}

/* In portions: those that one check doesn't take would be put off, though the list has shown their end. */
static void
ask_for(struct sk_poll *poll, const int64_t *ids, size_t n)
{
	for (size_t i = 0; i < n && poll->fatal.code == 0 && !sk_stop_asked(); i += SK_POLL_MOST) {
		size_t left = n - i;

		sk_poll_look_at(poll, &ids[i], left < SK_POLL_MOST ? left : SK_POLL_MOST, true,
		    false);
	}
}

void
sk_poll_list_look(struct sk_poll *poll)
{
	struct sk_poll_lists *lists = &poll->lists;
	int64_t *ended;

	if (lists->due == 0 || lists->due > sk_time_monotonic() || sk_poll_is_copy(poll))
		return;
	lists->ended = ended = sk_mem_zero(poll->watches.n + 1, sizeof(*lists->ended));
	lists->n_ended = 0;
	read_list(poll);
	lists->due = 0;
	/* While these are asked for, another list may be read. */
	lists->ended = NULL;
	ask_for(poll, ended, lists->n_ended);
	free(ended);
}

bool
sk_poll_list_is_barred(const struct sk_poll *poll)
{
	return sk_time_monotonic() < poll->lists.not_before;
}

int64_t
sk_poll_list_next(const struct sk_poll *poll, int64_t latest)
{
	int64_t again = sk_time_monotonic() + AGAIN;
	bool may_come = (int64_t)poll->watches.n * 1000 > poll->lists.cost;

	if (poll->lists.due != 0 && poll->lists.due < latest)
		latest = poll->lists.due;
	if (again < poll->lists.not_before)
		again = poll->lists.not_before;
	/* A list is never cheaper than fewer statuses than it costs. */
	return poll->lists.cost > 0 && may_come && again < latest ? again : latest;
}
