/* SPDX-License-Identifier: MIT */
/*
 * ends: how often requests have ended, by office. The table ends keeps these numbers, so that nobody counts the rows to show
 * them: whoever changes the state of a row, or takes rows out, changes them in the same transaction.
 *
 * One row of that table counts what the rows of the file show now, and can be compared with them. The other one counts the
 * ends that no row shows any more: of a row that was retried, or turned up, or was taken out. So the sum never falls.
 */
#ifndef SK_STORE_ENDS_H
#define SK_STORE_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"
#include "store/writebacks.h"

/* A row is about to change from one state to another, or within it. */
struct sk_end_change {
	int64_t id;
	enum sk_state was, now;
};

/* Around the change of the row, in its transaction; is_changed: whether the row was changed, after all. */
int sk_ends_before(struct sk_store *store, const struct sk_end_change *change,
    struct sk_error *err);
int sk_ends_after(struct sk_store *store, const struct sk_end_change *change, bool is_changed,
    struct sk_error *err);

/* The rows with these numbers, a JSON array, are about to be deleted. In the caller's transaction. */
int sk_ends_leave(struct sk_store *store, const char *ids, struct sk_error *err);

/* Whether the kept numbers are those that the rows show: 1, 0, -1. It reads every row that has ended. */
int sk_store_ends_match(struct sk_store *store, struct sk_error *err);

/*
 * Where they aren't, as somebody has changed rows with another program, counts anew, in a transaction of its own. 1: it did; 0:
 * there was no need; -1.
 */
int sk_store_ends_mend(struct sk_store *store, struct sk_error *err);

/* How often requests have ended, ever, by office and state. */
struct sk_tally {
	char *office_id;
	enum sk_state state;
	int64_t count;
};
/* By office. The caller's: sk_tallies_free. */
int sk_store_ends(struct sk_store *store, struct sk_tally **tallies, size_t *n,
    struct sk_error *err);
void sk_tallies_free(struct sk_tally *tallies, size_t n);

/*
 * How many requests of n_offices offices (0: of all) were ever completed and never in doubt, of those whose time is known; and
 * how long the practices took for them together, in ms.
 */
int sk_store_ends_straight(struct sk_store *store, const char *const *offices, size_t n_offices,
    int64_t *count, int64_t *sum, struct sk_error *err);

#endif
