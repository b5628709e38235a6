/* SPDX-License-Identifier: MIT */
/*
 * --strict: what a practice's own server refuses, beyond what it can't do at all. Like every refusal
 * of a practice it comes when the writeback is carried out.
 */
#ifndef SIM_STRICT_H
#define SIM_STRICT_H

#include "state.h"

/* Whether the practices work on this day: not on Sundays, January 1 and December 25. */
bool strict_is_open(int64_t day);
/* The practice's objection to this writeback, or NULL. Static. */
const char *strict_objection(struct sim *sim, const struct writeback *w);
/* Whether another appointment, which isn't cancelled, takes a part of this one's time and operatory. */
bool strict_overlaps(struct sim *sim, int office, const json_t *appointment);

#endif
