/* SPDX-License-Identifier: MIT */
/*
 * event: what a person should hear about: makes events (history and outbox) and their records.
 */
#ifndef SK_STORE_EVENT_H
#define SK_STORE_EVENT_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"
#include "store/events.h"
#include "store/store.h"

/*
 * Adds one, in the caller's transaction. row 0 and office_id NULL: about none. Its kind says
 * whether it goes to the outbox.
 */
int sk_event_make(struct sk_store *store, enum sk_event_kind kind, const char *office_id,
    int64_t row, const char *text, struct sk_error *err);

/*
 * The same of an event's kind, office_id, row, text, of_run and cause, which stay the caller's. What befell a
 * whole run names it and why, in words: all events of one kind, run and cause are delivered as one, with a
 * count, as long as that one waits.
 */
int sk_event_make_of_run(struct sk_store *store, const struct sk_event *made, struct sk_error *err);

/* An event that isn't made again for a while. */
struct sk_event_once {
	enum sk_event_kind kind;
	const char *office_id; /* NULL: about none */
	int64_t row;           /* 0: about none */
	int64_t within;        /* ms */
	const char *text;
};

/*
 * The same, unless an event of that kind about this office and row was made within the last so many
 * ms. For row 0, an event about any row of the office counts. If the caller has no transaction, it
 * is made in one of its own.
 */
int sk_event_make_once(struct sk_store *store, const struct sk_event_once *event,
    struct sk_error *err);

/* The event's record: event_id, at, event, office_id, id (the row's), count, key, text, run. The caller's. */
json_t *sk_event_record(const struct sk_event *event);

/*
 * The same with what became of its delivery: delivery ("waiting", "delivered", "set_aside", "dropped"),
 * tries, delivered_at, due_at, set_aside_at, dropped_at.
 */
json_t *sk_event_record_delivery(const struct sk_event *event);

#endif
