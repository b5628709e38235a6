/* SPDX-License-Identifier: MIT */
/*
 * credentials: the record that earlier integrations keep, one object an office: appId, appKey,
 * requestKey, refreshKey, officeId, secretKey, practiceKey (= secretKey), masterCustomerId (=
 * officeId), tokenExpiry. The one place where secrets leave for stdout.
 */
#ifndef SK_CREDENTIALS_H
#define SK_CREDENTIALS_H

#include "error.h"
#include "session.h"

/* A record per office to stdout; refused (64) when that is a terminal, unless forced. 0 or -1. */
int sk_credentials_export(struct sk_session *session, int force, struct sk_error *err);

/*
 * Records from a descriptor into the state file, all of them in one transaction or none. An office
 * that is known gets the keys of the record. 0; -1 with 65 and the line for a record that is wrong.
 */
int sk_credentials_import(struct sk_session *session, int fd, const char *name,
    struct sk_error *err);

#endif
