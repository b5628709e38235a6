/* SPDX-License-Identifier: MIT */
/*
 * erase: what the journal holds of one patient. Which rows that is can be said only as long as they have their bodies:
 * so a row is cleared whole, or not at all. Numbers and times of a row stay, as with the purge.
 */
#ifndef SK_STORE_ERASE_H
#define SK_STORE_ERASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/*
 * The rows of the office that hold something of the patient, open ones as well, by number: those about him, or with him as
 * guarantor, about his appointments, and with his name and date of birth. The array is the caller's.
 */
int sk_store_erase_find(struct sk_store *store, const char *office_id, const char *patient_id,
    int64_t **ids, size_t *n, struct sk_error *err);

/* Clears bodies, digests and texts of these rows, which have ended. In the caller's transaction. */
int sk_store_erase(struct sk_store *store, const int64_t *ids, size_t n, int64_t now,
    struct sk_error *err);

#endif
