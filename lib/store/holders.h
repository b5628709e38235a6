/* SPDX-License-Identifier: MIT */
/*
 * holders: which rows of the journal an equal request meets, by the caller's key and by content.
 * All of them are asked in the transaction that writes what follows from the answer.
 */
#ifndef SK_STORE_HOLDERS_H
#define SK_STORE_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* The row that holds this key of a caller's (may be NULL), in *id: 1, 0 none, -1 error. */
int sk_store_key_holder(struct sk_store *store, const char *key, int64_t *id, struct sk_error *err);

/*
 * The oldest row that holds this content, unclaimed ones aside, in *id: 1, 0 none, -1 error. It may have
 * been withdrawn, or have failed as stuck: then it may still be carried out.
 */
int sk_store_content_holder(struct sk_store *store, const char *content_key, int64_t *id,
    struct sk_error *err);

/*
 * Whether the office has rows that were taken over and that no request has claimed, and that are open or
 * completed, or may still be carried out: 1, 0, -1.
 */
int sk_store_has_unclaimed(struct sk_store *store, const char *office_id, struct sk_error *err);

/* Of these, the oldest one with this digest, open or completed, in *id: 1, 0 none, -1 error. */
int sk_store_unclaimed(struct sk_store *store, const char *office_id, const char *content_key,
    int64_t *id, struct sk_error *err);

/* The same, of those that were withdrawn, and may still be carried out. */
int sk_store_unclaimed_undone(struct sk_store *store, const char *office_id,
    const char *content_key, int64_t *id, struct sk_error *err);

/*
 * Of these, all with this method that can't be compared, since the list didn't show their fields;
 * all_of_them: also those that can. *ids is the caller's.
 */
int sk_store_unclaimed_dark(struct sk_store *store, const char *office_id, const char *method,
    bool all_of_them, int64_t **ids, size_t *n, struct sk_error *err);

#endif
