/* SPDX-License-Identifier: MIT */
/*
 * untold: the changes that a teller has recorded, and whose records aren't written yet (table untold). A
 * teller is a process that writes a record for each change; it has a random number, whose lock it holds as
 * long as it lives. A change is noted in the transaction that records it, and struck out when its record
 * has been written. What a teller has left when it ends, however it ends, the next one takes over.
 */
#ifndef SK_STORE_UNTOLD_H
#define SK_STORE_UNTOLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/session.h"
#include "store/store.h"

/* From now on this process is a teller, until _end. 0 or -1. */
int sk_untold_begin(struct sk_session *session, struct sk_error *err);
void sk_untold_end(struct sk_session *session);

/*
 * The row's record is to be written by this process. Does nothing if it is no teller. In the open
 * transaction; if none is open, in one of its own.
 */
int sk_store_untold_add(struct sk_store *store, int64_t row, struct sk_error *err);

/* What tellers that have ended have left becomes this teller's: of the offices that -O names. */
int sk_untold_take_over(struct sk_session *session, struct sk_error *err);

/* The rows that this teller has to tell of, of these offices, by number. *rows is the caller's. */
int sk_untold_rows(struct sk_session *session, int64_t **rows, size_t *n, struct sk_error *err);

/* The records of these rows are written. Those that this teller hadn't to tell of don't matter. */
int sk_untold_strike(struct sk_session *session, const int64_t *rows, size_t n,
    struct sk_error *err);

#endif
