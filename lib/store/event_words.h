/* SPDX-License-Identifier: MIT */
/* event_words: what an event means to a person, and what mends it. */
#ifndef SK_STORE_EVENT_WORDS_H
#define SK_STORE_EVENT_WORDS_H

#include "store/events.h"

/*
 * The event's text as it is delivered, the caller's: whom it is about, what has happened, and for a kind
 * of the outbox also what it means and the command that mends it. NULL where there is nothing to say.
 */
char *sk_event_words(const struct sk_event *event);

#endif
