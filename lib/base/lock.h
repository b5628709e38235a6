/* SPDX-License-Identifier: MIT */
/*
 * lock: one byte each of <db>.lock, an OFD lock on a file that is never deleted (sikka-life(7),
 * Runs). Never the blocking form, since OFD locks know no deadlock. Within one process OFD locks
 * exclude nothing, so a table in here does. Where there are no OFD locks, POSIX ones serve: the
 * file is opened once per process and closed at its end.
 *
 * The lock goes with the process, however that dies. The file also holds the highest row number
 * of the journal, as text, for the guard after a restore.
 */
#ifndef SK_BASE_LOCK_H
#define SK_BASE_LOCK_H

#include <stdint.h>

#include "base/error.h"

struct sk_lock;

enum sk_lock_kind {
	SK_LOCK_OFFICE, /* one renewal at a time: number is the office's row number */
	SK_LOCK_RUN,    /* held for the life of a run: number is the run's */
	SK_LOCK_LIST,   /* one /writebacks listing at a time: number 0 */
	SK_LOCK_SWEEP,  /* one notifier at a time: number 0 */
	SK_LOCK_GUARD   /* the high-water mark: number 0; only inside lock.c */
};

/* Opens, and creates (0600), <db>.lock. 73 when it can't, 77 when others can read it. */
int sk_lock_open(const char *db, struct sk_lock **lock, struct sk_error *err);
void sk_lock_free(struct sk_lock *lock);

/* 1 taken, 0 somebody else holds it, -1 error. */
int sk_lock_try(struct sk_lock *lock, enum sk_lock_kind kind, int64_t number, struct sk_error *err);

void sk_lock_release(struct sk_lock *lock, enum sk_lock_kind kind, int64_t number);

/* Whether anybody, this process included, holds it: 1, 0, -1 error. */
int sk_lock_is_held(struct sk_lock *lock, enum sk_lock_kind kind, int64_t number,
    struct sk_error *err);

/* The highest row number that was ever journaled, 0 in a fresh file. Raising never lowers. */
int sk_lock_highest_row(struct sk_lock *lock, int64_t *row, struct sk_error *err);
int sk_lock_raise_highest_row(struct sk_lock *lock, int64_t row, struct sk_error *err);

#endif
