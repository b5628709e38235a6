/* SPDX-License-Identifier: MIT */
/*
 * watch: measures what sikka rests on, where our own requests show it (sikka-life(7), What it rests
 * on). It changes no row. Only what was unusual is written, so that normal work costs no commit.
 */
#ifndef SK_LIFE_WATCH_H
#define SK_LIFE_WATCH_H

#include "base/error.h"
#include "store/session.h"
#include "store/writebacks.h"
#include "life/match.h"

/*
 * Which accepted requests this list lacks, and which it shows that lists lacked before. After the rows
 * were settled by it; in a transaction of its own, where there is something to write.
 */
int sk_watch_list(struct sk_session *session, const struct sk_listing *list, struct sk_error *err);

/*
 * A request that was declared not received has turned up; nothing where a person had said so. In the
 * caller's transaction.
 */
int sk_watch_arrival(struct sk_store *store, const struct sk_writeback *row,
    const char *writeback_id, struct sk_error *err);

/* Whether the server has refused the row's last attempt, so that it is in no list. */
bool sk_watch_is_refused(const struct sk_writeback *row);

/* The list shows this one all the same, the n-th of such requests in it. In the caller's transaction. */
int sk_watch_refused(struct sk_store *store, const struct sk_writeback *row,
    const char *writeback_id, size_t n, struct sk_error *err);

/*
 * The practice has carried out this withdrawn request, or has refused it. It was seen gone for so many ms
 * after the withdrawal. In the caller's transaction.
 */
int sk_watch_contradiction(struct sk_store *store, const struct sk_writeback *row, int64_t gone_for,
    struct sk_error *err);

#endif
