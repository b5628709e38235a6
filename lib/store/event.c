/* SPDX-License-Identifier: MIT */
/*
 * event: makes events, and their records. Who delivers them is commands/notify.
 */
#include "store/event.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "store/event_words.h"

int
sk_event_make_of_run(struct sk_store *store, const struct sk_event *made, struct sk_error *err)
{
	struct sk_event event = *made;

	if (sk_event_kind_name(event.kind) == NULL)
		return sk_error_set(err, SK_EXIT_BUG, "an event of no kind (%d)", (int)event.kind);
	event.outbox = sk_event_kind_reach(event.kind) == SK_EVENT_OUTBOX;
	return sk_store_event_add(store, &event, err);
}

int
sk_event_make(struct sk_store *store, enum sk_event_kind kind, const char *office_id, int64_t row,
    const char *text, struct sk_error *err)
{
	struct sk_event event = {0};
	int result;

	event.kind = kind;
	event.office_id = sk_mem_copy(office_id);
	event.row = row;
	event.text = sk_mem_copy(text);
	result = sk_event_make_of_run(store, &event, err);
	sk_event_fini(&event);
	return result;
}

/* 1, 0, -1. */
static int
was_made(struct sk_store *store, const struct sk_event_once *event, int64_t since,
    struct sk_error *err)
{
	return sk_store_event_made(store, event->kind, event->office_id, event->row, since, err);
}

int
sk_event_make_once(struct sk_store *store, const struct sk_event_once *event, struct sk_error *err)
{
	int64_t since = sk_time_now() - event->within;
	int own = !sk_store_in_transaction(store);
	int made = was_made(store, event, since, err);

	if (made != 0)
		return made < 0 ? -1 : 0;
	if (own && sk_store_begin(store, err) != 0)
		return -1;
	/*
	 * Asked again inside the transaction: another process may have made the event in between.
	 */
	made = own ? was_made(store, event, since, err) : 0;
	if (made == 0)
		made = sk_event_make(store, event->kind, event->office_id, event->row, event->text,
		    err);
	if (!own)
		return made;
	if (made < 0) {
		sk_store_rollback(store);
		return -1;
	}
	return sk_store_commit(store, err);
}

json_t *
sk_event_record(const struct sk_event *event)
{
	json_t *record = json_object();
	char at[SK_TIME_TEXT];
	char *id, *words;

	id = sk_mem_printf("%lld", (long long)event->id);
	sk_json_set(record, "event_id", id);
	free(id);
	sk_json_set(record, "at", sk_time_format(event->at, at));
	sk_json_set(record, "event", sk_event_kind_name(event->kind));
	sk_json_set(record, "office_id", event->office_id);
	id = event->row != 0 ? sk_mem_printf("%lld", (long long)event->row) : NULL;
	sk_json_set(record, "id", id);
	free(id);
	json_object_set_new(record, "count", json_integer(event->count));
	sk_json_set(record, "key", event->key);
	words = sk_event_words(event);
	sk_json_set(record, "text", words);
	free(words);
	id = event->run != 0 ? sk_mem_printf("%lld", (long long)event->run) : NULL;
	sk_json_set(record, "run", id);
	free(id);
	return record;
}

static const char *
delivery_name(const struct sk_event *event)
{
	if (event->dropped_at != 0)
		return "dropped";
	if (event->delivered_at != 0)
		return "delivered";
	return event->set_aside_at != 0 ? "set_aside" : "waiting";
}

static void
set_time(json_t *record, const char *name, int64_t moment)
{
	char text[SK_TIME_TEXT];

	sk_json_set(record, name, moment != 0 ? sk_time_format(moment, text) : NULL);
}

json_t *
sk_event_record_delivery(const struct sk_event *event)
{
	json_t *record = sk_event_record(event);

	sk_json_set(record, "delivery", delivery_name(event));
	json_object_set_new(record, "tries", json_integer(event->tries));
	set_time(record, "delivered_at", event->delivered_at);
	set_time(record, "due_at", event->due_at);
	set_time(record, "set_aside_at", event->set_aside_at);
	set_time(record, "dropped_at", event->dropped_at);
	return record;
}
