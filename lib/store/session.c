/* SPDX-License-Identifier: MIT */
/*
 * store: opens settings, state file and lock file for a command, and starts and ends its run.
 */
#include "store/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/out.h"
#include "base/progress.h"
#include "base/place.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/moments.h"
#include "store/offices.h"
#include "store/pair.h"
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

	if (!session->pulse.clock.is_known || session->copy != SK_COPY_NONE)
		return;
	if (sk_store_moments_mend(session->store, sk_time_now(), &mended, &ignored) != 0)
		sk_out_verbose("moments ahead of the clock stay as they are: %s", ignored.text);
	else if (mended)
		sk_out_verbose("moments that lay ahead of the clock are set to now");
}

/*
 * From here on the state file has the name to which the configured one leads, so that all that lies
 * beside it is found there, whatever name the other processes use, and also when a link changes.
 */
static void
find_place(struct sk_session *session)
{
	char *real = sk_place_real(session->config.db);

	free(session->config.db);
	session->config.db = real;
}

static int
load(struct sk_session *session, const struct sk_common *common, struct sk_error *err)
{
	memset(session, 0, sizeof(*session));
	session->common = common;
	if (sk_config_load(&session->config, common->db, err) != 0)
		return -1;
	if (!common->has_format)
		sk_config_choose_format(&session->config);
	find_place(session);
	return 0;
}

/* Before the state file is read: whoever only reads doesn't create the lock file. */
static int
read_twin(struct sk_session *session, struct sk_error *err)
{
	struct sk_lock *lock;
	int found = sk_lock_open_to_read(session->config.db, &lock, err);

	session->twin.earlier_row = -1;
	if (found > 0)
		found = sk_twin_read(lock, &session->twin, err);
	sk_lock_free(lock);
	return found < 0 ? -1 : 0;
}

static int
open_to_read(struct sk_session *session, enum sk_store_open how, struct sk_error *err)
{
	if (read_twin(session, err) != 0 ||
	    sk_store_open(session->config.db, how, &session->store, err) != 0 ||
	    sk_pulse_begin(&session->pulse, session->store, err) != 0)
		return -1;
	return sk_copy_look(session, err);
}

/* That the event of a copy can't be made, on a full disk, keeps nobody from reading. */
static int
meet(struct sk_session *session, struct sk_error *err)
{
	struct sk_error why = {0};

	if (sk_copy_look(session, err) != 0)
		return -1;
	if (sk_pair_meet(session, &why) == 0)
		return 0;
	if (session->copy == SK_COPY_NONE)
		return sk_error_set(err, why.code, "%s", why.text);
	sk_out_verbose("that this is an older copy wasn't noted: %s", why.text);
	return 0;
}

static int
fail_to_begin(const struct sk_session *session, int error, struct sk_error *err)
{
	char hint[SK_PLACE_HINT];

	return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no pipe for signals: %s%s", strerror(error),
	    sk_place_hint(session->config.db, error, hint));
}

static int
open_lock(struct sk_session *session, struct sk_error *err)
{
	if (session->lock != NULL)
		return 0;
	return session->rehearses
	    ? sk_lock_open_to_rehearse(session->config.db, &session->lock, err)
	    : sk_lock_open(session->config.db, &session->lock, err);
}

static int
open_to_write(struct sk_session *session, struct sk_error *err)
{
	if (sk_pulse_begin(&session->pulse, session->store, err) != 0)
		return -1;
	session->pulse.has_many_boots = session->config.has_many_boots;
	if (sk_stop_init() != 0)
		return fail_to_begin(session, errno, err);
	if (open_lock(session, err) != 0)
		return -1;
	if (meet(session, err) != 0)
		return -1;
	mend_moments(session);
	return 0;
}

static int
open_as(struct sk_session *session, const struct sk_common *common, enum sk_store_open how,
    struct sk_error *err)
{
	if (load(session, common, err) != 0)
		return -1;
	if (how == SK_STORE_READ)
		return open_to_read(session, how, err);
	session->rehearses = how == SK_STORE_REHEARSE;
	if (sk_store_open(session->config.db, how, &session->store, err) != 0)
		return -1;
	return open_to_write(session, err);
}

int
sk_session_look(struct sk_session *session, const struct sk_common *common,
    struct sk_config *config, struct sk_error *err)
{
	memset(session, 0, sizeof(*session));
	session->common = common;
	session->config = *config;
	memset(config, 0, sizeof(*config));
	find_place(session);
	return open_to_read(session, SK_STORE_LOOK, err);
}

int
sk_session_open(struct sk_session *session, const struct sk_common *common, enum sk_store_open how,
    struct sk_error *err)
{
	int result;

	/* Another process may write to it for a while. */
	sk_progress_begin(NULL, "opening the state file");
	result = open_as(session, common, how, err);
	sk_progress_end();
	return result;
}

/* Whether the lock file has seen writes of a state file. */
static bool
has_counted(const struct sk_twin *twin)
{
	return twin->is_there ? twin->count > 0 : twin->earlier_row > 0;
}

/*
 * 1; 0 it is missing or empty; -1. Its size doesn't tell: one that a crash has left half begun is empty
 * when its journal has been rolled back.
 */
static int
is_begun(const struct sk_session *session, struct sk_error *err)
{
	struct sk_store *store;
	int found;

	if (sk_store_open(session->config.db, SK_STORE_READ, &store, err) != 0)
		return -1;
	found = store != NULL;
	sk_store_free(store);
	return found;
}

/*
 * With the byte of the section, since another process may be doing the same. A lock file that has
 * counted keeps what it says, and the new state file gets a pair of its own: it then is an older copy,
 * since it may stand for a file that is lost. The lock file comes first: were the state file there
 * without it, a crash in between would leave one that has no twin.
 */
static int
begin_file(struct sk_session *session, struct sk_error *err)
{
	struct sk_twin *twin = &session->section.twin;
	int64_t pair = twin->pair;
	int begun = is_begun(session, err);

	if (begun < 0)
		return -1;
	if (begun)
		return sk_store_open(session->config.db, SK_STORE_WRITE, &session->store, err);
	if (!twin->is_there || twin->count > 0)
		if (sk_twin_random(&pair, err) != 0)
			return -1;
	if (!twin->is_there && !has_counted(twin)) {
		twin->pair = pair;
		if (sk_twin_write(session->lock, twin, err) != 0)
			return -1;
	}
	if (sk_store_create(session->config.db, pair, &session->store, err) != 0)
		return -1;
	sk_out_tell("began the state file %s", session->config.db);
	return 0;
}

static int
enter(struct sk_session *session, struct sk_error *err)
{
	int64_t retry_in = 0;
	int entered;

	while ((entered = sk_section_try(session, &retry_in, err)) == 0) {
		struct timespec nap = {0, (long)retry_in * 1000000};

		sk_progress_draw("another process is about to send", 0);
		nanosleep(&nap, NULL);
	}
	return entered > 0 ? 0 : -1;
}

static int
open_or_begin(struct sk_session *session, const struct sk_common *common, struct sk_error *err)
{
	int begun, result;

	if (load(session, common, err) != 0 || sk_store_make_folder(session->config.db, err) != 0)
		return -1;
	find_place(session); /* the folder may be new */
	begun = is_begun(session, err);
	if (begun < 0)
		return -1;
	if (begun) {
		result = sk_store_open(session->config.db, SK_STORE_WRITE, &session->store, err);
	} else {
		if (sk_lock_open(session->config.db, &session->lock, err) != 0 ||
		    enter(session, err) != 0)
			return -1;
		result = begin_file(session, err);
		sk_section_leave(session);
	}
	return result == 0 ? open_to_write(session, err) : -1;
}

int
sk_session_open_or_begin(struct sk_session *session, const struct sk_common *common,
    struct sk_error *err)
{
	int result;

	sk_progress_begin(NULL, "opening the state file");
	result = open_or_begin(session, common, err);
	sk_progress_end();
	return result;
}

int
sk_session_need_store(const struct sk_session *session, struct sk_error *err)
{
	return session->store != NULL ? 0 : sk_store_misses(session->config.db, err);
}

int
sk_session_start_run(struct sk_session *session, struct sk_error *err)
{
	int64_t run;
	int taken;

	if (sk_store_run(session->store, &run, err) != 0)
		return -1;
	taken = sk_lock_try(session->lock, SK_LOCK_RUN, run, err);
	/* The number of a rehearsal is one of its copy: another process may have taken the same one since. */
	if (taken != 1 && !(taken == 0 && session->rehearses))
		return sk_error_set(err, SK_EXIT_BUG, "run %lld is locked by another process",
		    (long long)run);
	session->run = run;
	return 0;
}

int
sk_session_lock_office(struct sk_session *session, const char *office_id, enum sk_exit unknown,
    int64_t *number, struct sk_error *err)
{
	struct sk_office office = {0};
	int found = sk_store_office_get(session->store, office_id, &office, err), taken;

	*number = office.number;
	sk_office_fini(&office);
	if (found < 0)
		return -1;
	if (found == 0)
		return sk_error_set(err, unknown,
		    "office %s isn't known here: sikka-token list shows those that are", office_id);
	taken = sk_lock_try(session->lock, SK_LOCK_OFFICE, *number, err);
	if (taken == 0)
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "another process is renewing the request key of %s: run the command again when "
		    "it has ended",
		    office_id);
	return taken == 1 ? 0 : -1;
}

bool
sk_session_has_jumped(const struct sk_session *session)
{
	return session->pulse.has_jumped && session->copy == SK_COPY_NONE && session->lock != NULL;
}

int
sk_session_mend(struct sk_session *session, struct sk_error *err)
{
	if (!sk_session_has_jumped(session))
		return 0;
	return sk_store_moments_delay(session->store, sk_time_now(), err);
}

void
sk_session_mended(struct sk_session *session)
{
	if (sk_session_has_jumped(session))
		session->pulse.has_jumped = false;
}

/* The corrected clock, and what it has left, in one commit: the next process won't see it jump. */
static int
write_pulse(struct sk_session *session, struct sk_error *err)
{
	if (sk_session_mend(session, err) != 0 ||
	    sk_pulse_write(&session->pulse, session->store, err) != 0) {
		sk_store_rollback(session->store);
		return -1;
	}
	if (sk_store_commit(session->store, err) != 0)
		return -1;
	sk_session_mended(session);
	return 0;
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

	if (session->rehearses || (session->run == 0 && !sk_pulse_has_news(&session->pulse, store)))
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
	if (session->lock != NULL && session->store != NULL && write_end(session, &ignored) != 0)
		sk_out_verbose("the end of this command wasn't noted: %s", ignored.text);
	if (session->run != 0)
		sk_lock_release(session->lock, SK_LOCK_RUN, session->run);
	sk_section_leave(session);
	sk_lock_free(session->lock);
	sk_store_free(session->store);
	sk_config_fini(&session->config);
	memset(session, 0, sizeof(*session));
}
