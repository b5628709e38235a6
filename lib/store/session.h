/* SPDX-License-Identifier: MIT */
/*
 * session: what a command has open: its settings, the state file, the lock file and, in commands
 * that send, a run. It opens no connection and doesn't know libcurl.
 */
#ifndef SK_STORE_SESSION_H
#define SK_STORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "base/lock.h"
#include "base/options.h"
#include "base/twin.h"
#include "store/copy.h"
#include "store/pulse.h"
#include "store/section.h"
#include "store/store.h"

struct sk_session {
	const struct sk_common *common;
	struct sk_config config;
	struct sk_store *store; /* NULL: opened for reading, and the file is missing or empty */
	struct sk_lock *lock;   /* NULL when opened for reading */
	int64_t run;            /* 0: none */
	struct sk_pulse pulse;  /* written by sk_session_beat, and when the session is closed */
	struct sk_twin twin;    /* the lock file's record, as it was when this was opened */
	/* Opened by SK_STORE_REHEARSE: no file changes, and nothing may leave that changes anything. */
	bool rehearses;
	enum sk_copy copy; /* what the state file was when it was looked at last */
	struct sk_section section;
};

/*
 * Opened for writing, the process has begun something that a signal shouldn't tear: from then on
 * SIGINT, SIGTERM and SIGHUP ask it to stop (base/stop). The lock file is read before the state file, and
 * copy says whether that is an older copy; opened for writing, one event is made of that.
 *
 * A dry run opens it by SK_STORE_REHEARSE: then it is as if opened for writing, but on a copy in memory, and
 * the lock file is only read. So the same code decides, and what it has written is gone with the process.
 */
int sk_session_open(struct sk_session *session, const struct sk_common *common,
    enum sk_store_open how, struct sk_error *err);

/*
 * For a command that must change nothing (SK_STORE_LOOK), with settings that were loaded before: they become the session's. Where it
 * fails, settings and lock file were read as far as they could be.
 */
int sk_session_look(struct sk_session *session, const struct sk_common *common,
    struct sk_config *config, struct sk_error *err);

/*
 * As SK_STORE_WRITE; begins the state file where it is missing or empty, and says so on stderr. The
 * lock file is written first.
 */
int sk_session_open_or_begin(struct sk_session *session, const struct sk_common *common,
    struct sk_error *err);

/* Opened for reading: fails with 78 when there is no state file. */
int sk_session_need_store(const struct sk_session *session, struct sk_error *err);

/*
 * Takes the lock byte of this process's run, which holds it until it ends (sikka-life(7), Runs). Before its first row.
 */
int sk_session_start_run(struct sk_session *session, struct sk_error *err);

/*
 * Takes the lock of an office, so that no other process renews its request key, which would write the office back.
 * *number is what sk_lock_release wants. 0; -1: the office isn't known (the exit code unknown), or another process has
 * the lock (75).
 */
int sk_session_lock_office(struct sk_session *session, const char *office_id, enum sk_exit unknown,
    int64_t *number, struct sk_error *err);

/*
 * Whether the server's time has turned out to be far ahead of what was known of it, and the moments that
 * were noted by that are still to be mended (store/moments). Not on an older copy.
 */
bool sk_session_has_jumped(const struct sk_session *session);

/*
 * Mends them, in the open transaction: before anything is written that follows from how much time has
 * passed. After the commit the caller says so by sk_session_mended. 0 or -1.
 */
int sk_session_mend(struct sk_session *session, struct sk_error *err);
void sk_session_mended(struct sk_session *session);

/* The task has succeeded, and this process goes on: that is written now, in a commit of its own. */
int sk_session_beat(struct sk_session *session, enum sk_task task, struct sk_error *err);

/* Ends the run and writes the pulse, in one commit; none if there is neither. */
void sk_session_close(struct sk_session *session);

#endif
