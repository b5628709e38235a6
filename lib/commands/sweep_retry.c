/* SPDX-License-Identifier: MIT */
/*
 * sweep: sends again what failed for a reason that passes (--retry), and what a person names (--retry=ID).
 * Whether its key or its content is another row's by now is asked in the commit that queues it. A row that
 * changes meanwhile is left alone.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/time.h"
#include "store/archive.h"
#include "store/pauses.h"
#include "store/served.h"
#include "rules/rules.h"
#include "life/ledger.h"
#include "life/same.h"
#include "commands/send.h"
#include "commands/sweep_parts.h"
#include "commands/taken_over.h"

#define NAMED 5 /* ids in a message */

/* Rows that are to be sent again. */
struct retrying {
	struct sk_sweep *sweep;
	struct sk_writeback *rows;
	size_t n;
	bool are_named; /* by a person */
};

static enum sk_happening
happening_of(bool is_named)
{
	return is_named ? SK_PERSON_RETRIES : SK_RETRIED;
}

/* --- what may be sent again ------------------------------------------------------------------------ */

/*
 * A part of a pause that doubles with each retry (full jitter). The first retry has no pause. The
 * part is drawn from the row, not from chance: each row is due at one moment, so that -n shows what
 * the run does.
 */
static bool
is_due(const struct sk_writeback *row, int64_t now)
{
	int64_t pause;

	if (row->retries == 0)
		return true;
	pause = SK_MINUTE << (row->retries - 1 < 7 ? row->retries - 1 : 7);
	return now - row->completed_at >= sk_time_jitter_of(row->id, row->completed_at, pause);
}

static bool
is_card_payment(const struct sk_writeback *row)
{
	json_t *body = sk_writeback_body(row);
	bool is_card = sk_rules_is_card_payment(body);

	json_decref(body);
	return is_card;
}

/* Why a row can't be sent again, whoever wants that; NULL: it can. */
static const char *
obstacle_of(const struct sk_writeback *row, bool is_named)
{
	int64_t now = sk_time_now();
	struct sk_life life = sk_life_of(row, 1, now, now);

	if (row->doubled_id != NULL)
		return "the server had a request for it after all";
	if (!sk_life_next(&life, happening_of(is_named)).allowed)
		return "only what failed for a reason that passes, or was resolved as failed, and "
		       "never had an id, is sent again";
	if (row->has_secret)
		return "its card fields were never stored";
	if (row->purged_at != 0 && row->request_body == NULL)
		return "its body was purged";
	return is_card_payment(row) ? "it is a payment by card" : NULL;
}

/* Whether it would be sent again without being named, if it weren't for what was restored. */
static bool
could_be_retried(const struct sk_writeback *row, int64_t now)
{
	return row->retries < SK_SWEEP_RETRIES && obstacle_of(row, false) == NULL &&
	    is_due(row, now);
}

/* arg: the moment. */
static bool
may_be_retried(const struct sk_writeback *row, size_t at, const void *arg)
{
	const int64_t *now = arg;

	(void)at;
	return !row->only_named && could_be_retried(row, *now);
}

/*
 * Rows of an older copy may have been sent, and withdrawn by a person, in the history that is lost: no
 * list would show that.
 */
static void
tell_left(const struct sk_writeback *rows, size_t n, int64_t now)
{
	struct sk_text ids = {0};
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i].only_named && could_be_retried(&rows[i], now) && left++ < NAMED)
			sk_text_add_format(&ids, "%s%lld", left > 1 ? ", " : "",
			    (long long)rows[i].id);
	if (left > 0)
		sk_out_warn(
		    "%zu requests of the copy that was restored aren't sent again by "
		    "themselves, since they may have been sent, and withdrawn, after it was "
		    "made (%s%s); sikka-sweep --retry=ID sends what is still wanted",
		    left, sk_text_bytes(&ids), left > NAMED ? ", ..." : "");
	sk_text_fini(&ids);
}

/* --- what holds its place -------------------------------------------------------------------------- */

/*
 * Whether a later request has taken this one's place: sending it now would undo the later one (PUT,
 * PATCH, DELETE), or repeat it (POST). A caller whose request failed, and who handed it in again
 * without a key or with a new one, has what it wanted; a day later the content of the second row is
 * free, so only this look finds it. A payment with a key of its own may be meant besides.
 */
static int
is_overtaken(struct sk_sweep *sweep, const struct sk_writeback *row, struct sk_error *err)
{
	struct sk_store *store = sweep->session->store;

	if (strcmp(row->method, "POST") != 0)
		return sk_store_writebacks_overtaken(store, row, err);
	if (row->again || (row->key != NULL && sk_rules_may_be_twice(row->operation)))
		return 0;
	return sk_store_writebacks_sent_equal(store, row, err);
}

/* An entry of the list may be it, or is an equal one. 0, -1 error. */
static int
tell_unclear(struct sk_sweep *sweep, const struct sk_writeback *row, const struct sk_same *same,
    struct sk_error *err)
{
	struct sk_writeback other = {0};
	char *hint, *where;

	if (same->is == SK_SAME_ANOTHERS) {
		where = sk_mem_printf("request %lld isn't sent again: writeback %s",
		    (long long)row->id, same->writeback_id);
		sk_out_warn_repeated("request", where,
		    ", which another program sent, has the same content");
		free(where);
		return 0;
	}
	if (sk_store_archive_recall(sweep->session->store, same->other, &other, err) != 1)
		return -1;
	hint = sk_taken_over_hint(&other);
	where = sk_mem_printf("request %lld isn't sent again: it may be request %lld",
	    (long long)row->id, (long long)same->other);
	sk_out_warn_repeated("request", where,
	    ", which was taken over from the server's list and can't be compared%s", hint);
	free(where);
	free(hint);
	sk_writeback_fini(&other);
	return 0;
}

/*
 * Before the practice is asked whether it has the booking already, and then to queue it: a row whose place
 * is taken has nothing to ask.
 */
enum step { TO_ASK, TO_QUEUE };

/*
 * Records that the row is sent again, or that it isn't, since its key, its content or its
 * place is another row's by now; in the caller's transaction. 1 it is queued, or may be; 0 it isn't; -1
 * error.
 */
static int
record_retry(struct retrying *retrying, struct sk_writeback *row, enum step step,
    struct sk_error *err)
{
	struct sk_store *store = retrying->sweep->session->store;
	struct sk_fact fact = {.what = happening_of(retrying->are_named),
	    .run = retrying->sweep->session->run};
	struct sk_same same;
	enum sk_recorded recorded;
	int overtaken = is_overtaken(retrying->sweep, row, err);

	if (overtaken < 0 || sk_same_find(store, row, &same, err) != 0)
		return -1;
	if (same.is == SK_SAME_UNCLEAR || same.is == SK_SAME_ANOTHERS)
		return tell_unclear(retrying->sweep, row, &same, err);
	if (step == TO_ASK && !overtaken && (same.is == SK_SAME_NEW || same.is == SK_SAME_BESIDE))
		return 1;
	fact.beside = same.hold == SK_CONTENT_BESIDE;
	if (overtaken || (same.is != SK_SAME_NEW && same.is != SK_SAME_BESIDE))
		fact = (struct sk_fact){.what = SK_RETRY_KEY_TAKEN};
	recorded = sk_ledger_record(store, row, &fact, NULL, err);
	if (recorded != SK_RECORDED)
		return recorded == SK_RECORD_ERROR ? -1 : 0;
	if (same.is == SK_SAME_CLAIMS && sk_same_claim(store, row, same.other, err) != 0)
		return -1;
	if (row->result == SK_FAILED && retrying->are_named)
		sk_out_warn("request %lld isn't sent again: another request has its key or its "
			    "content, or has taken its place",
		    (long long)row->id);
	if (row->result != SK_QUEUED)
		return 0;
	return same.is != SK_SAME_BESIDE ||
		sk_same_warn_beside(store, row, same.other, NULL, err) == 0
	    ? 1
	    : -1;
}

/* The same in one commit: nobody takes the key or hands in the content in between. */
static int
retry_in_one(struct retrying *retrying, struct sk_writeback *row, enum step step,
    struct sk_error *err)
{
	struct sk_store *store = retrying->sweep->session->store;
	int queued;

	if (sk_store_begin(store, err) != 0)
		return -1;
	queued = record_retry(retrying, row, step, err);
	if (queued < 0) {
		sk_store_rollback(store);
		return -1;
	}
	return sk_store_commit(store, err) == 0 ? queued : -1;
}

/* --- sending --------------------------------------------------------------------------------------- */

static void
note_sent(void *arg, const struct sk_writeback *row, struct sk_origin place, enum sk_exit exit)
{
	struct sk_sweep *sweep = arg;

	(void)place;
	sk_out_verbose("request %lld, sent again, is %s", (long long)row->id,
	    sk_state_name(row->result));
	sweep->exit = sk_exit_worse(sweep->exit, exit);
	sweep->n_left += exit == SK_EXIT_TRY_LATER && sk_stop_asked();
}

/* Whether the practice lets a booking be sent again. */
static enum sk_unbooked
ask_practice(struct retrying *retrying, struct sk_writeback *row, struct sk_error *err)
{
	bool has_looked = retrying->are_named && retrying->sweep->options->unchecked;
	int queued;

	if (!sk_sweep_may_be_booked(row))
		return SK_UNBOOKED_YES;
	queued = retry_in_one(retrying, row, TO_ASK, err);
	if (queued != 1)
		return queued < 0 ? SK_UNBOOKED_ERROR : SK_UNBOOKED_NO;
	return sk_sweep_is_unbooked(retrying->sweep, row, has_looked, err);
}

/* Then it isn't sent again from here; whoever names it is told whose the office is. */
static bool
is_of_another_host(const struct retrying *retrying, const struct sk_writeback *row)
{
	struct sk_error why = {0};

	if (sk_served_refuse(retrying->sweep->session, row->office_id, &why) == 0)
		return false;
	if (retrying->are_named)
		sk_sweep_note(retrying->sweep, &why);
	return true;
}

/* Queues a row again for our run. 1 it is to be sent, 0 it isn't, -1 error. */
static int
queue_again(struct retrying *retrying, struct sk_writeback *row, struct sk_error *err)
{
	enum sk_unbooked unbooked;
	int queued;

	if (is_of_another_host(retrying, row))
		return 0;
	unbooked = ask_practice(retrying, row, err);
	queued = unbooked == SK_UNBOOKED_ERROR ? -1 : 0;
	if (unbooked == SK_UNBOOKED_YES)
		queued = retry_in_one(retrying, row, TO_QUEUE, err);
	if (queued == 0)
		sk_sweep_rehearse_left(retrying->sweep, row, NULL);
	/* Whoever names a request wants it to be sent. */
	if (queued == 0 && retrying->are_named && !retrying->sweep->session->rehearses)
		retrying->sweep->exit = sk_exit_worse(retrying->sweep->exit,
		    unbooked == SK_UNBOOKED_WAITS ? SK_EXIT_TRY_LATER : SK_EXIT_FAILED);
	return queued;
}

/* Queues them, and hands them to the sender; in a rehearsal there is none. */
static void
queue_all(struct retrying *retrying, struct sk_sender *sender, struct sk_error *err)
{
	for (size_t i = 0; i < retrying->n && err->code == 0 && !sk_stop_asked(); i++)
		if (queue_again(retrying, &retrying->rows[i], err) == 1 && sender != NULL)
			sk_sender_add(sender, &retrying->rows[i], NULL, (struct sk_origin){0});
}

static void
send_rows(struct retrying *retrying, struct sk_error *err)
{
	struct sk_sweep *sweep = retrying->sweep;
	struct sk_sender *sender;

	if (sk_copy_guard(sweep->session, err) != 0 ||
	    (sweep->session->run == 0 && sk_session_start_run(sweep->session, err) != 0))
		return;
	if (sweep->session->rehearses) {
		queue_all(retrying, NULL, err);
		return;
	}
	sender = sk_sender_new(sweep->pool, note_sent, sweep);
	queue_all(retrying, sender, err);
	if (err->code != 0)
		sk_sender_give_up(sender, err->text, err->code);
	sk_sender_drain(sender);
	sk_sender_trouble(sender, err);
	sk_sender_free(sender);
}

/* arg: the sweep. */
static bool
is_not_paused(const struct sk_writeback *row, size_t at, const void *arg)
{
	struct sk_sweep *const *sweep = arg;

	(void)at;
	return !sk_sweep_is_paused(*sweep, row->office_id);
}

/*
 * Rows of offices that a person has paused stay as they are: nothing is counted, and they are sent again once that
 * is over. Who has named one hears of it by the exit code.
 */
static void
leave_paused(struct retrying *retrying)
{
	struct sk_sweep *sweep = retrying->sweep;
	size_t n = retrying->n;
	struct sk_error err = {0};
	char *words;

	retrying->n = sk_writebacks_partition(retrying->rows, n, is_not_paused, &sweep);
	if (retrying->n == n)
		return;
	words = sk_store_pause_words(sweep->session->store, retrying->rows[retrying->n].office_id);
	sk_error_set(&err, SK_EXIT_TRY_LATER, "%zu request%s sent again: %s", n - retrying->n,
	    n - retrying->n == 1 ? " isn't" : "s aren't", words != NULL ? words : "");
	free(words);
	if (retrying->are_named)
		sk_sweep_note(sweep, &err);
	else
		sk_out_warn("%s", err.text);
}

static void
retry(struct retrying *retrying)
{
	struct sk_sweep *sweep = retrying->sweep;
	struct sk_error err = {0};

	leave_paused(retrying);
	if (retrying->n > 0 && sk_sweep_go_online(sweep) == 0)
		send_rows(retrying, &err);
	sk_sweep_note(sweep, &err);
}

/* --- which are ------------------------------------------------------------------------------------- */

static void
retry_all(struct sk_sweep *sweep)
{
	const struct sk_filter failed = sk_sweep_filter(sweep, SK_MASK(SK_FAILED));
	struct retrying retrying = {.sweep = sweep};
	struct sk_error err = {0};
	int64_t now = sk_time_now();
	size_t n;

	if (sk_store_writebacks(sweep->session->store, &failed, &retrying.rows, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	tell_left(retrying.rows, n, now);
	retrying.n = sk_writebacks_partition(retrying.rows, n, may_be_retried, &now);
	retry(&retrying);
	sk_writebacks_free(retrying.rows, n);
}

/* Adds a row that a person has named, or says why it can't be sent again. */
static void
add_named(struct retrying *retrying, int64_t id)
{
	struct sk_writeback row = {0};
	struct sk_error err = {0};
	const char *obstacle;

	for (size_t i = 0; i < retrying->n; i++)
		if (retrying->rows[i].id == id)
			return;
	if (!sk_sweep_get_row(retrying->sweep, id, &row))
		return;
	obstacle = obstacle_of(&row, true);
	if (obstacle == NULL) {
		retrying->rows[retrying->n++] = row;
		return;
	}
	sk_error_set(&err, SK_EXIT_FAILED, "request %lld is %s%s%s and isn't sent again: %s",
	    (long long)id, sk_state_name(row.result), row.error_code != NULL ? ", " : "",
	    row.error_code != NULL ? row.error_code : "", obstacle);
	sk_sweep_note(retrying->sweep, &err);
	sk_writeback_fini(&row);
}

static void
retry_named(struct sk_sweep *sweep)
{
	const struct sk_sweep_options *options = sweep->options;
	struct retrying retrying = {.sweep = sweep, .are_named = true};
	size_t n;

	retrying.rows = sk_mem_zero(options->retry_named.n + 1, sizeof(*retrying.rows));
	for (size_t i = 0; i < options->retry_named.n; i++)
		add_named(&retrying, options->retry_named.list[i]);
	n = retrying.n;
	retry(&retrying);
	sk_writebacks_free(retrying.rows, n);
}

void
sk_sweep_retry(struct sk_sweep *sweep)
{
	retry_named(sweep);
	if (sweep->options->retry)
		retry_all(sweep);
}
