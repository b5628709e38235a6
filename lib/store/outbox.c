/* SPDX-License-Identifier: MIT */
/*
 * store: what delivery notes in the rows of the table events. Nothing else of an event ever changes.
 */
#include "store/outbox.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/statements.h"

static char *
offices_of(const struct sk_events_wanted *wanted)
{
	return wanted->n_offices > 0 ? sk_sql_texts(wanted->offices, wanted->n_offices) : NULL;
}

int
sk_store_events_waiting(struct sk_store *store, const struct sk_events_wanted *wanted,
    struct sk_event **events, size_t *n, struct sk_error *err)
{
	char *offices = offices_of(wanted);
	struct sk_query query;
	int result;

	sk_query_open(&query, store, SK_SQL_EVENTS_WAITING, err);
	sk_query_text(&query, 1, offices);
	sk_query_number(&query, 2, (int64_t)wanted->most);
	result = sk_events_read(&query, events, n);
	free(offices);
	return result;
}

int
sk_store_events_page(struct sk_store *store, const struct sk_events_wanted *wanted,
    struct sk_event **events, size_t *n, struct sk_error *err)
{
	char *offices = offices_of(wanted);
	struct sk_query query;
	int result;

	sk_query_open(&query, store, SK_SQL_EVENTS_PAGE, err);
	sk_query_text(&query, 1, offices);
	sk_query_number(&query, 2, wanted->after);
	sk_query_time(&query, 3, wanted->since);
	sk_query_number(&query, 4, (int64_t)wanted->most);
	result = sk_events_read(&query, events, n);
	free(offices);
	return result;
}

/* Runs a statement about one event, whose second parameter is a moment (0: it has none). How many have changed; -1. */
static int
change(struct sk_store *store, enum sk_sql which, int64_t id, int64_t moment, struct sk_error *err)
{
	struct sk_query query;
	int64_t changed = 0;
	int own, result;

	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	sk_query_write(&query, store, which, err);
	if (id != 0)
		sk_query_number(&query, 1, id);
	if (moment != 0)
		sk_query_time(&query, 2, moment);
	result = sk_query_run(&query, &changed);
	result = sk_own_end(store, own, result, err);
	return result == 0 ? (int)changed : -1;
}

int
sk_store_event_delivered(struct sk_store *store, const struct sk_event *event, int64_t now,
    struct sk_error *err)
{
	struct sk_query query;
	int own, result;

	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_EVENT_DELIVERED, err);
	sk_query_number(&query, 1, event->id);
	sk_query_time(&query, 2, now);
	sk_query_number(&query, 3, event->last);
	result = sk_query_run(&query, NULL);
	return sk_own_end(store, own, result, err);
}

int
sk_store_event_acknowledge(struct sk_store *store, int64_t id, int64_t now, struct sk_error *err)
{
	return change(store, SK_SQL_EVENT_ACKNOWLEDGED, id, now, err);
}

int
sk_store_event_failed(struct sk_store *store, const struct sk_event *event, struct sk_error *err)
{
	struct sk_query query;
	int own, result;

	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_EVENT_FAILED, err);
	sk_query_number(&query, 1, event->id);
	sk_query_time(&query, 2, event->due_at);
	sk_query_time(&query, 3, event->failing_since);
	sk_query_time(&query, 4, event->set_aside_at);
	result = sk_query_run(&query, NULL);
	return sk_own_end(store, own, result, err);
}

int
sk_store_events_revive(struct sk_store *store, int64_t *n, struct sk_error *err)
{
	int changed = change(store, SK_SQL_EVENTS_REVIVE, 0, 0, err);

	*n = changed;
	return changed < 0 ? -1 : 0;
}

int
sk_store_event_redeliver(struct sk_store *store, int64_t id, struct sk_error *err)
{
	return change(store, SK_SQL_EVENT_REDELIVER, id, 0, err);
}

/* The names of the kinds that may be dropped, as a JSON array: the caller's. */
static char *
droppable(void)
{
	const char *names[SK_EVENT_KINDS];
	size_t n = 0;

	for (int kind = SK_EVENT_NONE + 1; kind < SK_EVENT_KINDS; kind++)
		if (sk_event_kind_may_drop((enum sk_event_kind)kind))
			names[n++] = sk_event_kind_name((enum sk_event_kind)kind);
	return sk_sql_texts(names, n);
}

static int
find_ended_well(struct sk_store *store, int64_t **ids, size_t *n, struct sk_error *err)
{
	char *kinds = droppable();
	struct sk_query query;
	int result;

	*ids = NULL;
	*n = 0;
	sk_query_open(&query, store, SK_SQL_EVENTS_ENDED_WELL, err);
	sk_query_text(&query, 1, kinds);
	result = sk_query_collect(&query, ids, n);
	free(kinds);
	return result;
}

/* Asked before anything is written: mostly there is nothing to drop. */
int
sk_store_events_drop(struct sk_store *store, int64_t now, size_t *n, struct sk_error *err)
{
	int64_t *ids;
	int own, result;

	result = find_ended_well(store, &ids, n, err);
	free(ids);
	if (result != 0 || *n == 0)
		return result;
	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	result = find_ended_well(store, &ids, n, err);
	for (size_t i = 0; i < *n && result == 0; i++)
		result = change(store, SK_SQL_EVENT_DROPPED, ids[i], now, err) < 0 ? -1 : 0;
	free(ids);
	return sk_own_end(store, own, result, err);
}
