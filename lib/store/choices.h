/* SPDX-License-Identifier: MIT */
/*
 * store_choices: the values that a practice allows in a field (choices), kept for a while so that
 * the server isn't asked again. They are deleted together with their office.
 */
#ifndef SK_STORE_CHOICES_H
#define SK_STORE_CHOICES_H

#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct sk_kept_choices {
	char *items; /* as they were put */
	int64_t read_at;
};

/*
 * source names what was read: "providers?status=active#provider_id". since isn't 0. Returns 1 and
 * fills kept (items are the caller's) when they were read at since or later; 0 when there are none; -1
 * on an error.
 */
int sk_store_choices_get(struct sk_store *store, const char *office_id, const char *source,
    int64_t since, struct sk_kept_choices *kept, struct sk_error *err);

/* The same for what isn't an office's own: those that were read last, by whatever office. */
int sk_store_choices_get_latest(struct sk_store *store, const char *source, int64_t since,
    struct sk_kept_choices *kept, struct sk_error *err);

/* In the open transaction; if none is open, in one of its own. */
int sk_store_choices_put(struct sk_store *store, const char *office_id, const char *source,
    const char *items, int64_t now, struct sk_error *err);

/*
 * Deletes values that were read before that moment. In the open transaction; if none is open, in
 * one of its own.
 */
int sk_store_choices_purge(struct sk_store *store, int64_t before, struct sk_error *err);

#endif
