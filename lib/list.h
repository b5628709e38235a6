/* SPDX-License-Identifier: MIT */
/*
 * list: reading /writebacks (contract §6), one listing at a time among all processes. It is slow at
 * the server, and the only way to settle what has no id.
 */
#ifndef SK_LIST_H
#define SK_LIST_H

#include <stdint.h>

#include "error.h"
#include "match.h"
#include "wire.h"

/*
 * Reads all pages from a day before from until a day after now (7 days at most), and marks the
 * entries that rows of ours have. The caller frees with sk_list_fini. Waits for another process's
 * listing for up to 90 s, then 75.
 */
int sk_list_read(struct sk_wire *wire, int64_t from, struct sk_list *list, struct sk_error *err);

#endif
