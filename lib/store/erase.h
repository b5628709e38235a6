/* SPDX-License-Identifier: MIT */
/*
 * erase: what the journal holds of patients, and how it is cleared: of all of them by age, and of one of them. Numbers and
 * times of a row stay. Rows are found without a lock and cleared by number, so that no transaction holds more of them than
 * its caller wants.
 */
#ifndef SK_STORE_ERASE_H
#define SK_STORE_ERASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* Which rows are purged, and when. */
struct sk_purge {
	int64_t ended_before;
	/*
	 * A row that was found not received at that moment or later, or that a person resolved then,
	 * is looked for in lists, and so it is kept.
	 */
	int64_t looked_for_since;
	/*
	 * Of a row that ended at that moment or later the digest of its content stays, by which an equal request is
	 * recognized; and it stays whole if it was taken over, and no request has turned out to be its.
	 */
	int64_t held_since;
	int64_t now;
};

/* What a purge has still to look at: at first all rows, {.purge = …}. */
struct sk_purge_place {
	const struct sk_purge *purge; /* not owned */
	char *ended_at;               /* of the row that was looked at last, as its column has it */
	int64_t id;
};
void sk_purge_place_fini(struct sk_purge_place *place);

/*
 * The next rows that can be purged, in the order of their ends, at most so many (2 or more); *n 0: there are no more. No
 * query looks at more rows than that, so that writers don't wait for a long one. The array is the caller's.
 */
int sk_store_purge_next(struct sk_store *store, struct sk_purge_place *place, size_t most,
    int64_t **ids, size_t *n, struct sk_error *err);

/*
 * Clears bodies, content keys and the server's texts of these rows, as far as they still can be purged. In the caller's
 * transaction.
 */
int sk_store_purge(struct sk_store *store, const struct sk_purge *purge, const int64_t *ids,
    size_t n, int64_t *purged, struct sk_error *err);

/*
 * The rows of the office that hold something of the patient, open ones as well: those about him, or with him as guarantor,
 * about his appointments, and with his name and date of birth. Which rows that is can be said only as long as the bodies of
 * the first ones are there: so a row is cleared whole or not at all, in this order, and not while sk_store_erase_leads
 * names it. The array is the caller's.
 */
int sk_store_erase_find(struct sk_store *store, const char *office_id, const char *patient_id,
    int64_t **ids, size_t *n, struct sk_error *err);

/* Numbers of rows. */
struct sk_row_ids {
	int64_t *ids;
	size_t n;
};

/*
 * Which of the rows lead to one that is left: without them nobody could say any more that it is about the patient.
 * leads->ids is the caller's.
 */
int sk_store_erase_leads(struct sk_store *store, const char *patient_id,
    const struct sk_row_ids *rows, const struct sk_row_ids *left, struct sk_row_ids *leads,
    struct sk_error *err);

/* Clears bodies, digests and texts of these rows, which have ended. In the caller's transaction. */
int sk_store_erase(struct sk_store *store, const int64_t *ids, size_t n, int64_t now,
    struct sk_error *err);

#endif
