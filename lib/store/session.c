/* SPDX-License-Identifier: MIT */
/*
 * store: opens settings, state file and lock file for a command, and starts and ends its run.
 */
#include "store/session.h"

#include <string.h>

#include "base/out.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/runs.h"
#include "store/writebacks.h"

int
sk_session_open(struct sk_session *session, const struct sk_common *common, enum sk_store_open how,
    struct sk_error *err)
{
	memset(session, 0, sizeof(*session));
	session->common = common;
	if (sk_config_load(&session->config, common->db, err) != 0)
		return -1;
	if (sk_store_open(session->config.db, how, &session->store, err) != 0)
		return -1;
	if (how == SK_STORE_READ)
		return 0;
	if (sk_stop_init() != 0)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no pipe for signals");
	return sk_lock_open(session->config.db, &session->lock, err);
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

void
sk_session_close(struct sk_session *session)
{
	struct sk_error ignored = {0};

	if (session->run != 0) {
		if (sk_store_run_end(session->store, session->run, sk_time_now(), &ignored) != 0)
			sk_out_verbose("the end of run %lld wasn't noted: %s",
			    (long long)session->run, ignored.text);
		sk_lock_release(session->lock, SK_LOCK_RUN, session->run);
	}
	sk_lock_free(session->lock);
	sk_store_free(session->store);
	sk_config_fini(&session->config);
	memset(session, 0, sizeof(*session));
}
