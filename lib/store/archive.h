/* SPDX-License-Identifier: MIT */
/*
 * archive: rows that ended long ago are taken out of the journal, with their events. What stays of them: the callers' keys,
 * with what a duplicate is told (table archived), and how many ended (table ends, is_past 1). Numbers of rows are never used again.
 */
#ifndef SK_STORE_ARCHIVE_H
#define SK_STORE_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"
#include "store/writebacks.h"

/* Which rows: those that ended before that moment, and of which no event is later than this one. */
struct sk_archive_cut {
	int64_t ended_before;
	int64_t last_event;
};

/* The rows that ended first, at most so many, in that order. The array is the caller's. */
int sk_store_archive_next(struct sk_store *store, const struct sk_archive_cut *cut, size_t most,
    int64_t **ids, size_t *n, struct sk_error *err);
int sk_store_archive_count(struct sk_store *store, const struct sk_archive_cut *cut, int64_t *n,
    struct sk_error *err);

/*
 * Takes these rows out, but not those of which something has happened since last_event. In the caller's transaction;
 * whoever calls it has brought them to a disk. *taken: how many.
 */
int sk_store_archive_take(struct sk_store *store, const struct sk_archive_cut *cut,
    const int64_t *ids, size_t n, size_t *taken, struct sk_error *err);

/*
 * A row of the journal or, as far as it is kept, one that was taken out and whose key stays: then it counts as purged.
 * Such a row can't be written. 1 found, 0 not found, -1 error.
 */
int sk_store_archive_recall(struct sk_store *store, int64_t id, struct sk_writeback *row,
    struct sk_error *err);

#endif
