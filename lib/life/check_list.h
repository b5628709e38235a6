/* SPDX-License-Identifier: MIT */
/*
 * check_list: reads the server's list, /writebacks (sikka-api(7), Listing), one process at a time.
 * That is slow at the server, and the only way to settle a row without an id (sikka-life(7), Lists).
 */
#ifndef SK_LIFE_CHECK_LIST_H
#define SK_LIFE_CHECK_LIST_H

#include <stdint.h>

#include "base/error.h"
#include "calls/pool.h"
#include "life/match.h"

/*
 * Reads all parts of a list that covers what was sent from that moment on or, if that is earlier, since the
 * oldest row was sent that waits for a list or is looked for. It takes a number: whoever reads it has to
 * settle by it. In a turn that the caller has (life/list_turn). The caller frees with sk_listing_fini.
 */
int sk_check_list_read_in_turn(struct sk_pool *pool, int64_t from, struct sk_listing *list,
    struct sk_error *err);

/* The same in a turn of its own, which is waited for up to 90 s (75). */
int sk_check_list_read(struct sk_pool *pool, int64_t from, struct sk_listing *list,
    struct sk_error *err);

/*
 * The same, only to show what it says: nothing is settled by it, so it takes no number and writes nothing.
 * list->number is what the next list will have.
 */
int sk_check_list_show(struct sk_pool *pool, int64_t from, struct sk_listing *list,
    struct sk_error *err);

/*
 * What either of two lists shows, in an empty list with entries of its own; an entry that both show is as
 * the second one shows it. No entry is marked as owned, and the list doesn't count as whole.
 */
void sk_check_list_join(const struct sk_listing *first, const struct sk_listing *second,
    struct sk_listing *either);

/*
 * What sk_check_list_read does before it asks for the first page: gives the list its number, for
 * good, and sets when it begins and which days it covers.
 */
int sk_check_list_begin(struct sk_session *session, int64_t from, struct sk_listing *list,
    struct sk_error *err);

/*
 * Marks the entries that belong to rows of ours. That may be done before the transaction that
 * decides; but an entry that nobody owns is asked for again in there, before it is taken: since the
 * list was read, other processes may have recorded ids. Without that, a row's own request could be
 * taken for another row's, or for a second request of the row itself.
 */
int sk_check_list_mark_owned(struct sk_session *session, struct sk_listing *list,
    struct sk_error *err);

/*
 * After the state file was settled by the list: notes that, and which entries are no row's, in one
 * transaction.
 */
int sk_check_list_note(struct sk_session *session, struct sk_listing *list, struct sk_error *err);

/*
 * Whether no list has begun since this one: 1, 0, -1 error. Only then may it be recorded what the
 * list lacks, in the same transaction. Lists that prove an absence have to follow one another,
 * since one in a row may be torn; and a process that has read one in between may have died, or been
 * stopped, before it wrote what it saw.
 */
int sk_check_list_is_latest(struct sk_session *session, const struct sk_listing *list,
    struct sk_error *err);

#endif
