/* SPDX-License-Identifier: MIT */
/*
 * session: what a command has open: its settings, the state file, the lock file and, in commands
 * that send, a run. It opens no connection and doesn't know libcurl.
 */
#ifndef SK_STORE_SESSION_H
#define SK_STORE_SESSION_H

#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "base/lock.h"
#include "base/options.h"
#include "store/pulse.h"
#include "store/store.h"

struct sk_session {
	const struct sk_common *common;
	struct sk_config config;
	struct sk_store *store; /* NULL: opened for reading, and the file is missing */
	struct sk_lock *lock;   /* NULL when opened for reading */
	int64_t run;            /* 0: none */
	struct sk_pulse pulse;  /* written by sk_session_beat, and when the session is closed */
};

/*
 * Opened for writing, the process has begun something that a signal shouldn't tear: from then on
 * SIGINT and SIGTERM ask it to stop (base/stop).
 */
int sk_session_open(struct sk_session *session, const struct sk_common *common,
    enum sk_store_open how, struct sk_error *err);

/*
 * Takes the lock byte of this process's run, which holds it until it ends (sikka-life(7), Runs). Before its first row.
 */
int sk_session_start_run(struct sk_session *session, struct sk_error *err);

/*
 * Whether the state file is older than what was journaled once: it was restored (sikka-life(7),
 * After a restore). 1, 0, -1.
 */
int sk_session_is_behind(struct sk_session *session, struct sk_error *err);

/* Fails with 75 when the state file is an older copy: then nothing may be sent. */
int sk_session_guard(struct sk_session *session, struct sk_error *err);

/* The task has succeeded, and this process goes on: that is written now, in a commit of its own. */
int sk_session_beat(struct sk_session *session, enum sk_task task, struct sk_error *err);

/* Ends the run and writes the pulse, in one commit; none if there is neither. */
void sk_session_close(struct sk_session *session);

#endif
