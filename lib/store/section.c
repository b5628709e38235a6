/* SPDX-License-Identifier: MIT */
/*
 * section: the byte, the count and the lock file, in the one order that is right. When anything fails,
 * nothing may leave: the caller gets -1 and the byte is released by sk_section_leave or _end.
 */
#include "store/section.h"

#include <time.h>

#include "base/out.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/lists.h"
#include "store/session.h"
#include "store/writebacks.h"

#define PATIENCE 50 /* ms for BEGIN */
#define TOLD_AFTER (10 * SK_SECOND)
#define WAIT_MOST (30 * SK_SECOND)
#define PAUSE_LEAST 2 /* ms between two tries */
#define PAUSE_MORE 10

static int64_t
pause_of(void)
{
	return PAUSE_LEAST + sk_time_jitter(PAUSE_MORE);
}

/* Somebody else has the byte. */
static int
be_refused(struct sk_session *session, int64_t *retry_in, struct sk_error *err)
{
	struct sk_section *section = &session->section;
	int64_t waited = sk_patience_refused(&section->byte);
	long holder = sk_lock_holder(session->lock);

	if (waited >= WAIT_MOST)
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "process %ld keeps %s.lock for more than 30 seconds, and nothing is sent "
		    "meanwhile: see what it does (is it stopped?)",
		    holder, session->config.db);
	if (waited < TOLD_AFTER) {
		section->has_told = false;
	} else if (!section->has_told) {
		section->has_told = true;
		sk_out_warn("waiting for process %ld, which has kept %s.lock for 10 seconds",
		    holder, session->config.db);
	}
	*retry_in = pause_of();
	section->not_before = sk_time_monotonic() + *retry_in;
	return 0;
}

/*
 * A file that was put in the place of the one that is open, or of the lock file: whoever writes to the
 * one that nobody finds any more must not send what it says.
 */
static int
check_places(struct sk_session *session, struct sk_error *err)
{
	int lock_is = sk_lock_is_in_place(session->lock, err);

	if (lock_is < 0)
		return -1;
	if (lock_is && (session->store == NULL || sk_store_is_in_place(session->store)))
		return 0;
	return sk_error_set(err, SK_EXIT_TRY_LATER,
	    "%s was replaced while this command had it open: nothing more is sent; run the command "
	    "again",
	    lock_is ? "the state file" : "the lock file of the state file");
}

int
sk_section_try(struct sk_session *session, int64_t *retry_in, struct sk_error *err)
{
	struct sk_section *section = &session->section;
	int64_t now = sk_time_monotonic();
	int taken;

	if (section->is_in)
		return 1;
	if (now < section->not_before) {
		*retry_in = section->not_before - now;
		return 0;
	}
	taken = sk_lock_try(session->lock, SK_LOCK_SECTION, 0, err);
	if (taken == 0)
		return be_refused(session, retry_in, err);
	if (taken < 0)
		return -1;
	section->is_in = true;
	section->has_raised = false;
	sk_patience_end(&section->byte);
	sk_lock_note_holder(session->lock);
	if (check_places(session, err) == 0 &&
	    sk_twin_read(session->lock, &section->twin, err) == 0)
		return 1;
	sk_section_leave(session);
	return -1;
}

void
sk_section_leave(struct sk_session *session)
{
	if (!session->section.is_in)
		return;
	session->section.is_in = false;
	session->section.has_raised = false;
	sk_lock_release(session->lock, SK_LOCK_SECTION, 0);
}

/* The lock file gets no smaller number than it has: a copy must not use what the lost file has used. */
static int
note_numbers(struct sk_session *session, struct sk_error *err)
{
	struct sk_twin *twin = &session->section.twin;
	int64_t row, list;

	if (sk_store_writebacks_highest(session->store, &row, err) != 0 ||
	    sk_store_fact_get(session->store, SK_LISTS_BEGUN, &list, err) != 0)
		return -1;
	if (row > twin->row)
		twin->row = row;
	if (list > twin->list)
		twin->list = list;
	return 0;
}

int
sk_section_raise(struct sk_session *session, enum sk_section_why why, struct sk_error *err)
{
	struct sk_section *section = &session->section;
	struct sk_twin *twin = &section->twin;
	struct sk_store_twin here;

	if (!section->is_in || !sk_store_in_transaction(session->store))
		return sk_error_set(err, SK_EXIT_BUG, "the count is raised outside of a section");
	if (why == SK_SECTION_DEPARTS)
		twin->departed_at = sk_time_now();
	if (section->has_raised)
		return 0;
	if (sk_store_twin_get(session->store, &here, err) != 0)
		return -1;
	/* An earlier version's file got its twin when it was opened: one without is no such file. */
	session->copy = here.pair == 0 ? SK_COPY_ALONE : sk_copy_judge(twin, &here, 0);
	if (sk_copy_look_at_holds(session, err) != 0 || sk_copy_refuse(session, err) != 0)
		return -1;
	/* The state file may be ahead, where a process died between its commit and the lock file. */
	here.count = (here.count > twin->count ? here.count : twin->count) + 1;
	if (sk_twin_random(&here.mark, err) != 0 || note_numbers(session, err) != 0 ||
	    sk_store_twin_put(session->store, &here, err) != 0)
		return -1;
	twin->count = here.count;
	twin->mark = here.mark;
	section->has_raised = true;
	return 0;
}

int
sk_section_write(struct sk_session *session, struct sk_error *err)
{
	struct sk_section *section = &session->section;

	if (!section->has_raised)
		return 0;
	section->has_raised = false;
	return sk_twin_write(session->lock, &section->twin, err);
}

void
sk_section_note_list(struct sk_session *session, int64_t number)
{
	struct sk_section *section = &session->section;

	section->twin.list = number;
	/* Where there is no record, the state file is alone, and nobody is told by a number. */
	section->has_raised = section->twin.is_there;
}

int
sk_section_try_begin(struct sk_session *session, int64_t *retry_in, struct sk_error *err)
{
	struct sk_section *section = &session->section;
	int entered = sk_section_try(session, retry_in, err), begun;

	if (entered <= 0)
		return entered;
	begun = sk_store_try_begin(session->store, PATIENCE, err);
	if (begun > 0) {
		sk_patience_end(&section->journal);
		return 1;
	}
	sk_section_leave(session);
	if (begun < 0)
		return -1;
	if (sk_patience_refused(&section->journal) >= WAIT_MOST)
		return sk_error_set(err, SK_EXIT_TRY_LATER,
		    "%s: another process has been writing to it for more than 30 seconds",
		    session->config.db);
	*retry_in = pause_of();
	return 0;
}

int
sk_section_begin(struct sk_session *session, struct sk_error *err)
{
	for (;;) {
		int64_t retry_in = 0;
		int begun = sk_section_try_begin(session, &retry_in, err);
		struct timespec nap = {0, (long)retry_in * 1000000};

		if (begun != 0)
			return begun > 0 ? 0 : -1;
		if (sk_stop_asked())
			return sk_stop_error(err);
		sk_progress_draw("another process is about to send", 0);
		nanosleep(&nap, NULL);
	}
}

int
sk_section_end(struct sk_session *session, int result, struct sk_error *err)
{
	/* What was inserted since the count was raised. */
	if (result == 0 && session->section.has_raised)
		result = note_numbers(session, err);
	if (result != 0)
		sk_store_rollback(session->store);
	else if (sk_store_commit(session->store, err) != 0 || sk_section_write(session, err) != 0)
		result = -1;
	sk_section_leave(session);
	return result;
}
