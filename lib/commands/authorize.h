/* SPDX-License-Identifier: MIT */
/* authorize: records who has authorized the application, and gets each office its first key. */
#ifndef SK_COMMANDS_AUTHORIZE_H
#define SK_COMMANDS_AUTHORIZE_H

#include "base/error.h"
#include "calls/pool.h"

/*
 * Reads the list of practices, records it, gets keys for offices that have none (unless no_token),
 * and prints a record for each practice. Returns the exit code.
 */
enum sk_exit sk_authorize(struct sk_pool *pool, int no_token, struct sk_error *err);

/*
 * Prints a record for each practice in the state file, and one for each office without
 * practices. 0 or -1.
 */
int sk_authorize_tell(struct sk_session *session, struct sk_error *err);

/*
 * Deletes an office with its practices and keys from the state file; its writebacks stay. 65 for an
 * unknown office, 75 while one of its requests is open, or was withdrawn and hasn't been seen gone.
 * 0 or -1.
 */
int sk_authorize_forget(struct sk_session *session, const char *office_id, struct sk_error *err);

#endif
