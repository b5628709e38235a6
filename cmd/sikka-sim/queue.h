/* SPDX-License-Identifier: MIT */
/* The queue of pending writebacks, of all offices: the one that is due first comes first, of several the oldest. */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include "state.h"

void queue_add(struct sim *sim, size_t index);    /* with the due time that it has */
void queue_remove(struct sim *sim, size_t index); /* nothing, if it isn't in it */
/* Orders it anew, after due times have changed or when it was read from a snapshot. */
void queue_order(struct sim *sim);
int64_t queue_next_due(const struct sim *sim); /* NEVER: none is */

#endif
