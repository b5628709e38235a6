/* SPDX-License-Identifier: MIT */
/*
 * schedule: when to check a pending writeback (sikka-life(7), Checking). Completion comes 15-60 s
 * after submission, so the first check is late, and the next ones follow at shorter distances as
 * the end gets likelier. Where the office's own times are known, they are used instead. A look is worth about
 * a second for which a request has ended and nobody knows it. Pure.
 */
#ifndef SK_LIFE_SCHEDULE_H
#define SK_LIFE_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

/* So many of an office's own times replace the ordinary ones. Fewer add one look, at the longest, if that is early. */
#define SK_SCHEDULE_ENOUGH 20

/*
 * The age (ms since submitting) at which the next look is due, later than age. durations: how long
 * the office's last writebacks took, ascending.
 */
int64_t sk_schedule_next(int64_t age, const int64_t *durations, size_t n);

/* The age, at least this one, from which on an end is expected at all. */
int64_t sk_schedule_since(int64_t age, const int64_t *durations, size_t n);

#endif
