/* SPDX-License-Identifier: MIT */
/*
 * absences: which requests that the server has accepted were lacking in the last whole list (table
 * not_listed). Most lists lack none of them, and then nothing is written.
 */
#ifndef SK_STORE_ABSENCES_H
#define SK_STORE_ABSENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* An accepted request, and the lists that lacked it. */
struct sk_absence {
	int64_t row;
	char *writeback_id;
	int64_t submitted_at;
	int64_t lists;     /* so many lists in a row lacked it; 0: the last one didn't */
	int64_t list;      /* the number of the last one */
	int64_t before_at; /* when the one before it was begun; 0: it is the only one */
	int64_t last_at;   /* when the last one was begun */
	bool was_shown;    /* by a list before all of them */
};

void sk_absences_free(struct sk_absence *absences, size_t n);

/*
 * Of the requests that were sent after the first moment and not after the second: those that were
 * accepted, and that a list should show. *absences is the caller's.
 */
int sk_store_absences(struct sk_store *store, int64_t after, int64_t until,
    struct sk_absence **absences, size_t *n, struct sk_error *err);

/* Keeps an absence, or forgets it where lists is 0. In the caller's transaction. */
int sk_store_absence_put(struct sk_store *store, const struct sk_absence *absence,
    struct sk_error *err);

/* Forgets those whose last list was begun before. In the caller's transaction. */
int sk_store_absences_trim(struct sk_store *store, int64_t before, struct sk_error *err);

#endif
