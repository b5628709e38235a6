/* SPDX-License-Identifier: MIT */
/*
 * served: whether this host works for an office: the setting share says so (sikka-fleet(7)). Of another host's
 * office only what was sent from here before is followed to its end.
 */
#ifndef SK_STORE_SERVED_H
#define SK_STORE_SERVED_H

#include <stdbool.h>

#include "base/error.h"
#include "store/session.h"

/* Whether the office is of this host's share. */
bool sk_served_has(const struct sk_session *session, const char *office_id);

/* 0; -1 with 65, which names whose the office is. Nothing new is sent for one that is refused, nor read. */
int sk_served_refuse(struct sk_session *session, const char *office_id, struct sk_error *err);

/* The same of each office that -O names. */
int sk_served_refuse_named(struct sk_session *session, struct sk_error *err);

/*
 * The same, but that it gives way while a request of the office may still change: then its keys serve, and are
 * renewed, so that this one is followed to its end.
 */
int sk_served_refuse_unfollowed(struct sk_session *session, const char *office_id,
    struct sk_error *err);

/* How many requests of the office may still change: open ones, and withdrawn ones that were not seen gone twice. */
int sk_served_count_followed(struct sk_session *session, const char *office_id, size_t *open,
    size_t *watched, struct sk_error *err);

#endif
