/* SPDX-License-Identifier: MIT */
/*
 * check_status: asks /writeback_status for a set of rows, as many at the same time as the pool lets
 * leave, and records what the answers mean, all answers of a turn in one commit (sikka-api(7),
 * Status). It sends nothing that changes anything at the server.
 */
#ifndef SK_LIFE_CHECK_STATUS_H
#define SK_LIFE_CHECK_STATUS_H

#include <stddef.h>

#include "base/error.h"
#include "store/writebacks.h"
#include "api/writeback.h"
#include "calls/pool.h"

/* Told for each row whose state has changed; row is borrowed. */
typedef void sk_changed_fn(void *arg, const struct sk_writeback *row);

/*
 * Asks for each row (each has a writeback_id); rows are brought up to date. That the
 * server doesn't know an id is counted at most once a minute. still_pending (may be NULL): an array
 * of n that gets 1 for a withdrawn row which the server still shows as pending.
 *
 * 0 all were asked; -1 some couldn't be: err says why for the first. The rows that could were.
 * *lacks becomes 1 when the application's plan has no such call (API2004); it is remembered for a
 * day.
 */
int sk_check_status(struct sk_pool *pool, struct sk_writeback *rows, size_t n, int *still_pending,
    sk_changed_fn *changed, void *arg, int *lacks, struct sk_error *err);

/* Whether the plan was found to lack writeback_status within the last day. */
int sk_check_status_is_lacking(struct sk_session *session);

/*
 * What the server said about one row, recorded in the caller's transaction. *changed becomes 1 when
 * the state is another one then.
 */
int sk_check_status_record(struct sk_store *store, struct sk_writeback *row,
    const struct sk_api_status *said, int *changed, struct sk_error *err);

#endif
