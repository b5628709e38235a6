/* SPDX-License-Identifier: MIT */
/*
 * outbox: the events that wait until a person was told: read, and marked as delivered, failed, set
 * aside or dropped. Who delivers them, and when, is decided in commands/notify.
 *
 * What changes an event does so in the open transaction; if none is open, in one of its own.
 */
#ifndef SK_STORE_OUTBOX_H
#define SK_STORE_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/events.h"
#include "store/store.h"

/* Events that are to be delivered. */
struct sk_events_wanted {
	const char *const *offices; /* only what concerns them; n_offices is 0: all */
	size_t n_offices;
	int64_t after; /* with an id above this one */
	int64_t since; /* that happened at or after this moment; 0: ever */
	size_t most;
};

/* What waits, also what is set aside, by id; after and since aren't looked at. */
int sk_store_events_waiting(struct sk_store *store, const struct sk_events_wanted *wanted,
    struct sk_event **events, size_t *n, struct sk_error *err);

/* What was ever to be delivered, by id. */
int sk_store_events_page(struct sk_store *store, const struct sk_events_wanted *wanted,
    struct sk_event **events, size_t *n, struct sk_error *err);

/* The event as it was read and told. If another one has joined it since, it goes on waiting. */
int sk_store_event_delivered(struct sk_store *store, const struct sk_event *event, int64_t now,
    struct sk_error *err);

/* Somebody has seen it. 1; 0: there is no such event for a person; -1. */
int sk_store_event_acknowledge(struct sk_store *store, int64_t id, int64_t now,
    struct sk_error *err);

/*
 * Counts a failed try. due_at, failing_since, set_aside_at: what the event gets, 0: it stays as it is.
 */
int sk_store_event_failed(struct sk_store *store, const struct sk_event *event,
    struct sk_error *err);

/* All that wait or were set aside are due at once. *n: how many have changed. */
int sk_store_events_revive(struct sk_store *store, int64_t *n, struct sk_error *err);

/* This one is due again, though it was delivered. 1; 0: no such event for a person, or it was dropped; -1. */
int sk_store_event_redeliver(struct sk_store *store, int64_t id, struct sk_error *err);

/* Drops what waits and whose request has ended well meanwhile. *n: how many. */
int sk_store_events_drop(struct sk_store *store, int64_t now, size_t *n, struct sk_error *err);

#endif
