/* SPDX-License-Identifier: MIT */
/*
 * renewal: how the offices of a pool get new request keys, by calls of its own; and wishes for a key by
 * who has no call (sikka-token, sikka-authorize).
 */
#ifndef SK_CALLS_RENEWAL_H
#define SK_CALLS_RENEWAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "calls/pool.h"

/* For sk_pool_new. */
extern const struct sk_pool_keys sk_renewal_keys;

/*
 * The wish that an office has a request key which lives longer than within. Filled in by the caller up
 * to within; the pool fills in the rest while it turns. It must stay where it is until is_done.
 */
struct sk_key_wish {
	const char *office_id; /* borrowed */
	/*
	 * ms; INT64_MAX: a new key in any case. Below 0: a key that can be used: it lives beyond the
	 * margin, or, when it can't be renewed, at all.
	 */
	int64_t within;

	int is_done;
	/* 77 the office isn't authorized (any longer), its keys were refused just now, or our app key is
	 * wrong; 75 the lock is held too long, or a signal came; 69 server unavailable. */
	struct sk_error error;
	int renewed;       /* 0: the key lives long enough, or another process renewed it */
	const char *grant; /* "refresh_key", "request_key", NULL */
	int64_t token_expiry;
	struct sk_key_wish *next; /* the pool's own */
};

void sk_renewal_wish(struct sk_pool *pool, struct sk_key_wish *wish);

/* Turns until the i-th of n wishes is done; how many of them are is shown (base/progress). */
void sk_renewal_wait(struct sk_pool *pool, const struct sk_key_wish *wishes, size_t n, size_t i);

/* One usable key: *key is the caller's (sk_secret_free). Turns meanwhile. -1 as a wish's error. */
int sk_renewal_usable_key(struct sk_pool *pool, const char *office_id, char **key,
    struct sk_error *err);

#endif
