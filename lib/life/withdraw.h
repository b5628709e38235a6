/* SPDX-License-Identifier: MIT */
/*
 * withdraw: DELETE /writebacks?id=N, and what its answer means (sikka-life(7), Withdrawing). The
 * intention is in the row before the DELETE leaves; one whose answer was lost is sent again.
 */
#ifndef SK_LIFE_WITHDRAW_H
#define SK_LIFE_WITHDRAW_H

#include "base/error.h"
#include "calls/wire.h"
#include "life/check_status.h"
#include "life/life.h"

enum sk_withdrawal {
	SK_WITHDRAWAL_DONE,     /* the server has let it go; or it was queued and never left */
	SK_WITHDRAWAL_TOO_LATE, /* it has ended there, and is recorded as it ended */
	SK_WITHDRAWAL_OPEN      /* it stays pending: the server couldn't be reached, or says so */
};

/*
 * why: SK_PERSON_WITHDRAWS or SK_AGE_WITHDRAWS. row is brought up to date. -1 with 69, 75 where the
 * server can't be reached (the row stays pending with its intention noted), 1 where it may not be
 * withdrawn (unknown: settle it first; ended already).
 */
int sk_withdraw(struct sk_wire *wire, struct sk_writeback *row, enum sk_happening why,
    enum sk_withdrawal *withdrawal, sk_changed_fn *changed, void *arg, struct sk_error *err);

/* Once more for a row that is withdrawn here and seen pending there; and of a double. */
int sk_withdraw_again(struct sk_wire *wire, struct sk_writeback *row, struct sk_error *err);
int sk_withdraw_double(struct sk_wire *wire, struct sk_writeback *row, struct sk_error *err);

#endif
