/* SPDX-License-Identifier: MIT */
/* hold_list: reads a list because of a hold (life/holds), whatever else there is to be settled. */
#ifndef SK_LIFE_HOLD_LIST_H
#define SK_LIFE_HOLD_LIST_H

#include "base/error.h"
#include "life/check_status.h"

/*
 * Reads one, and settles by it. Where the server doesn't let this application read lists, a hold of a
 * file or an office that was begun ends with that. 0; -1 with err, 75 on an older copy.
 */
int sk_hold_list_read(struct sk_check *check, struct sk_error *err);

#endif
