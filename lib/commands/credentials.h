/* SPDX-License-Identifier: MIT */
/*
 * credentials: the record that earlier integrations keep, one object an office: appId, appKey,
 * requestKey, refreshKey, officeId, secretKey, practiceKey (= secretKey), masterCustomerId (=
 * officeId), tokenExpiry. The one place where secrets leave for stdout.
 */
#ifndef SK_COMMANDS_CREDENTIALS_H
#define SK_COMMANDS_CREDENTIALS_H

#include <stddef.h>

#include "base/error.h"
#include "store/session.h"

/* A record per office to stdout; refused (64) when that is a terminal, unless forced. 0 or -1. */
int sk_credentials_export(struct sk_session *session, int force, struct sk_error *err);

/*
 * Records from a descriptor into the state file, those of the offices that -O names. An office that
 * is known gets the keys of the record. A record that is wrong is told on stderr with its line,
 * counted in *bad, and stops none of the others; all those are committed together. 0 or -1.
 */
int sk_credentials_import(struct sk_session *session, int fd, const char *name, size_t *bad,
    struct sk_error *err);

#endif
