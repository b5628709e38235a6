/* SPDX-License-Identifier: MIT */
/*
 * hand_over_parts: private to hand_over: its two directions, as hand_over.h promises them.
 */
#ifndef SK_COMMANDS_HAND_OVER_PARTS_H
#define SK_COMMANDS_HAND_OVER_PARTS_H

#include "base/error.h"
#include "store/session.h"
#include "commands/hand_over.h"

int sk_hand_over_export(struct sk_session *session, const char *office_id, struct sk_error *err);
int sk_hand_over_import(struct sk_session *session, const struct sk_hand_over_asked *asked,
    struct sk_error *err);

#endif
