/* SPDX-License-Identifier: MIT */
/*
 * authorize: who has authorized the application is recorded, and each office gets its first key.
 */
#ifndef SK_COMMANDS_AUTHORIZE_H
#define SK_COMMANDS_AUTHORIZE_H

#include "base/error.h"
#include "base/out.h"
#include "calls/wire.h"

/*
 * Reads the list of practices, records it, gets keys for offices that have none (unless no_token),
 * and tells a record per practice. Returns the exit code.
 */
int sk_authorize(struct sk_wire *wire, int no_token, sk_tell_fn *tell, void *arg,
    struct sk_error *err);

/* A record per practice, as the state file has them; of an office without any, one. 0 or -1. */
int sk_authorize_tell(struct sk_session *session, sk_tell_fn *tell, void *arg,
    struct sk_error *err);

/*
 * Drops an office with its practices and keys from the state file; its writebacks stay. 65 for an
 * office that isn't known, 75 while one of its requests hasn't ended, or was withdrawn and hasn't
 * been seen gone. 0 or -1.
 */
int sk_authorize_forget(struct sk_session *session, const char *office_id, struct sk_error *err);

#endif
