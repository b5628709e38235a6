/* SPDX-License-Identifier: MIT */
/*
 * not_ours: entries of the server's list that a person said another program sent (table not_ours). An
 * entry is forgotten after as many days as a list covers.
 */
#ifndef SK_STORE_NOT_OURS_H
#define SK_STORE_NOT_OURS_H

#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct sk_not_ours {
	const char *writeback_id;
	const char *office_id;
	const char *content_key; /* sk_content_listed; NULL: it can't be compared */
};

/* Adds one, and forgets old ones. In the caller's transaction. */
int sk_store_not_ours_add(struct sk_store *store, const struct sk_not_ours *entry, int64_t now,
    struct sk_error *err);

/* It turns out to be ours. In the caller's transaction. */
int sk_store_not_ours_remove(struct sk_store *store, const char *writeback_id,
    struct sk_error *err);

/* Whether it was said of this writeback: 1, 0, -1 error. */
int sk_store_not_ours_has(struct sk_store *store, const char *writeback_id, struct sk_error *err);

/* Whether it was said of any: 1, 0, -1 error. */
int sk_store_not_ours_any(struct sk_store *store, struct sk_error *err);

/* One with this content (may be NULL): 1 and *writeback_id, the caller's; 0 none; -1 error. */
int sk_store_not_ours_equal(struct sk_store *store, const char *content_key, char **writeback_id,
    struct sk_error *err);

#endif
