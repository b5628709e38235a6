/* SPDX-License-Identifier: MIT */
/*
 * keys: what sikka-token does with the keys of the offices. Each returns the exit code; err has the
 * first error. Keys themselves leave only through sk_token_print.
 */
#ifndef SK_COMMANDS_TOKEN_H
#define SK_COMMANDS_TOKEN_H

#include <stdint.h>

#include "base/error.h"
#include "base/out.h"
#include "calls/wire.h"

#define SK_KEYS_ALL INT64_MAX /* within: renew however long the key lives */

/* A record per office: office_id, status, token_expiry, expires_in (seconds), last_error. No
 * server. */
int sk_token_list(struct sk_session *session, sk_tell_fn *tell, void *arg, struct sk_error *err);

/*
 * Renews what ends within: office_id, refreshed, grant, token_expiry. An office that is held gets a
 * key only when -O names it.
 */
int sk_token_refresh(struct sk_wire *wire, int64_t within, sk_tell_fn *tell, void *arg,
    struct sk_error *err);

/*
 * One usable request key on stdout and nothing else. The first where the recorded one lives (else 0
 * and *printed stays 0; sk_request_key_recorded says how long): it changes nothing, so that a state file
 * that can't be written keeps nobody from a key that is good.
 */
int sk_token_print_recorded(struct sk_session *session, const char *office_id, int to_the_end,
    int *printed, struct sk_error *err);
int sk_token_print(struct sk_wire *wire, const char *office_id, struct sk_error *err);

/* What the server says of each office's key, without the key. */
int sk_token_info(struct sk_wire *wire, sk_tell_fn *tell, void *arg, struct sk_error *err);

/*
 * Ends request key and refresh key there, then here: the office is "held", so that nothing gets a
 * key for it until a person says so (sikka-authorize, sikka-token refresh by its name).
 */
int sk_token_revoke(struct sk_wire *wire, const char *office_id, sk_tell_fn *tell, void *arg,
    struct sk_error *err);

#endif
