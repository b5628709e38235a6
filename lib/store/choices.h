/* SPDX-License-Identifier: MIT */
/*
 * store_choices: lists of a practice's own values (choices), kept for a while so that asking again
 * costs nothing. They go with their office.
 */
#ifndef SK_STORE_CHOICES_H
#define SK_STORE_CHOICES_H

#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* source: what was read, "providers?status=active#provider_id". since isn't 0. *items (the
 * caller's) is a list that was read at since or later: 1. 0: there is none. -1 error. */
int sk_store_choices_get(struct sk_store *store, const char *office_id, const char *source,
    int64_t since, char **items, struct sk_error *err);

/* In the open transaction, or else in one of its own. */
int sk_store_choices_put(struct sk_store *store, const char *office_id, const char *source,
    const char *items, int64_t now, struct sk_error *err);

/* Forgets what was read before. In the open transaction, or else in one of its own. */
int sk_store_choices_purge(struct sk_store *store, int64_t before, struct sk_error *err);

#endif
