/* SPDX-License-Identifier: MIT */
/*
 * restore: the state file is an older copy (sikka-life(7), After a restore). What it doesn't know
 * is taken over from the server's list (7 days), and what it holds as not ended becomes unknown,
 * unless it has an id. Only then may anything be sent again.
 */
#ifndef SK_COMMANDS_RESTORE_H
#define SK_COMMANDS_RESTORE_H

#include <stddef.h>

#include "base/error.h"
#include "calls/wire.h"
#include "life/check_status.h"

struct sk_restored {
	int was_behind;      /* 0: the file isn't older than what was journaled; nothing was done */
	size_t n_unsure;     /* rows that became unknown */
	size_t n_taken_over; /* requests of the list that the file didn't know */
};

/* 0; -1 with 75 when the list changed while it was read: again. */
int sk_restore(struct sk_wire *wire, struct sk_restored *restored, sk_changed_fn *changed,
    void *arg, struct sk_error *err);

#endif
