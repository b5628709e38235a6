/* SPDX-License-Identifier: MIT */
/*
 * request_key: a usable request key for an office. Several processes may want one; one renewal per
 * office and expiry is made, under the office's lock, and the new pair is committed before the lock is
 * released (sikka-life(7), Request keys of offices).
 *
 * Here is the key as it is recorded, and how long it serves; renewal renews it.
 */
#ifndef SK_CALLS_REQUEST_KEY_H
#define SK_CALLS_REQUEST_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"
#include "store/offices.h"
#include "store/session.h"

#define SK_KEY_WITHIN (2 * SK_HOUR) /* sikka-token refresh renews what ends within */
#define SK_KEY_MARGIN SK_MINUTE     /* a key that ends sooner is renewed before it is used … */
#define SK_KEY_MARGIN_PART 10       /* … but no more than this part of its life before its end */
#define SK_KEY_AFTER_REFUSAL SK_MINUTE  /* no renewal so long after a refused one … */
#define SK_KEY_REAUTHORIZE_AGAIN SK_DAY /* … nor of an office that must authorize again */
#define SK_KEY_BLAME_AFTER \
	(10 * SK_MINUTE) /* a suspect office is blamed by a refusal so much later */

/*
 * The key as it is recorded, when it lives beyond the margin (to_the_end: while it lives at all): 1,
 * and *key is the caller's. 0: it has to be renewed first. -1 with 77. Needs neither server nor
 * credentials, and a session that was opened for reading will do.
 */
int sk_request_key_recorded(struct sk_session *session, const char *office_id, int to_the_end,
    char **key, struct sk_error *err);

/* A held office may get a key again, because a person says so; of others nothing changes. */
int sk_request_key_release(struct sk_session *session, const char *office_id, struct sk_error *err);

/* Reads an office (office is finished first). 77 where it isn't known. */
int sk_request_key_load(struct sk_session *session, const char *office_id, struct sk_office *office,
    struct sk_error *err);

/*
 * Whether the office may use a key: it isn't revoked or held, and its key lives and is another one than
 * refused, or may be renewed now. -1 with 77: what a person has to do, or when the server is asked again.
 */
int sk_request_key_may_have(const struct sk_office *office, const char *refused,
    struct sk_error *err);

/* Whether its key may be renewed now; the same errors. */
int sk_request_key_may_renew(const struct sk_office *office, struct sk_error *err);

/* Whether the server has refused its keys, and may be asked anew whether it still does. */
bool sk_request_key_is_asked_anew(const struct sk_office *office);

/*
 * The server has refused, now, what a request key was asked for with. The office becomes suspect, and
 * reauthorize when the first such refusal is SK_KEY_BLAME_AFTER ago.
 */
void sk_request_key_refuse(struct sk_office *office);

/* Whether its key is another one than refused (may be NULL) and lives longer than margin. */
bool sk_request_key_lives(const struct sk_office *office, const char *refused, int64_t margin);

/* SK_KEY_MARGIN, but at most a SK_KEY_MARGIN_PART-th of the life of the key. */
int64_t sk_request_key_margin(const struct sk_office *office);

#endif
