/* SPDX-License-Identifier: MIT */
/*
 * webhook: what the vendor's server says of itself: that an office's data have changed (sikka-api(7),
 * Webhooks). It asks nobody, and believes nothing but which office and which kind of records to look at.
 */
#ifndef SK_COMMANDS_WEBHOOK_H
#define SK_COMMANDS_WEBHOOK_H

#include "base/error.h"
#include "store/session.h"

/*
 * Reads a payload from standard input, and prints a record (office_id, practice_id, resource, event) for each
 * resource that may have changed. 65 for a payload that is none, or is of an office that isn't known here; 66 where
 * it can't be read; 77 when the key that it came with (SIKKA_CALLBACK_KEY_SEEN) isn't ours; 78 when ours isn't set.
 * Nothing of the payload is in a message, but for an office's id.
 */
int sk_webhook(struct sk_session *session, struct sk_error *err);

#endif
