/* SPDX-License-Identifier: MIT */
/*
 * moments: those that lie ahead of the clock, by more than clocks usually differ. A process with a
 * clock that was ahead has left them, or a person. Each would hold something back until that time
 * comes, or count as the latest of all.
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

#endif
