/* SPDX-License-Identifier: MIT */
/*
 * hold_rule: no write of a hold's scope leaves until so many whole lists, begun after it was noted, a
 * minute apart and following one another, hold no entry that is unexplained; else the state file is an
 * older copy (sikka-life(7), Holds). Pure, as far as no store is asked.
 */
#ifndef SK_LIFE_HOLD_RULE_H
#define SK_LIFE_HOLD_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "store/holds.h"
#include "life/match.h"

#define SK_HOLD_APART SK_MINUTE /* two lists that are to differ in what they miss */

/* What a list makes of a hold. n_strange: its unexplained entries. */
void sk_hold_take_list(struct sk_hold *hold, const struct sk_listing *list, size_t n_strange);

/* Whether it has ended: the lists that it wants, and in any case a second one, were clean. */
bool sk_hold_is_over(const struct sk_hold *hold);

/* When a list is worth reading for it; 0: now. */
int64_t sk_hold_due_at(const struct sk_hold *hold);

/* Whether a list should be read for any hold now. A state file that can't be read wants none. */
bool sk_hold_wants_list(struct sk_store *store);

/*
 * Why and until when, at the earliest, writes wait (the office's; NULL: any); for people, to be freed.
 * NULL: they don't, or the state file can't be read.
 */
char *sk_hold_words(struct sk_store *store, const char *office_id);

#endif
