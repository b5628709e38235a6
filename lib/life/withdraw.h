/* SPDX-License-Identifier: MIT */
/*
 * withdraw: DELETE /writebacks?id=N, and what its answer means (sikka-life(7), Withdrawing). The
 * intention is in the row before the DELETE leaves; one whose answer was lost is sent again.
 */
#ifndef SK_LIFE_WITHDRAW_H
#define SK_LIFE_WITHDRAW_H

#include <stdbool.h>

#include "base/config.h"
#include "base/error.h"
#include "calls/pool.h"
#include "life/check_status.h"
#include "life/life.h"

enum sk_withdrawal {
	SK_WITHDRAWAL_DONE,     /* the server has dropped it; or it was queued and never left */
	SK_WITHDRAWAL_TOO_LATE, /* it has ended there, and its end is recorded */
	SK_WITHDRAWAL_OPEN      /* it stays pending: no answer, or the server says so */
};

/*
 * why: SK_PERSON_WITHDRAWS or SK_AGE_WITHDRAWS. row is brought up to date. Fails with 69 or 75
 * where the server can't be reached (the row stays pending with its intention noted), with 1 where
 * the row can't be withdrawn (unknown: settle it first; or it has ended).
 */
int sk_withdraw(struct sk_check *check, struct sk_writeback *row, enum sk_happening why,
    enum sk_withdrawal *withdrawal, struct sk_error *err);

/*
 * Whether age may decide about the row: only where an answer that this file recorded gave its id. What was
 * taken over or found in a list looks like ours, and may be another program's.
 */
bool sk_withdraw_may_by_age(const struct sk_writeback *row);

/*
 * Whether the double of a row is surely one too many, so that it is withdrawn without asking: this
 * file has sent the row more than once, the row has its own id, two equal ones make no sense, and no other
 * program writes to the office. Otherwise it may be somebody's second payment.
 */
bool sk_withdraw_is_one_too_many(const struct sk_config *config, const struct sk_writeback *row);

/* Sends the DELETE again, for a row that was withdrawn and is seen pending; and for a double. */
int sk_withdraw_again(struct sk_pool *pool, struct sk_writeback *row, struct sk_error *err);
int sk_withdraw_double(struct sk_pool *pool, struct sk_writeback *row, struct sk_error *err);

#endif
