/* SPDX-License-Identifier: MIT */
/* lists: which rows wait for a list of the server's (sikka-life(7), Lists). */
#ifndef SK_STORE_LISTS_H
#define SK_STORE_LISTS_H

#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/*
 * Of the rows that only a list can settle and that were sent since that moment: when the oldest one was
 * sent; 0 when there is none. They are the unknown rows without an id, and the pending ones whose id the
 * server hasn't known so often.
 */
int sk_store_lists_awaited_since(struct sk_store *store, int64_t since, int gone_looks,
    int64_t *submitted_at, struct sk_error *err);

/*
 * The same for the rows that weren't received, as was found since that moment: their request may turn up
 * all the same.
 */
int sk_store_lists_looked_for_since(struct sk_store *store, int64_t since, int64_t *submitted_at,
    struct sk_error *err);

#endif
