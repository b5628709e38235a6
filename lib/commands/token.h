/* SPDX-License-Identifier: MIT */
/*
 * token: what sikka-token does with the keys of the offices. Each function returns the exit code;
 * err has the first error. Keys themselves are printed only by sk_token_print and
 * sk_token_print_recorded.
 */
#ifndef SK_COMMANDS_TOKEN_H
#define SK_COMMANDS_TOKEN_H

#include <stdint.h>

#include "base/error.h"
#include "calls/pool.h"

#define SK_KEYS_ALL INT64_MAX /* for within: renew however long the key is still valid */

/*
 * A record for each office: office_id, status, token_expiry, expires_in (seconds), last_error. Asks
 * no server.
 */
enum sk_exit sk_token_list(struct sk_session *session, struct sk_error *err);

/*
 * Renews the keys that end within that time: office_id, refreshed, grant, token_expiry. An office
 * whose keys a person has revoked (held) gets a key only when -O names it.
 */
enum sk_exit sk_token_refresh(struct sk_pool *pool, int64_t within, struct sk_error *err);

/*
 * Print one usable request key and nothing else. The first prints the recorded key if it is still
 * valid (otherwise 0, and *printed stays 0; sk_request_key_recorded says how long it must be
 * valid). It changes nothing: so a valid key can be printed even when the state file can't be
 * written.
 */
enum sk_exit sk_token_print_recorded(struct sk_session *session, const char *office_id,
    int to_the_end, int *printed, struct sk_error *err);
enum sk_exit sk_token_print(struct sk_pool *pool, const char *office_id, struct sk_error *err);

/* What the server says of each office's request key; the key itself isn't printed. */
enum sk_exit sk_token_info(struct sk_pool *pool, struct sk_error *err);

/*
 * Ends request key and refresh key at the server, then here. The office is then "held": nothing
 * gets it a new key until a person says so (sikka-authorize, or sikka-token refresh with its name).
 */
enum sk_exit sk_token_revoke(struct sk_pool *pool, const char *office_id, struct sk_error *err);

#endif
