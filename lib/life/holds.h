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
#include "store/session.h"
#include "life/match.h"

/*
 * After the state file was settled by the list: what it says of the holds is recorded, in a transaction of
 * its own. -1 (75) also when it shows that the state file is an older copy.
 */
int sk_holds_judge(struct sk_session *session, struct sk_listing *list, struct sk_error *err);

#endif
