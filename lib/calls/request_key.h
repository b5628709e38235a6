/* SPDX-License-Identifier: MIT */
/*
 * token: a usable request key for an office (sikka-api(7), Authorization), renewed by one process
 * at a time. Several processes may ask; one renewal per office and expiry is made, under the
 * office's lock, and the new pair is committed before the lock is let go.
 */
#ifndef SK_CALLS_REQUEST_KEY_H
#define SK_CALLS_REQUEST_KEY_H

#include <stdint.h>

#include "base/error.h"
#include "base/time.h"
#include "calls/wire.h"

/* sikka-token(1) says these; tests/unit-token-page.c compares. */
#define SK_TOKEN_WITHIN (2 * SK_HOUR) /* sikka-token refresh renews what ends within */
#define SK_TOKEN_MARGIN SK_MINUTE     /* a key that ends within is renewed before it is used … */
#define SK_TOKEN_MARGIN_PART 10 /* … but only within this part of its life, if that is less */

/*
 * *key (the caller's: sk_secret_free) is a request key that lives. rejected: the key that the
 * server just refused, or NULL. 77 the office isn't authorized (any longer) or our app key is
 * wrong, 75 a renewal was refused less than a minute ago or the lock is held too long, 69 server
 * unavailable.
 */
int sk_request_key_usable(struct sk_wire *wire, const char *office_id, const char *rejected,
    char **key, struct sk_error *err);

/*
 * The key as it is recorded, when it lives beyond the margin (to_the_end: while it lives at all):
 * 1, and *key is the caller's. 0: it has to be renewed first. -1: as above. Needs neither server
 * nor credentials, and a session that was opened for reading will do.
 */
int sk_request_key_recorded(struct sk_session *session, const char *office_id, int to_the_end,
    char **key, struct sk_error *err);

/* An office that is held may get a key again, because a person says so; of others nothing changes.
 */
int sk_request_key_release(struct sk_session *session, const char *office_id, struct sk_error *err);

struct sk_renewal {
	int renewed;       /* 0: the key lives long enough, or another process renewed it */
	const char *grant; /* "refresh_key", "request_key", NULL */
	int64_t token_expiry;
};

/* Renews unless the key lives longer than within. */
int sk_request_key_renew(struct sk_wire *wire, const char *office_id, int64_t within,
    struct sk_renewal *renewal, struct sk_error *err);

/*
 * A call signed with the office's key; a key that the server refuses is renewed, once, and the call
 * made again. As sk_wire_call, and of type sk_fetch_fn: office_arg is a struct sk_request_key_office.
 */
struct sk_request_key_office {
	struct sk_wire *wire;
	const char *office_id;
};
int sk_request_key_call(void *office_arg, const struct sk_call *call, struct sk_api_reply *reply,
    struct sk_error *err);

#endif
