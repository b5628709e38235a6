/* SPDX-License-Identifier: MIT */
/*
 * check: one check of a set of rows, by the cheaper of two ways: a /writeback_status for each row,
 * or the pages of /writebacks and then a status for each row that is no longer pending
 * (sikka-life(7), Checking).
 */
#ifndef SK_LIFE_CHECK_H
#define SK_LIFE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/writebacks.h"
#include "calls/pool.h"
#include "life/check_status.h"

/*
 * Checks rows (pending, unknown, or withdrawn), brings them up to date, and withdraws again what is
 * withdrawn here and pending at the server. A list that is due is read first, whatever the rows are;
 * there may be none. Rows that need any list are left to a process that is reading one. 0; -1 where
 * some couldn't be checked: err says why for the first.
 */
int sk_check(struct sk_check *check, struct sk_writeback *rows, size_t n, struct sk_error *err);

/*
 * The same by the list in any case: all rows without an id are settled. While another process is reading
 * one, that is waited for (up to 90 s), and only if it settled nothing another one is read.
 */
int sk_check_by_list(struct sk_check *check, struct sk_writeback *rows, size_t n,
    struct sk_error *err);

/*
 * Reads a list for rows that are looked at by it alone, and settles by it: check->listed is shown what it says.
 * 1; 0 another process is reading one, so that none was read; -1.
 */
int sk_check_read_list(struct sk_check *check, struct sk_error *err);

/* Whether the error says that the list can't be had, though the server can be reached. */
bool sk_check_is_refusal(const struct sk_error *err);

#endif
