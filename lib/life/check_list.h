/* SPDX-License-Identifier: MIT */
/*
 * list: reading /writebacks (sikka-api(7), Listing), one listing at a time among all processes. It
 * is slow at the server, and the only way to settle what has no id (sikka-life(7), Lists).
 */
#ifndef SK_LIFE_CHECK_LIST_H
#define SK_LIFE_CHECK_LIST_H

#include <stdint.h>

#include "base/error.h"
#include "calls/wire.h"
#include "life/match.h"

/*
 * Reads all pages from a day before from, or before the oldest row that only a list can settle,
 * until a day after now (7 days at most). The caller frees with sk_listing_fini. Waits for another
 * process's listing for up to 90 s, then 75.
 */
int sk_check_list_read(struct sk_wire *wire, int64_t from, struct sk_listing *list,
    struct sk_error *err);

/*
 * What sk_check_list_read does before it asks for the first page: gives the list its number, for good,
 * and the moments that it begins at and covers.
 */
int sk_check_list_begin(struct sk_session *session, int64_t from, struct sk_listing *list,
    struct sk_error *err);

/*
 * Marks the entries that rows of ours have. Within the transaction that decides on them: since the
 * list was read, other processes may have recorded whose its entries are. Else a row's own request
 * could be taken for another's, or for a second one of its own.
 */
int sk_check_list_mark_owned(struct sk_session *session, struct sk_listing *list,
    struct sk_error *err);

/*
 * Whether no list has begun since this one, so that what it lacks may be told: one in a row may be
 * torn, so what proves an absence are lists that follow one another. A process that has read one in
 * between may have died, or been stopped, before it wrote what it saw. 1, 0, -1 error; in the
 * transaction that records it.
 */
int sk_check_list_is_latest(struct sk_session *session, const struct sk_listing *list,
    struct sk_error *err);

#endif
