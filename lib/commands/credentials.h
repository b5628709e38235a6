/* SPDX-License-Identifier: MIT */
/*
 * credentials: the record that earlier integrations keep, one object for each office: appId,
 * appKey, requestKey, refreshKey, officeId, secretKey, practiceKey (the same as secretKey),
 * masterCustomerId (the same as officeId), tokenExpiry. This is the only module that prints
 * secrets.
 */
#ifndef SK_COMMANDS_CREDENTIALS_H
#define SK_COMMANDS_CREDENTIALS_H

#include <stddef.h>

#include "base/error.h"
#include "store/session.h"

/* Prints a record for each office; refused (64) on a terminal, unless forced. 0 or -1. */
int sk_credentials_export(struct sk_session *session, int force, struct sk_error *err);

/*
 * Imports records from a descriptor into the state file, for the offices that -O names. An office
 * that is known gets the record's keys. A wrong record is reported on stderr with its line, counted
 * in *bad, and stops none of the others, which are committed in portions. 0 or -1.
 */
int sk_credentials_import(struct sk_session *session, int fd, const char *name, size_t *bad,
    struct sk_error *err);

#endif
