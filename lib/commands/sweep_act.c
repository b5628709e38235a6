/* SPDX-License-Identifier: MIT */
/*
 * sweep: what a person or a rule wants to be sent (--withdraw, --retry, open withdrawals). A row that
 * changes meanwhile is left alone.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/time.h"
#include "rules/rules.h"
#include "calls/pages.h"
#include "calls/request_key.h"
#include "life/ledger.h"
#include "life/same.h"
#include "life/withdraw.h"
#include "commands/send.h"
#include "commands/sweep_parts.h"

#define NAMED 5 /* ids in a message */

/* --- withdrawing ----------------------------------------------------------------------------- */

static void
withdraw(struct sk_sweep *sweep, struct sk_writeback *row, enum sk_happening why)
{
	struct sk_check check = {.session = sweep->session, .pool = sweep->pool};
	enum sk_withdrawal withdrawal;
	struct sk_error err = {0};

	if (sk_withdraw(&check, row, why, &withdrawal, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	if (withdrawal == SK_WITHDRAWAL_TOO_LATE) {
		sk_out_warn("request %lld was carried out before it could be withdrawn: it is %s",
		    (long long)row->id, sk_state_name(row->result));
		sweep->exit = sk_exit_worse(sweep->exit, SK_EXIT_FAILED);
	}
	if (withdrawal == SK_WITHDRAWAL_OPEN) {
		sk_out_warn("request %lld stays pending: the server didn't withdraw it",
		    (long long)row->id);
		sweep->exit = sk_exit_worse(sweep->exit, SK_EXIT_PENDING);
	}
}

void
sk_sweep_withdraw_named(struct sk_sweep *sweep)
{
	for (size_t i = 0; i < sweep->options->n_withdraw && !sk_stop_asked(); i++) {
		struct sk_writeback row = {0};

		if (!sk_sweep_get_row(sweep, sweep->options->withdraw[i], &row))
			continue;
		if (sk_sweep_go_online(sweep) == 0)
			withdraw(sweep, &row, SK_PERSON_WITHDRAWS);
		sk_writeback_fini(&row);
	}
}

static void
withdraw_doubles(struct sk_sweep *sweep)
{
	struct sk_filter doubled = sk_sweep_filter(sweep, 0);
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	doubled.with_doubled = 1;
	if (sk_store_writebacks(sweep->session->store, &doubled, &rows, &n, &err) == 0) {
		for (size_t i = 0; i < n && !sk_stop_asked(); i++)
			if (sk_withdraw_is_one_too_many(&rows[i]) &&
			    (sk_sweep_go_online(sweep) != 0 ||
				sk_withdraw_double(sweep->pool, &rows[i], &err) != 0))
				break;
		sk_writebacks_free(rows, n);
	}
	sk_sweep_note(sweep, &err);
}

/*
 * Rows whose withdrawal was intended, but the DELETE's answer was lost or the server couldn't be
 * reached.
 */
void
sk_sweep_withdraw_open(struct sk_sweep *sweep)
{
	const struct sk_filter pending = sk_sweep_filter(sweep, SK_MASK(SK_PENDING));
	struct sk_writeback *rows;
	struct sk_error err = {0};
	size_t n;

	if (sk_store_writebacks(sweep->session->store, &pending, &rows, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	for (size_t i = 0; i < n && !sk_stop_asked(); i++) {
		if (sk_intent_of(&rows[i]) == SK_INTENT_NONE)
			continue;
		if (sk_sweep_go_online(sweep) != 0)
			break;
		withdraw(sweep, &rows[i],
		    sk_intent_of(&rows[i]) == SK_INTENT_STUCK ? SK_AGE_WITHDRAWS
							      : SK_PERSON_WITHDRAWS);
	}
	sk_writebacks_free(rows, n);
	withdraw_doubles(sweep);
}

/* --- sending again --------------------------------------------------------------------------- */

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

/* Whether it could be sent again, if it weren't for what was restored. */
static bool
could_be_retried(const struct sk_writeback *row, int64_t now)
{
	struct sk_life life = sk_life_of(row, 1, now, now);
	json_t *body;
	int is_card;

	if (!sk_life_next(&life, SK_RETRIED).allowed || row->has_secret ||
	    row->retries >= SK_SWEEP_RETRIES || (row->purged_at != 0 && row->request_body == NULL))
		return false;
	body = sk_writeback_body(row);
	is_card = sk_rules_is_card_payment(body);
	json_decref(body);
	return !is_card && is_due(row, now);
}

static bool
may_be_retried(const struct sk_writeback *row, int64_t now)
{
	return !row->only_named && could_be_retried(row, now);
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
		    "made (%s%s); hand in again what is still wanted",
		    left, sk_text_bytes(&ids), left > NAMED ? ", ..." : "");
	sk_text_fini(&ids);
}

struct wanted {
	const char *date;
	const char *time;
	int found;
};

static int
compare_appointment(void *arg, json_t *record, struct sk_error *err)
{
	struct wanted *wanted = arg;
	const char *date = sk_json_string(record, "date"), *time = sk_json_string(record, "time");

	(void)err;
	if (date == NULL)
		date = sk_json_string(record, "appointment_date");
	if (time == NULL)
		time = sk_json_string(record, "appointment_time");
	/* Some servers' times have seconds. */
	wanted->found = date != NULL && time != NULL && strncmp(date, wanted->date, 10) == 0 &&
	    strncmp(time, wanted->time, strlen(wanted->time)) == 0;
	return wanted->found;
}

enum booked { NOT_BOOKED, BOOKED, BOOKED_UNCLEAR, BOOKED_ERROR };

/*
 * Before a booking that was not received is sent again: has the patient an appointment at that
 * time? A list that may lack entries can't answer no.
 */
static enum booked
is_booked_already(struct sk_sweep *sweep, const struct sk_writeback *row, struct sk_error *err)
{
	json_t *body = sk_writeback_body(row);
	const char *patient = sk_json_string(body, "patient_id");
	struct wanted wanted = {sk_json_string(body, "date"), sk_json_string(body, "time"), 0};
	const struct sk_api_parameter parameters[] = {{"patient_id", patient},
	    {"startdate", wanted.date}, {"enddate", wanted.date}};
	struct sk_pages pages = {.kind = SK_CALL_READ,
	    .path = "/appointments",
	    .parameters = parameters,
	    .n_parameters = 3,
	    .office_id = row->office_id,
	    .page_size = 500,
	    .record = compare_appointment,
	    .arg = &wanted,
	    .list = {.total = -1}};
	int result = 0;

	if (patient != NULL && wanted.date != NULL && wanted.time != NULL)
		result = sk_pages_read(sweep->pool, &pages, err);
	sk_pages_fini(&pages);
	json_decref(body);
	if (result != 0)
		return BOOKED_ERROR;
	if (wanted.found)
		return BOOKED;
	return pages.is_reloading || pages.list.torn || sk_api_pages_growth(&pages.list) != 0 ||
		pages.list.seen < pages.list.total
	    ? BOOKED_UNCLEAR
	    : NOT_BOOKED;
}

static void
note_sent(void *arg, const struct sk_writeback *row, struct sk_origin place, enum sk_exit exit)
{
	struct sk_sweep *sweep = arg;

	(void)place;
	sk_out_verbose("request %lld, sent again, is %s", (long long)row->id,
	    sk_state_name(row->result));
	sweep->exit = sk_exit_worse(sweep->exit, exit);
}

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

/*
 * Records that the row is sent again, or that it isn't, since its key, its content or its
 * place is another row's by now; in the caller's transaction. 1 it is queued, 0 it isn't, -1 error.
 */
static int
record_retry(struct sk_sweep *sweep, struct sk_writeback *row, struct sk_error *err)
{
	struct sk_store *store = sweep->session->store;
	struct sk_fact fact = {.what = SK_RETRIED, .run = sweep->session->run};
	struct sk_same same;
	enum sk_recorded recorded;
	int overtaken = is_overtaken(sweep, row, err);

	if (overtaken < 0 || sk_same_find(store, row, &same, err) != 0)
		return -1;
	if (same.is == SK_SAME_UNCLEAR) {
		sk_out_warn(
		    "request %lld isn't sent again: it may be request %lld, which was taken "
		    "over from the server's list and can't be compared",
		    (long long)row->id, (long long)same.other);
		return 0;
	}
	if (same.is == SK_SAME_ANOTHERS) {
		sk_out_warn("request %lld isn't sent again: writeback %s, which another program "
			    "sent, has the same content",
		    (long long)row->id, same.writeback_id);
		return 0;
	}
	fact.beside = same.hold == SK_CONTENT_BESIDE;
	if (overtaken || (same.is != SK_SAME_NEW && same.is != SK_SAME_BESIDE))
		fact = (struct sk_fact){.what = SK_RETRY_KEY_TAKEN};
	recorded = sk_ledger_record(store, row, &fact, NULL, err);
	if (recorded == SK_RECORDED && same.is == SK_SAME_CLAIMS &&
	    sk_same_claim(store, row, same.other, err) != 0)
		return -1;
	return recorded == SK_RECORD_ERROR ? -1
					   : recorded == SK_RECORDED && row->result == SK_QUEUED;
}

/* The same in one commit: nobody takes the key or hands in the content in between. */
static int
retry_in_one(struct sk_sweep *sweep, struct sk_writeback *row, struct sk_error *err)
{
	int queued;

	if (sk_store_begin(sweep->session->store, err) != 0)
		return -1;
	queued = record_retry(sweep, row, err);
	if (queued < 0) {
		sk_store_rollback(sweep->session->store);
		return -1;
	}
	return sk_store_commit(sweep->session->store, err) == 0 ? queued : -1;
}

/* Queues a row again for our run. 1 it is to be sent, 0 it isn't, -1 error. */
static int
queue_again(struct sk_sweep *sweep, struct sk_writeback *row, struct sk_error *err)
{
	enum booked booked = NOT_BOOKED;

	if (strcmp(row->operation, "book_appointment") == 0 && row->not_received_at != 0)
		booked = is_booked_already(sweep, row, err);
	if (booked == BOOKED_ERROR)
		return -1;
	if (booked != NOT_BOOKED) {
		sk_out_warn("request %lld isn't sent again: %s", (long long)row->id,
		    booked == BOOKED ? "the patient has an appointment at that time"
				     : "the practice's data is being reloaded, so it isn't known "
				       "whether the patient has an appointment at that time");
		return 0;
	}
	return retry_in_one(sweep, row, err);
}

static void
retry_rows(struct sk_sweep *sweep, struct sk_writeback *rows, size_t n, int64_t now,
    struct sk_error *err)
{
	struct sk_sender *sender;

	if (sk_copy_guard(sweep->session, err) != 0 ||
	    (sweep->session->run == 0 && sk_session_start_run(sweep->session, err) != 0))
		return;
	sender = sk_sender_new(sweep->pool, note_sent, sweep);
	for (size_t i = 0; i < n && err->code == 0 && !sk_stop_asked(); i++) {
		if (!may_be_retried(&rows[i], now) || queue_again(sweep, &rows[i], err) != 1)
			continue;
		sk_sender_add(sender, &rows[i], NULL, (struct sk_origin){NULL, 0});
	}
	if (err->code != 0)
		sk_sender_give_up(sender, err->text, err->code);
	sk_sender_drain(sender);
	sk_sender_trouble(sender, err);
	sk_sender_free(sender);
}

void
sk_sweep_retry(struct sk_sweep *sweep)
{
	const struct sk_filter failed = sk_sweep_filter(sweep, SK_MASK(SK_FAILED));
	struct sk_writeback *rows;
	struct sk_error err = {0};
	int64_t now = sk_time_now();
	size_t n, may = 0;

	if (sk_store_writebacks(sweep->session->store, &failed, &rows, &n, &err) != 0) {
		sk_sweep_note(sweep, &err);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!may_be_retried(&rows[i], now))
			continue;
		may++;
		if (sweep->options->dry_run)
			sk_sweep_would(sweep, "send again", &rows[i], NULL);
	}
	tell_left(rows, n, now);
	if (may > 0 && !sweep->options->dry_run && sk_sweep_go_online(sweep) == 0)
		retry_rows(sweep, rows, n, now, &err);
	sk_sweep_note(sweep, &err);
	sk_writebacks_free(rows, n);
}
