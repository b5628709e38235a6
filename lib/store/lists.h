/* SPDX-License-Identifier: MIT */
/*
 * lists: which rows wait for a list of the server's, and what lists have shown that is no row's
 * (sikka-life(7), Lists; table unowned).
 */
#ifndef SK_STORE_LISTS_H
#define SK_STORE_LISTS_H

#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* The fact that holds the number of the list that was begun last; the lock file has it, too (store/section). */
#define SK_LISTS_BEGUN "lists_begun"

/*
 * Of the rows that only a list can settle and that were sent since that moment: when the oldest one was
 * sent; 0 when there is none. They are the unknown rows without an id, and the pending ones whose id the
 * server hasn't known so often.
 */
int sk_store_lists_awaited_since(struct sk_store *store, int64_t since, int gone_looks,
    int64_t *submitted_at, struct sk_error *err);

/*
 * The same for the rows whose request may turn up all the same: those that weren't received, and those
 * that a person resolved without an id, as was found, or said, after the first moment and not after the
 * second.
 */
int sk_store_lists_looked_for(struct sk_store *store, int64_t after, int64_t until,
    int64_t *submitted_at, struct sk_error *err);

/*
 * The same for the rows at which a list looks by their ids, where nothing else can: the open ones, and
 * those that were withdrawn, that were sent since that moment.
 */
int sk_store_lists_looks_since(struct sk_store *store, int64_t since, int64_t *submitted_at,
    struct sk_error *err);

/* An entry of a list whose id no row has; borrowed. */
struct sk_unowned {
	const char *writeback_id;
	const char *office_id; /* these three may be NULL */
	const char *method;
	const char *api;       /* as the server spells it */
	int64_t first_list;    /* the number of the first list that showed it … */
	int64_t first_seen_at; /* … and when that was begun */
};

/* Notes it, unless it is noted already. In the caller's transaction. */
int sk_store_unowned_note(struct sk_store *store, const struct sk_unowned *entry,
    struct sk_error *err);

/* Whether a list with that number or an earlier one noted it: 1, 0, -1. */
int sk_store_unowned_seen(struct sk_store *store, const char *writeback_id, int64_t list,
    struct sk_error *err);

/* Drops those that are a row's by now, and those that were first seen before that moment. Likewise. */
int sk_store_unowned_purge(struct sk_store *store, int64_t before, struct sk_error *err);

#endif
