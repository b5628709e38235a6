/* SPDX-License-Identifier: MIT */
/*
 * patience: for how long something has been asked for in vain, without a break. Two refusals with a long
 * time between them, in which nobody asked, are no wait.
 */
#ifndef SK_BASE_PATIENCE_H
#define SK_BASE_PATIENCE_H

#include <stdint.h>

/* Filled with 0 it waits for nothing. */
struct sk_patience {
	int64_t since; /* monotonic: of the first refusal; 0: it waits for nothing */
	int64_t asked; /* and of the latest one */
};

/*
 * It was asked for and refused now: for how many ms that has gone on. 0 the first time, and when it wasn't
 * asked for within the last 5 seconds.
 */
int64_t sk_patience_refused(struct sk_patience *patience);

/* It was granted. */
void sk_patience_end(struct sk_patience *patience);

#endif
