/* SPDX-License-Identifier: MIT */
/*
 * ledger: the rows of runs. Those of a run that has died are turned over; a run that lives, and of which
 * nothing moves, is reported.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/out.h"
#include "base/time.h"
#include "store/event.h"
#include "store/pauses.h"
#include "store/runs.h"
#include "life/ledger.h"

#define STALLED (10 * SK_MINUTE)

/*
 * What waits may do so for the limit, while others of the run leave: so those that have left count as well,
 * though they aren't open any more.
 */
static int
report_stalled(struct sk_session *session, const struct sk_writeback *rows, size_t n, int64_t run,
    struct sk_error *err)
{
	int64_t latest = 0, now = sk_time_now();
	int has_sent;
	char text[120];
	const struct sk_event_once stalled = {.kind = SK_EVENT_RUN_STALLED,
	    .within = SK_HOUR,
	    .text = text};

	for (size_t i = 0; i < n; i++) {
		int64_t moved = rows[i].submitted_at > rows[i].queued_at ? rows[i].submitted_at
									 : rows[i].queued_at;

		/* It waits since a person wants it to. */
		if (rows[i].result == SK_QUEUED &&
		    sk_store_paused(session->store, rows[i].office_id, err) == 1)
			continue;
		latest = moved > latest ? moved : latest;
	}
	if (latest == 0 || now - latest < STALLED)
		return 0;
	has_sent = sk_store_run_has_sent(session->store, run, now - STALLED, err);
	if (has_sent != 0)
		return has_sent < 0 ? -1 : 0;
	snprintf(text, sizeof(text),
	    "run %lld is still running, but its requests haven't moved for 10 minutes",
	    (long long)run);
	return sk_event_make_once(session->store, &stalled, err);
}

static int
turn_over_run(struct sk_session *session, struct sk_writeback *rows, size_t n, int64_t run,
    struct sk_error *err)
{
	const struct sk_fact died = {.what = SK_RUN_DIED,
	    .note = "the process that had it has ended"};

	if (sk_store_begin(session->store, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (sk_ledger_record(session->store, &rows[i], &died, NULL, err) ==
		    SK_RECORD_ERROR) {
			sk_store_rollback(session->store);
			return -1;
		}
	}
	sk_out_verbose("run %lld has died; %zu of its requests have a new state", (long long)run,
	    n);
	return sk_store_commit(session->store, err);
}

/* The rows are read after the lock was found free: from then on the dead run changes no row. */
static int
look_at_run(struct sk_session *session, int64_t run, struct sk_error *err)
{
	const struct sk_filter open = {.run = &run};
	int held = sk_lock_is_held(session->lock, SK_LOCK_RUN, run, err), result;
	struct sk_writeback *rows;
	size_t n;

	if (held < 0 || sk_store_writebacks(session->store, &open, &rows, &n, err) != 0)
		return -1;
	result = held ? report_stalled(session, rows, n, run, err)
		      : turn_over_run(session, rows, n, run, err);
	sk_writebacks_free(rows, n);
	return result;
}

int
sk_ledger_turn_over(struct sk_session *session, struct sk_error *err)
{
	int64_t *runs;
	size_t n;
	int result = 0;

	/*
	 * In an older copy of the state file a queued row of a dead run says nothing: it may have
	 * been sent since the copy was made.
	 */
	if (sk_copy_look(session, err) != 0)
		return -1;
	if (session->copy != SK_COPY_NONE)
		return 0;
	if (sk_store_runs_open(session->store, &runs, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++)
		result = look_at_run(session, runs[i], err);
	free(runs);
	return result;
}
