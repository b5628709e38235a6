/* SPDX-License-Identifier: MIT */
/*
 * look: one look at a set of rows, by the cheaper of two ways: a /writeback_status for each, or the
 * pages of /writebacks and then a status for each that is no longer pending (sikka-life(7),
 * Checking).
 */
#ifndef SK_LIFE_CHECK_H
#define SK_LIFE_CHECK_H

#include <stddef.h>

#include "base/error.h"
#include "store/writebacks.h"
#include "calls/wire.h"
#include "life/check_status.h"

/*
 * Looks at rows (pending, unknown, or withdrawn), brings them up to date, and withdraws again what
 * is withdrawn here and pending there. must_list: settle unknown rows that have no id even when
 * none of rows is one. 0; -1 where some couldn't be looked at: err says why for the first.
 */
int sk_check(struct sk_wire *wire, struct sk_writeback *rows, size_t n, int must_list,
    sk_changed_fn *changed, void *arg, struct sk_error *err);

/* Whether a listing is the cheaper way. Pure: ages in ms, looks the rows had already. */
int sk_check_prefers_list(const struct sk_writeback *rows, size_t n, int64_t now);

#endif
