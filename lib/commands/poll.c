/* SPDX-License-Identifier: MIT */
/*
 * poll: follows rows to their end. A server that can't be reached is no end: the rows stay pending
 * and are checked later; a state file that can't be used ends the command.
 */
#include "commands/poll.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/options.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/time.h"
#include "store/untold.h"
#include "life/check.h"
#include "life/ledger.h"
#include "commands/poll_parts.h"

#define NOT_WITHIN (5 * SK_SECOND) /* rows checked more recently than this are left out of a pass */
#define DISCOVER (2 * SK_SECOND)   /* --follow: how often new rows are searched for */
#define AFTER_TROUBLE (10 * SK_SECOND)
#define BEAT SK_MINUTE /* --follow: how often its success is noted */

struct sk_poll *
sk_poll_new(struct sk_pool *pool, const struct sk_poll_options *options)
{
	struct sk_poll *poll = sk_mem_zero(1, sizeof(*poll));

	poll->pool = pool;
	poll->options = *options;
	poll->feed = (struct sk_feed){.session = sk_pool_session(pool),
	    .with_body = options->with_body,
	    .is_late = options->tell != NULL};
	sk_watches_init(&poll->watches, sk_pool_session(pool)->store, options->every);
	if (options->input >= 0)
		poll->input = sk_poll_input_new(options->input);
	return poll;
}

void
sk_poll_free(struct sk_poll *poll)
{
	if (poll == NULL)
		return;
	sk_watches_fini(&poll->watches);
	sk_feed_fini(&poll->feed);
	sk_poll_input_free(poll->input);
	free(poll);
}

void
sk_poll_watch(struct sk_poll *poll, int64_t id, const struct sk_asked *asked)
{
	int at_once = poll->options.wait != SK_POLL_TO_THE_END;

	sk_watches_add(&poll->watches, id, asked, at_once ? 0 : -1);
}

/* At most SK_POLL_MOST rows that nobody has checked within that time (ms). n 0: of all rows. */
static struct sk_claim
claim_of(const int64_t *ids, size_t n, int64_t not_within)
{
	int64_t now = sk_time_now();

	return (struct sk_claim){.ids = ids,
	    .n = n,
	    .checked_before = now - not_within + 1,
	    .now = now,
	    .most = SK_POLL_MOST};
}

/* Claims rows, checks them, and hands them to the caller. by_status: as in struct sk_check. */
static int
look_at(struct sk_poll *poll, const struct sk_claim *claim, bool by_status, sk_changed_fn *changed,
    struct sk_writeback **rows, size_t *n_rows)
{
	struct sk_session *session = sk_pool_session(poll->pool);
	const struct sk_common *common = session->common;
	struct sk_filter filter = {.offices = common->offices, .n_offices = common->n_offices};
	struct sk_check check = {.session = session,
	    .pool = poll->pool,
	    .changed = changed,
	    .listed = sk_poll_list_take,
	    .by_status = by_status || sk_poll_list_is_barred(poll),
	    .is_waited_for = poll->options.follow || poll->options.wait > 0,
	    .arg = poll};
	int64_t *claimed = NULL;
	struct sk_error err = {0};
	int result = -1;

	*rows = NULL;
	*n_rows = 0;
	if (sk_poll_is_copy(poll))
		return -1;
	if (sk_store_writebacks_claim(session->store, claim, &claimed, &filter.n_ids, &err) != 0)
		goto out;
	filter.ids = claimed;
	if (filter.n_ids > 0 &&
	    sk_store_writebacks(session->store, &filter, rows, n_rows, &err) != 0)
		goto out;
	/* Also without rows: a list may be due. */
	if (sk_check(&check, *rows, *n_rows, &err) != 0)
		goto out;
	result = 0;
out:
	if (result != 0)
		sk_poll_note_trouble(poll, &err);
	free(claimed);
	return result;
}

/* --- one pass -------------------------------------------------------------------------------- */

static void
tell_changed(void *arg, const struct sk_writeback *row)
{
	struct sk_poll *poll = arg;

	if (!sk_options_wants_office(sk_pool_session(poll->pool)->common, row->office_id))
		return;
	if (row->result != SK_PENDING)
		poll->exit = sk_exit_worse(poll->exit, sk_ledger_exit(row));
	if (!poll->options.all)
		sk_poll_tell_row(poll, row, NULL);
}

static bool
is_due_for_a_look(const struct sk_writeback *row, size_t at, const void *arg)
{
	(void)at;
	(void)arg;
	return sk_time_now() - row->looked_at >= SK_LIFE_LOOK;
}

/* Checks rows that were withdrawn but may have been carried out all the same. */
static void
look_after_withdrawals(struct sk_poll *poll)
{
	const struct sk_filter filter = {.looks_due_since = sk_time_now() - SK_LIFE_FORGETS,
	    .most = SK_POLL_MOST};
	struct sk_check check = {.session = sk_pool_session(poll->pool),
	    .pool = poll->pool,
	    .changed = tell_changed,
	    .arg = poll};
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n, due;

	if (sk_poll_is_copy(poll))
		return;
	if (sk_store_writebacks(check.session->store, &filter, &rows, &n, &err) != 0) {
		sk_poll_note_trouble(poll, &err);
		return;
	}
	due = sk_writebacks_partition(rows, n, is_due_for_a_look, NULL);
	if (due > 0 && sk_check(&check, rows, due, &err) != 0)
		sk_poll_note_trouble(poll, &err);
	sk_writebacks_free(rows, n);
}

/*
 * What settling by the list has changed is in the journal, but not yet in the row that was handed
 * to the check.
 */
static void
refresh(struct sk_poll *poll, struct sk_writeback *row)
{
	struct sk_writeback now_there = {0};
	struct sk_error err = {0};

	switch (
	    sk_store_writeback_get(sk_pool_session(poll->pool)->store, row->id, &now_there, &err)) {
	case 1:
		sk_writeback_fini(row);
		*row = now_there;
		break;
	case 0:
		break;
	default:
		sk_poll_note_trouble(poll, &err);
	}
}

static void
pass_over_all(struct sk_poll *poll)
{
	const struct sk_claim claim = claim_of(NULL, 0, NOT_WITHIN);
	struct sk_writeback *rows;
	size_t n;

	sk_poll_tell_left(poll);
	look_at(poll, &claim, false, tell_changed, &rows, &n);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].result == SK_UNKNOWN)
			refresh(poll, &rows[i]);
		if (poll->options.all)
			sk_poll_tell_row(poll, &rows[i], NULL);
		if (rows[i].result == SK_UNKNOWN)
			poll->exit = sk_exit_worse(poll->exit, SK_EXIT_UNKNOWN);
	}
	sk_writebacks_free(rows, n);
	if (poll->fatal.code == 0 && !sk_stop_asked())
		look_after_withdrawals(poll);
	sk_poll_tell_left(poll);
}

/* --- watching -------------------------------------------------------------------------------- */

/*
 * During a check: a row whose end is recorded is told at once. The check may go on for minutes, with a tight
 * limit. With --follow so is each other change; else sk_poll_take_stock_of does what is left.
 */
void
sk_poll_tell_known(void *arg, const struct sk_writeback *row)
{
	struct sk_poll *poll = arg;
	struct sk_watch *watch = sk_watches_find(&poll->watches, row->id);

	if (watch != NULL &&
	    (sk_watch_is_over(row) || (poll->options.follow && !poll->options.all)))
		sk_poll_take_stock(poll, watch, row, 0);
}

void
sk_poll_look_at(struct sk_poll *poll, const int64_t *ids, size_t n, bool by_status, bool is_last)
{
	struct sk_claim claim = claim_of(ids, n, SK_SECOND);
	struct sk_writeback *rows;
	size_t n_rows;
	bool failed = look_at(poll, &claim, by_status, sk_poll_tell_known, &rows, &n_rows) != 0;

	sk_writebacks_free(rows, n_rows);
	for (size_t i = 0; i < n && poll->fatal.code == 0; i++)
		sk_poll_take_stock_of(poll, ids[i], is_last,
		    failed ? sk_time_monotonic() + AFTER_TROUBLE : 0);
	sk_poll_settle(poll, false);
}

static void
look_at_due(struct sk_poll *poll, enum sk_watches_which which)
{
	int64_t *ids;
	size_t n = sk_watches_due(&poll->watches, which, SK_POLL_MOST, &ids);

	if (n > 0)
		sk_poll_look_at(poll, ids, n, which == SK_WATCHES_DUE_UNLISTED,
		    which == SK_WATCHES_ALL);
	free(ids);
}

static int
watch_all_living(struct sk_poll *poll, int64_t due)
{
	const struct sk_common *common = sk_pool_session(poll->pool)->common;
	int64_t *ids;
	size_t n;

	poll->discovered_at = sk_time_monotonic();
	if (sk_poll_is_copy(poll))
		return -1;
	if (sk_store_writebacks_open(sk_pool_session(poll->pool)->store, common->offices,
		common->n_offices, &ids, &n, &poll->fatal) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		/* --follow tells of what it has seen open: a row that waits for a person, or has ended meanwhile, isn't. */
		if (poll->options.follow)
			sk_watches_add_living(&poll->watches, ids[i], due);
		else if (sk_watches_find(&poll->watches, ids[i]) == NULL)
			sk_watches_add(&poll->watches, ids[i], NULL, due);
	free(ids);
	return 0;
}

static void
end_input(struct sk_poll *poll)
{
	sk_poll_input_free(poll->input);
	poll->input = NULL;
}

/* What can't be read isn't at its end: what it has named is followed, and the exit code says that there was more. */
static void
give_up_input(struct sk_poll *poll, const struct sk_error *why)
{
	if (why->code == SK_EXIT_NO_INPUT)
		sk_out_tell("%s", why->text);
	else
		poll->fatal = *why;
	poll->exit = sk_exit_worse(poll->exit, why->code);
	end_input(poll);
}

/* Reads records from the input: each is passed on, or its row is watched. */
static void
take_input(struct sk_poll *poll)
{
	struct sk_input_record record;
	struct sk_error err = {0};

	if (sk_poll_input_fill(poll->input, &err) != 0) {
		give_up_input(poll, &err);
		return;
	}
	while (sk_poll_input_next(poll->input, &record)) {
		if (record.watch != 0)
			sk_poll_watch(poll, record.watch, &record.asked);
		else if (record.value != NULL)
			sk_out_record(record.value, &poll->fatal);
		poll->exit = sk_exit_worse(poll->exit, record.exit);
		json_decref(record.value);
	}
	if (sk_poll_input_at_end(poll->input))
		end_input(poll);
}

static int64_t
time_left(const struct sk_poll *poll)
{
	int64_t now = sk_time_monotonic(), next = sk_watches_next(&poll->watches, now + SK_MINUTE);

	next = sk_poll_list_next(poll, next);
	if (poll->end != 0 && poll->end < next)
		next = poll->end;
	if (poll->options.follow && poll->discovered_at + DISCOVER < next)
		next = poll->discovered_at + DISCOVER;
	if (poll->options.follow && poll->beaten_at + BEAT < next)
		next = poll->beaten_at + BEAT;
	return next > now ? next - now : 0;
}

static bool
must_end(const struct sk_poll *poll)
{
	if (poll->fatal.code != 0 || (poll->options.follow && sk_out_is_closed()))
		return true;
	return !poll->options.follow && poll->input == NULL && poll->watches.n == 0;
}

/* --follow lives for days: that all goes well is noted as it goes. */
static void
beat(struct sk_poll *poll)
{
	struct sk_error err = {0};
	bool was_troubled = poll->is_troubled;

	if (!poll->options.follow || sk_time_monotonic() < poll->beaten_at + BEAT)
		return;
	poll->beaten_at = sk_time_monotonic();
	poll->is_troubled = false;
	if (!was_troubled && sk_session_beat(sk_pool_session(poll->pool), SK_TASK_POLL, &err) != 0)
		sk_poll_note_trouble(poll, &err);
}

/* A list may be due although nothing is watched. */
static void
give_list_its_turn(struct sk_poll *poll)
{
	struct sk_check check = {.session = sk_pool_session(poll->pool),
	    .pool = poll->pool,
	    .listed = sk_poll_list_take,
	    .arg = poll};
	struct sk_error err = {0};

	if (sk_check(&check, NULL, 0, &err) != 0)
		sk_poll_note_trouble(poll, &err);
}

/* --follow: every now and then. false: the state file can't be used. */
static bool
discover(struct sk_poll *poll)
{
	if (!poll->options.follow || sk_time_monotonic() < poll->discovered_at + DISCOVER)
		return true;
	if (watch_all_living(poll, -1) != 0)
		return false;
	give_list_its_turn(poll);
	sk_poll_tell_left(poll);
	return poll->fatal.code == 0;
}

/* Between two checks nothing is asked: the practices are to carry out what was sent. */
static void
show_wait(const struct sk_poll *poll)
{
	int64_t never = sk_time_monotonic() + SK_DAY;
	int64_t next = sk_watches_next(&poll->watches, never);

	if (poll->lists.due != 0 && poll->lists.due < next)
		next = poll->lists.due;
	sk_progress_count(poll->n_over, poll->n_over + poll->watches.n);
	if (next < never)
		sk_progress_waits("the practice hasn't answered yet; next look", next);
	else
		sk_progress_waits(poll->options.follow ? "for new requests" : NULL, 0);
}

static void
watch_until_end(struct sk_poll *poll)
{
	poll->beaten_at = sk_time_monotonic();
	while (!must_end(poll) && !sk_stop_asked()) {
		int fd = poll->input != NULL ? sk_poll_input_fd(poll->input) : -1;

		sk_poll_list_plan(poll);
		show_wait(poll);
		if (sk_pool_turn(poll->pool, time_left(poll), fd) && poll->input != NULL)
			take_input(poll);
		if (poll->end != 0 && sk_time_monotonic() >= poll->end) {
			/*
			 * Checked once more when the time is up, so that a row which has ended
			 * meanwhile isn't printed as pending.
			 */
			if (!poll->options.follow)
				look_at_due(poll, SK_WATCHES_ALL);
			return;
		}
		if (!discover(poll))
			return;
		sk_poll_list_look(poll);
		look_at_due(poll, SK_WATCHES_DUE_UNLISTED);
		look_at_due(poll, SK_WATCHES_DUE);
		beat(poll);
	}
}

static enum sk_exit
finish(struct sk_poll *poll, struct sk_error *err)
{
	int living = (int)poll->watches.n;

	if (poll->fatal.code != 0) {
		*err = poll->fatal;
		return sk_exit_worse(poll->exit, err->code);
	}
	if (sk_stop_asked()) {
		if (poll->options.follow && living > 0)
			sk_out_warn("stopped by a signal; %d requests haven't ended: the next "
				    "sikka-poll goes on with them",
			    living);
		if (poll->options.follow)
			return SK_EXIT_OK;
		sk_error_set(err, SK_EXIT_TRY_LATER,
		    "stopped by a signal; %d requests are still being followed: the same command, "
		    "or sikka-poll --wait, goes on",
		    living);
		return sk_exit_worse(poll->exit, err->code);
	}
	if (poll->options.follow)
		return poll->exit;
	if (poll->options.wait == SK_POLL_ONE_PASS && poll->trouble.code != 0) {
		*err = poll->trouble;
		return sk_exit_worse(poll->exit, err->code);
	}
	/* If the wait ended while the server couldn't be asked, err says why. */
	if (poll->exit == SK_EXIT_PENDING && poll->trouble.code != 0)
		*err = poll->trouble;
	return poll->exit;
}

/* Reads the input to its end, then checks once each row that was named, or all open rows. */
static void
look_once(struct sk_poll *poll, int is_named)
{
	if (!is_named && watch_all_living(poll, 0) != 0)
		return;
	while (poll->input != NULL && !sk_stop_asked())
		if (sk_pool_turn(poll->pool, SK_MINUTE, sk_poll_input_fd(poll->input)))
			take_input(poll);
	if (poll->fatal.code == 0)
		look_at_due(poll, SK_WATCHES_ALL);
}

/*
 * --wait and --follow, for at most span ms. If no rows were named, all open rows are
 * followed.
 */
static void
watch_for(struct sk_poll *poll, int is_named, int64_t span)
{
	int at_once = poll->options.wait != SK_POLL_TO_THE_END || poll->options.follow;

	if (!is_named && watch_all_living(poll, at_once ? 0 : -1) != 0)
		return;
	if (span != SK_POLL_TO_THE_END)
		poll->end = sk_time_monotonic() + span;
	sk_progress_begin("requests", poll->options.follow ? "following" : "waiting");
	watch_until_end(poll);
	sk_progress_end();
}

bool
sk_poll_went_well(const struct sk_poll *poll)
{
	return !poll->is_troubled && poll->fatal.code == 0 &&
	    (poll->options.follow || !sk_stop_asked());
}

void
sk_poll_tell_rest(struct sk_poll *poll)
{
	for (size_t i = poll->watches.n; i-- > 0;)
		sk_poll_take_stock_of(poll, poll->watches.watch[i].id, 1, 0);
}

void
sk_poll_end(struct sk_poll *poll, struct sk_error *err)
{
	bool was_sound = poll->fatal.code == 0;

	sk_poll_settle(poll, true);
	if (was_sound && poll->fatal.code != 0 && err->code == 0)
		*err = poll->fatal;
	sk_untold_end(sk_pool_session(poll->pool));
}

enum sk_exit
sk_poll_run(struct sk_poll *poll, struct sk_error *err)
{
	int is_named = poll->options.only_named || poll->watches.n > 0 || poll->input != NULL;

	if (sk_untold_begin(sk_pool_session(poll->pool), err) != 0)
		return err->code;
	if (!is_named && (poll->options.follow || poll->options.wait != SK_POLL_ONE_PASS))
		sk_poll_tell_left(poll);
	if (poll->options.follow)
		watch_for(poll, is_named,
		    poll->options.last != 0 ? poll->options.last : SK_POLL_TO_THE_END);
	else if (poll->options.wait > 0)
		watch_for(poll, is_named, poll->options.wait);
	else if (is_named || poll->options.wait == 0)
		look_once(poll, is_named);
	else
		pass_over_all(poll);
	return finish(poll, err);
}
