/* SPDX-License-Identifier: MIT */
/*
 * event: what somebody should hear of. Makes events (history and outbox) and hands the outbox to a
 * command, one event at a time, JSON on its stdin.
 *
 * Delivery is at least once and in order per office: an event that can't be delivered holds the
 * later ones of its office back, until it is set aside after 10 tries.
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

/* The same in a transaction of its own, unless one of that kind was made within the last so many
 * ms. */
int sk_event_make_once(struct sk_store *store, enum sk_event_kind kind, const char *office_id,
    int64_t row, int64_t within, const char *text, struct sk_error *err);

/* The record: event_id, at, event, office_id, id (the writeback's), text. The caller's. */
json_t *sk_event_record(const struct sk_event *event);

struct sk_delivery {
	int64_t delivered;
	int64_t failed;
	int64_t set_aside;
};

/* Runs command (/bin/sh -c) for each due event; it has 60 s. 0, or -1 when the store fails. */
int sk_event_deliver(struct sk_store *store, const char *command, struct sk_delivery *delivery,
    struct sk_error *err);

#endif
