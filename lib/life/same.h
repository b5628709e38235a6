/* SPDX-License-Identifier: MIT */
/*
 * same: whether a request is one that the journal has already (sikka-life(7), Keys of requests).
 * Asked for what is handed in and for what is sent again, in the transaction that writes what follows
 * from the answer, so that of two processes only one finds nothing in its way.
 *
 * A row that was taken over from the server's list after a restore has no caller's key. As long as it
 * is unclaimed, its content_key is the digest of what the list showed (sk_content_listed); the
 * request that turns out to be its claims it, and gives it its key and its own digest.
 */
#ifndef SK_LIFE_SAME_H
#define SK_LIFE_SAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"
#include "store/store.h"
#include "store/writebacks.h"

#define SK_SAME_HOLDS SK_DAY /* a POST holds its content for so long after it completed */

enum sk_same_is {
	SK_SAME_NEW,        /* nothing is in its way */
	SK_SAME_BESIDE,     /* an equal one is there, and both may be meant */
	SK_SAME_DUPLICATE,  /* the other row is this request */
	SK_SAME_CLAIMS,     /* so is this one, which was taken over and has no key yet */
	SK_SAME_KEY_REUSED, /* the other row has its key and isn't the same request */
	SK_SAME_DOUBLED,    /* an equal one is there, and can't be told from this one */
	SK_SAME_UNCLEAR,    /* one is there that can't be compared */
	SK_SAME_ANOTHERS    /* another program has sent an equal one */
};

struct sk_same {
	enum sk_same_is is;
	int64_t other;             /* its row number; 0 for SK_SAME_NEW and SK_SAME_ANOTHERS */
	char writeback_id[32];     /* SK_SAME_ANOTHERS: the server's id of that one */
	enum sk_content_hold hold; /* of a new row, and of one beside: how it holds its content */
};

/*
 * row: queued and not inserted, or failed and to be sent again. Frees content whose time is over. In
 * the caller's transaction.
 */
int sk_same_find(struct sk_store *store, const struct sk_writeback *row, struct sk_same *same,
    struct sk_error *err);

/* After SK_SAME_CLAIMS, in the same transaction: the other row is this request's from now on. */
int sk_same_claim(struct sk_store *store, const struct sk_writeback *row, int64_t other,
    struct sk_error *err);

/*
 * After SK_SAME_BESIDE: warns that the row is sent beside the other one, and names both. at: where the
 * request stands in the input; NULL: in none.
 */
int sk_same_warn_beside(struct sk_store *store, const struct sk_writeback *row, int64_t other,
    const char *at, struct sk_error *err);

/* Whether two rows are the same request: office, method, endpoint and body are equal, and both
 * carry a card or none does. */
bool sk_same_request(const struct sk_writeback *row, const struct sk_writeback *other);

#endif
