/* SPDX-License-Identifier: MIT */
/*
 * check_ways: chooses between the two ways of asking (life/ways), by what is known: the rows, the windows of the
 * limit, and how long a list and a status took last time, which the state file remembers.
 */
#ifndef SK_LIFE_CHECK_WAYS_H
#define SK_LIFE_CHECK_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"
#include "store/writebacks.h"
#include "calls/pool.h"
#include "life/check_status.h"
#include "life/match.h"

/* Whether the list is the cheaper way of asking for these rows. */
bool sk_check_ways_prefer_list(const struct sk_check *check, const struct sk_writeback *rows,
    size_t n);

/*
 * What a list costs, in thousandths of a request (life/ways), and how long its pages took last time, ms. One that
 * was never read is expected to take the usual time.
 */
int64_t sk_check_ways_list_cost(struct sk_pool *pool, int64_t *took);

/*
 * How likely the row has ended since its last check, in hundredths. Completion comes 15 to 60 s after
 * submission. Pure.
 */
int64_t sk_check_ways_chance(const struct sk_writeback *row, int64_t now);

/* How many pages a list had, and how long they took; in the caller's transaction. */
int sk_check_ways_note_list(struct sk_store *store, const struct sk_listing *list,
    struct sk_error *err);

/*
 * How long a status took, ms. Written only where it has become another one by half, so that asking costs no
 * commit; where that fails, the old time stays.
 */
void sk_check_ways_note_status(struct sk_store *store, int64_t took);

#endif
