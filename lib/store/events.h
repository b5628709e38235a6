/* SPDX-License-Identifier: MIT */
/*
 * store_events: the append-only history, and the outbox in it. Rows are never changed but for
 * what delivery notes in them.
 */
#ifndef SK_STORE_EVENTS_H
#define SK_STORE_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct sk_event {
	int64_t id;
	int64_t at;
	char *kind;      /* "unknown", "contradiction", "key_refused" … see sikka-db(5) */
	char *office_id; /* NULL: about none */
	int64_t row;     /* the writeback's id, 0: about none */
	char *text;      /* a line for a person, without patients' data */
	int outbox;      /* somebody wants to hear of it */
	int64_t delivered_at;
	int tries;
	int64_t set_aside_at;
};

void sk_event_fini(struct sk_event *event);
void sk_events_free(struct sk_event *events, size_t n);

/* Appends, in the caller's transaction; sets event->id. */
int sk_store_event_add(struct sk_store *store, struct sk_event *event, struct sk_error *err);

/* Undelivered ones of the outbox that aren't set aside, by id, at most most. */
int sk_store_events_due(struct sk_store *store, size_t most, struct sk_event **events, size_t *n,
    struct sk_error *err);

/* Events with an id above after, by id: what a command made since. */
int sk_store_events_since(struct sk_store *store, int64_t after, struct sk_event **events,
    size_t *n, struct sk_error *err);
int sk_store_events_last(struct sk_store *store, int64_t *id, struct sk_error *err);

/* After a try. In the open transaction, or else one of its own. _failed: 1 it was set aside, 0, -1.
 */
int sk_store_event_delivered(struct sk_store *store, int64_t id, int64_t now, struct sk_error *err);
int sk_store_event_failed(struct sk_store *store, int64_t id, int most_tries, int64_t now,
    struct sk_error *err);

/* Whether an event of this kind about this office (and row, 0: any) was made since moment: 1, 0,
 * -1. */
int sk_store_event_made(struct sk_store *store, const char *kind, const char *office_id,
    int64_t row, int64_t since, struct sk_error *err);

/* The outbox as a whole, or what in it is about n_offices offices (0: all). In store_find.c. */
struct sk_outbox {
	int64_t undelivered; /* and not set aside */
	int64_t oldest;      /* of these, when it happened; 0: none */
	int64_t set_aside;   /* and not acknowledged since */
	int is_used;         /* some are undelivered, and others were delivered */
};
int sk_store_outbox(struct sk_store *store, const char *const *offices, size_t n_offices,
    struct sk_outbox *outbox, struct sk_error *err);

#endif
