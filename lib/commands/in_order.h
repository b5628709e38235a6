/* SPDX-License-Identifier: MIT */
/*
 * in_order: records are written in the order of the requests that they answer. A record waits here until the one
 * of each request before it is written. It waits as text, about 700 bytes of it. Private to book.
 */
#ifndef SK_COMMANDS_IN_ORDER_H
#define SK_COMMANDS_IN_ORDER_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

struct sk_in_order;

struct sk_in_order *sk_in_order_new(void);
void sk_in_order_free(struct sk_in_order *order); /* NULL is nothing */

/*
 * The record (borrowed) of the nth request, from 1 on: written at once, with those that waited for it, or kept.
 * There is one for each request. 0, or -1: it can't be written.
 */
int sk_in_order_put(struct sk_in_order *order, size_t nth, const json_t *record,
    struct sk_error *err);

/* How far ahead of the first request that has no record yet the last record is that waits. */
size_t sk_in_order_ahead(const struct sk_in_order *order);

/* Writes all that wait, in order: no record will come for the requests between them. */
int sk_in_order_write_rest(struct sk_in_order *order, struct sk_error *err);

#endif
