/* SPDX-License-Identifier: MIT */
/*
 * store: opens settings, state file and lock file for a command, and starts and ends its run.
 */
#include "store/session.h"

#include <string.h>

#include "base/out.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/moments.h"
#include "store/runs.h"
#include "store/writebacks.h"

#define PATIENCE (2 * SK_SECOND) /* with others that write, when the session is closed */

/*
 * Not by a guessed clock: one that is behind, as after a boot without a network, would see each moment
 * ahead. If it can't be written, what needs writing tells why.
 */
static void
mend_moments(struct sk_session *session)
{
	struct sk_error ignored = {0};
	bool mended = false;

	if (!session->pulse.clock.is_known || session->common->dry_run)
		return;
	if (sk_store_moments_mend(session->store, sk_time_now(), &mended, &ignored) != 0)
		sk_out_verbose("moments ahead of the clock stay as they are: %s", ignored.text);
	else if (mended)
		sk_out_verbose("moments that lay ahead of the clock are set to now");
}

int
sk_session_open(struct sk_session *session, const struct sk_common *common, enum sk_store_open how,
    struct sk_error *err)
{
	memset(session, 0, sizeof(*session));
	session->common = common;
	if (sk_config_load(&session->config, common->db, err) != 0)
		return -1;
	if (sk_store_open(session->config.db, how, &session->store, err) != 0 ||
	    sk_pulse_begin(&session->pulse, session->store, err) != 0)
		return -1;
	if (how == SK_STORE_READ)
		return 0;
	if (sk_stop_init() != 0)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no pipe for signals");
	if (sk_lock_open(session->config.db, &session->lock, err) != 0)
		return -1;
	mend_moments(session);
	return 0;
}

int
sk_session_start_run(struct sk_session *session, struct sk_error *err)
{
	int64_t run;

	if (sk_store_run(session->store, &run, err) != 0)
		return -1;
	if (sk_lock_try(session->lock, SK_LOCK_RUN, run, err) != 1)
		return sk_error_set(err, SK_EXIT_BUG, "run %lld is locked by another process",
		    (long long)run);
	session->run = run;
	return 0;
}

int
sk_session_is_behind(struct sk_session *session, struct sk_error *err)
{
	int64_t highest, journaled;

	if (sk_lock_highest_row(session->lock, &highest, err) != 0 ||
	    sk_store_writebacks_highest(session->store, &journaled, err) != 0)
		return -1;
	return journaled < highest;
}

int
sk_session_guard(struct sk_session *session, struct sk_error *err)
{
	switch (sk_session_is_behind(session, err)) {
	case 0:
		return 0;
	case 1:
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "%s is an older copy of the state file, and requests that it doesn't contain "
		    "may have been sent: nothing is sent before sikka-sweep --after-restore",
		    session->config.db);
	default:
		return -1;
	}
}

static int
write_pulse(struct sk_session *session, struct sk_error *err)
{
	if (sk_pulse_write(&session->pulse, session->store, err) == 0)
		return sk_store_commit(session->store, err);
	sk_store_rollback(session->store);
	return -1;
}

int
sk_session_beat(struct sk_session *session, enum sk_task task, struct sk_error *err)
{
	sk_pulse_beat(&session->pulse, task);
	if (sk_store_begin(session->store, err) != 0)
		return -1;
	return write_pulse(session, err);
}

/* 0; -1: nothing is written. */
static int
write_end(struct sk_session *session, struct sk_error *err)
{
	struct sk_store *store = session->store;
	int begun;

	if (session->run == 0 &&
	    (session->common->dry_run || !sk_pulse_has_news(&session->pulse, store)))
		return 0;
	sk_store_rollback(store);
	begun = session->run != 0 ? sk_store_begin(store, err) == 0
				  : sk_store_try_begin(store, PATIENCE, err);
	if (begun != 1)
		return begun == 0 && err->code == 0
		    ? sk_error_set(err, SK_EXIT_TRY_LATER, "another process writes")
		    : -1;
	if (session->run != 0 && sk_store_run_end(store, session->run, sk_time_now(), err) != 0) {
		sk_store_rollback(store);
		return -1;
	}
	return write_pulse(session, err);
}

void
sk_session_close(struct sk_session *session)
{
	struct sk_error ignored = {0};

	/* Without a lock it was opened for reading, or never. */
	if (session->lock != NULL && write_end(session, &ignored) != 0)
		sk_out_verbose("the end of this command wasn't noted: %s", ignored.text);
	if (session->run != 0)
		sk_lock_release(session->lock, SK_LOCK_RUN, session->run);
	sk_lock_free(session->lock);
	sk_store_free(session->store);
	sk_config_fini(&session->config);
	memset(session, 0, sizeof(*session));
}
