/* SPDX-License-Identifier: MIT */
/*
 * taken_over: a row for an entry of the server's list that no row has: after a restore, or because a person
 * says that it is ours (sikka-life(7), Rows that were taken over).
 */
#ifndef SK_COMMANDS_TAKEN_OVER_H
#define SK_COMMANDS_TAKEN_OVER_H

#include <stdbool.h>

#include "base/error.h"
#include "store/store.h"
#include "store/writebacks.h"
#include "api/writeback.h"
#include "life/life.h"

/*
 * The row that the entry, which has an office and a method, becomes. It has no caller's key, and its
 * writeback_id isn't set. To be freed.
 */
void sk_taken_over_fill(struct sk_writeback *row, const struct sk_api_listed *listed);

/* Whether such a row can't be compared with a request, since the list didn't show its fields. */
bool sk_taken_over_is_dark(const struct sk_writeback *row);

/*
 * What a person may type about one that was taken over, can't be compared, and so keeps requests of its kind
 * from being sent, as the end of a message; "" where there is nothing to type. The caller frees.
 */
char *sk_taken_over_hint(const struct sk_writeback *row);

/*
 * Adds a row that was filled in. what: SK_RESTORED_FOUND or SK_PERSON_ADOPTS; note, for the event, may be
 * NULL. In the caller's transaction, in which nobody owns the entry.
 */
int sk_taken_over_add(struct sk_store *store, struct sk_writeback *row,
    const struct sk_api_listed *listed, enum sk_happening what, const char *note,
    struct sk_error *err);

#endif
