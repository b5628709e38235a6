/* SPDX-License-Identifier: MIT */
/*
 * notify: delivers the outbox to a command, as JSON on its stdin; sikka-life(7), ALERTS.
 *
 * Each event is delivered at least once: it counts as delivered when the command has ended with 0, and
 * a process that is killed before that is recorded leaves it to the next one. While nothing gets
 * through nothing is given up.
 */
#ifndef SK_COMMANDS_NOTIFY_H
#define SK_COMMANDS_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/lock.h"
#include "store/events.h"
#include "store/store.h"

struct sk_notify {
	struct sk_store *store;
	struct sk_lock *lock; /* NULL: nobody else delivers (unit tests) */
	const char *command;  /* for /bin/sh -c; it may take 60 s */
	bool batch;           /* one call for all events, instead of one for each */
};

struct sk_delivery {
	int64_t delivered;
	int64_t failed; /* tried in vain; some were set aside with it */
	int64_t set_aside;
	bool is_busy;        /* another process delivers, so nothing was done here */
	struct sk_error why; /* what the first failure looks like, in words for a person */
};

/*
 * 0; -1 when the store fails or no process could be started: what had been delivered before that is counted
 * all the same.
 */
int sk_notify(const struct sk_notify *notify, struct sk_delivery *delivery, struct sk_error *err);

/* For a rehearsal: what sk_notify delivers if the command takes everything; the caller's. 0, or -1. */
int sk_notify_foresee(const struct sk_notify *notify, struct sk_event **events, size_t *n,
    struct sk_error *err);

#endif
