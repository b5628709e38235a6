/* SPDX-License-Identifier: MIT */
/*
 * holds: judges the lists that holds wait for (life/hold_rule; sikka-life(7), Older copies).
 * Handing in, reading, renewing and withdrawing go on meanwhile.
 */
#ifndef SK_LIFE_HOLDS_H
#define SK_LIFE_HOLDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/holds.h"
#include "store/session.h"
#include "life/match.h"

/*
 * After the state file was settled by the list: what it says of the holds is recorded, in a transaction of
 * its own. -1 (75) also when it shows that the state file is an older copy.
 */
int sk_holds_judge(struct sk_session *session, struct sk_listing *list, struct sk_error *err);

/* Shows an entry that speaks against writes; arg: as it was handed in. */
typedef void sk_holds_show_fn(void *arg, enum sk_hold_why why, const struct sk_api_listed *listed);

/* Shows what a list has that no hold's rule explains. Nothing is recorded. */
int sk_holds_show(struct sk_session *session, struct sk_listing *list, sk_holds_show_fn *show,
    void *arg, struct sk_error *err);

/*
 * A person has said whose the entries are that lists have shown, or that other programs send for these
 * offices. Holds for which nothing is unexplained in this list wait for lists again, as they did at first,
 * and session->copy follows; *n_left counts what is unexplained yet. 75 where the list isn't whole.
 */
int sk_holds_review(struct sk_session *session, struct sk_listing *list, size_t *n_left,
    struct sk_error *err);

#endif
