/* SPDX-License-Identifier: MIT */
/*
 * restore: for a state file that is an older copy (sikka-life(7), Older copies). Requests that
 * it doesn't know are taken over from the server's list (7 days); open rows without an id become
 * unknown. Only after that may anything be sent again.
 */
#ifndef SK_COMMANDS_RESTORE_H
#define SK_COMMANDS_RESTORE_H

#include <stddef.h>

#include "base/error.h"
#include "life/check_status.h"

struct sk_restored {
	int was_behind;      /* 0: the file is no older copy; nothing was done */
	size_t n_unsure;     /* rows that became unknown */
	size_t n_taken_over; /* requests of the list that the file didn't have */
};

/* 0; -1 with 75 when the list changed while it was read: run it again. */
int sk_restore(const struct sk_check *check, struct sk_restored *restored, struct sk_error *err);

/*
 * A person says that the state file was moved here, and that nothing was sent since. Refused (75) where
 * it counts behind its own twin, since then something was; and unless unchecked, where the server's list
 * has an entry that no row has.
 */
int sk_restore_moved(const struct sk_check *check, int unchecked, struct sk_error *err);

#endif
