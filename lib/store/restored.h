/* SPDX-License-Identifier: MIT */
/* restored: what a restore asks of the journal as a whole, and notes in it (sikka-life(7), Older copies). */
#ifndef SK_STORE_RESTORED_H
#define SK_STORE_RESTORED_H

#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* The latest moment that the file knows of before that one, in rows, events and heartbeats; 0: none. */
int sk_store_latest_before(struct sk_store *store, int64_t before, int64_t *latest,
    struct sk_error *err);

/*
 * Marks each row that could be sent again by itself, now or when lists lack it: from now on only a person
 * who names it sends it. In the caller's transaction.
 */
int sk_store_restored_mark(struct sk_store *store, struct sk_error *err);

/* Forgets which lists lacked which rows. In the caller's transaction. */
int sk_store_restored_forget_lists(struct sk_store *store, struct sk_error *err);

/* A fact: when an older copy was put back last, as a person said. */
#define SK_RESTORED_AT "restored_at"

#endif
