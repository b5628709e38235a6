/* SPDX-License-Identifier: MIT */
/*
 * moments: those that a wrong clock has left. What lies ahead of the clock, by more than clocks usually
 * differ, is of a clock that was ahead, or a person's: it would hold something back until that time comes,
 * or count as the latest of all. What a clock that was behind has left would let a time pass at once.
 */
#ifndef SK_STORE_MOMENTS_H
#define SK_STORE_MOMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* What lies no further ahead is left as it is: clocks of two processes may differ by so much. */
#define SK_MOMENTS_TOLERANCE (2 * SK_MINUTE)

/*
 * Sets each moment that lies ahead of now to now: it then holds back as long as a fresh one, and
 * nothing is freed by it. *mended: whether there were any. In the open transaction; if none is open,
 * in one of its own, which is begun only when there is something to do.
 */
int sk_store_moments_mend(struct sk_store *store, int64_t now, bool *mended, struct sk_error *err);

/*
 * The clock was behind and has been set ahead: what was noted by it looks older than it is. So what has to
 * wait since then, to be declared not received or to have its key freed, waits from now on. In the open
 * transaction.
 */
int sk_store_moments_delay(struct sk_store *store, int64_t now, struct sk_error *err);

#endif
