/* SPDX-License-Identifier: MIT */
/*
 * settle: what the server's list says about our rows, recorded (sikka-life(7), Settling; and
 * sikka-life(7), After a withdrawal). Sends nothing. Each call is one transaction; changed() is
 * called after its commit.
 */
#ifndef SK_LIFE_SETTLE_H
#define SK_LIFE_SETTLE_H

#include <stdbool.h>

#include "base/error.h"
#include "store/session.h"
#include "life/check_status.h"
#include "life/match.h"

/* So many rows at most are written by one commit, so that no other command waits for long. */
#define SK_SETTLE_ROWS 200

/*
 * Unknown rows without an id: each is adopted, or found absent, or left. list->owned is brought up
 * to date.
 */
int sk_settle_unknown(const struct sk_check *check, struct sk_listing *list, struct sk_error *err);

/* Requests that turn up after their row was declared not received. */
int sk_settle_late(const struct sk_check *check, struct sk_listing *list, struct sk_error *err);

/*
 * The same after a restore: only rows that have nothing else get theirs. What else an entry may be is for
 * the rows that are taken over.
 */
int sk_settle_late_own(const struct sk_check *check, struct sk_listing *list, struct sk_error *err);

/*
 * After that, and after the rest was taken over as rows from that number on: tells which of these hold the
 * same as another row that came within the 24 hours before or after. In the caller's transaction.
 */
int sk_settle_tell_doubles(struct sk_session *session, const struct sk_listing *list, int64_t first,
    struct sk_error *err);

/* That the server holds a second request like the row's, and what a person may do. The caller's. */
char *sk_settle_words_of_double(const struct sk_writeback *row, const char *writeback_id,
    const char *advice);

/*
 * Requests that turn up after a person resolved their row, within two days. To be called first: what
 * is such a row's must not be adopted by another one.
 */
int sk_settle_resolved(const struct sk_check *check, struct sk_listing *list, struct sk_error *err);

/* What the list has settled of a row that has an id. */
enum sk_listed_as {
	SK_LISTED_DONE,          /* it is recorded, or there is nothing to record */
	SK_LISTED_ASK,           /* ended there, or not listed: writeback_status has to say it */
	SK_LISTED_WITHDRAW_AGAIN /* withdrawn here, but pending there */
};

/*
 * Rows that have an id: pending, unknown, or withdrawn. If check->lacks_status is set, the list
 * alone is used. rows are brought up to date; as[i] says what is left to do for row i.
 */
int sk_settle_known(const struct sk_check *check, const struct sk_listing *list,
    struct sk_writeback *rows, size_t n, enum sk_listed_as *as, struct sk_error *err);

#endif
