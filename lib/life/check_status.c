/* SPDX-License-Identifier: MIT */
/*
 * check_status: asks /writeback_status for rows, all of them side by side, and records the answers of a
 * turn in its transaction. An answer that can't be recorded is forgotten: it is asked again later.
 */
#include "life/check_status.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/time.h"
#include "api/api.h"
#include "calls/pool.h"
#include "life/check_ways.h"
#include "life/ledger.h"
#include "life/list_turn.h"

#define MEANWHILE (10 * SK_SECOND)
#define HELD_MOST (90 * SK_SECOND) /* who reads the list may have been stopped */
#define HELD_AGAIN 200             /* ms */
#define LACKING "no_writeback_status_at"

struct question {
	struct sk_call call;
	struct sk_api_parameter id;
	struct sk_writeback *row;
	int *still_pending;
	int changed;                /* recorded, and not told yet */
	struct sk_writeback answer; /* the row as recorded in this turn's transaction; empty: not */
};

struct asking {
	struct sk_check *check;
	struct sk_call_owner owner;
	struct question *questions;
	size_t n, n_open;
	int is_over; /* nothing more is asked: the plan lacks the call, or the journal fails */
	int64_t n_answers, took; /* ms, all of them together */
	int64_t held_since;      /* monotonic, since when a list goes first; 0: none did yet */
	struct sk_error *err;    /* the first trouble */
};

bool
sk_check_status_is_lacking(struct sk_session *session)
{
	int64_t at = sk_store_fact(session->store, LACKING);

	return at != 0 && sk_time_now() - at < SK_DAY;
}

static enum sk_happening
happening_of(enum sk_said said)
{
	switch (said) {
	case SK_SAID_PENDING:
		return SK_SAYS_PENDING;
	case SK_SAID_COMPLETED:
		return SK_SAYS_COMPLETED;
	case SK_SAID_FAILED:
		return SK_SAYS_FAILED;
	case SK_SAID_ENDED:
		return SK_SAYS_ENDED;
	default:
		return SK_SAYS_NOTHING;
	}
}

static int
record(struct sk_store *store, struct sk_writeback *row, const struct sk_fact *fact, int *changed,
    struct sk_error *err)
{
	enum sk_state was = row->result;
	enum sk_recorded recorded = sk_ledger_record(store, row, fact, NULL, err);

	if (recorded == SK_RECORD_ERROR)
		return -1;
	if (recorded == SK_RECORDED && row->result != was)
		*changed = 1;
	return 0;
}

int
sk_check_status_record(struct sk_store *store, struct sk_writeback *row,
    const struct sk_api_status *said, int *changed, struct sk_error *err)
{
	struct sk_fact fact = {
	    .what = happening_of(said->said),
	    .created_id = said->created_id,
	    .appointment_sr_no = said->appointment_sr_no,
	    .took = said->took,
	};

	/* Nothing new: the look itself was noted when it was claimed. */
	if (fact.what == SK_SAYS_NOTHING ||
	    (fact.what == SK_SAYS_PENDING && row->result == SK_PENDING && row->gone_looks == 0))
		return 0;
	if (fact.what == SK_SAYS_FAILED) {
		fact.error_code = sk_code_name(SK_CODE_PMS_REFUSED);
		fact.error_message = said->text;
	}
	if (fact.what == SK_SAYS_ENDED) {
		fact.error_code = sk_code_name(SK_CODE_ENDED_UNCLEAR);
		fact.error_message = said->text;
	}
	return record(store, row, &fact, changed, err);
}

/* The row that a question decides on. It changes only when the turn's transaction has come about. */
static struct sk_writeback
decided_on(const struct question *question)
{
	const struct sk_writeback *row = question->row;

	return (struct sk_writeback){.id = row->id,
	    .result = row->result,
	    .attempts = row->attempts,
	    .run = row->run,
	    .gone_looks = row->gone_looks};
}

/* When the question was asked: it began then, whatever the answer took. */
static int64_t
asked_at(const struct question *question)
{
	return sk_time_at(question->call.result->answer.sent);
}

/*
 * When the row was looked at last, as the journal has it now: another process may have looked at the same
 * time, and two looks are two only with a minute between them. 1; 0 the row is gone; -1.
 */
static int
last_look(struct sk_store *store, int64_t id, int64_t *last, struct sk_error *err)
{
	struct sk_writeback row = {0};
	int found = sk_store_writeback_get(store, id, &row, err);

	*last = row.withdrawn_at != 0 ? row.looked_at : row.gone_at;
	sk_writeback_fini(&row);
	return found;
}

static int
record_not_known(struct asking *asking, struct question *question, struct sk_error *err)
{
	const struct sk_fact fact = {.what = SK_NOT_KNOWN, .at = asked_at(question)};
	struct sk_store *store = asking->check->session->store;
	int64_t last = 0;

	if (last_look(store, question->row->id, &last, err) < 0)
		return -1;
	if (last != 0 && asked_at(question) - last < SK_LIFE_LOOK)
		return 0;
	return record(store, &question->answer, &fact, &question->changed, err);
}

static int
record_item(struct asking *asking, struct question *question, struct sk_api_reply *reply,
    struct sk_error *err)
{
	json_t *item = sk_api_status_item(reply, question->row->writeback_id);
	struct sk_api_status status;
	int result;

	sk_pool_warn_of_repairs(&question->call, &reply->records.repairs);
	/* It may be the one that can't be read. */
	if (item == NULL && (reply->records.n_unread > 0 || reply->records.repairs.n > 0))
		return 0;
	if (item == NULL)
		return record_not_known(asking, question, err);
	sk_api_read_status(item, &status);
	if (status.said == SK_SAID_PENDING && question->still_pending != NULL &&
	    question->row->withdrawn_at != 0)
		*question->still_pending = 1;
	result = sk_check_status_record(asking->check->session->store, &question->answer, &status,
	    &question->changed, err);
	json_decref(item);
	return result;
}

static int
record_one(struct asking *asking, struct question *question, struct sk_error *err)
{
	struct sk_call_result *result = question->call.result;
	struct sk_api_reply *reply = &result->reply;

	sk_writeback_fini(&question->answer);
	question->answer = decided_on(question);
	question->changed = 0;
	if (result->error.code != 0)
		return 0;
	if (reply->class == SK_API_OK || reply->class == SK_API_ACCEPTED)
		return record_item(asking, question, reply, err);
	if (reply->class == SK_API_EMPTY || (result->answer.status == 404 && *reply->code != '\0'))
		return record_not_known(asking, question, err);
	if (strcmp(reply->code, "API2004") == 0)
		return sk_store_fact_set(asking->check->session->store, LACKING, sk_time_now(),
		    err);
	return 0;
}

static int
record_answers(void *owner_arg, struct sk_call **calls, size_t n, struct sk_error *err)
{
	struct asking *asking = owner_arg;

	for (size_t i = 0; i < n; i++)
		if (record_one(asking, calls[i]->arg, err) != 0)
			return -1;
	return 0;
}

/* Nothing more is asked; what is on the wire is still taken. */
static void
stop_asking(struct asking *asking)
{
	if (asking->is_over)
		return;
	asking->is_over = 1;
	for (size_t i = 0; i < asking->n; i++)
		asking->n_open -=
		    (size_t)sk_pool_remove(asking->check->pool, &asking->questions[i].call);
}

/* The row becomes what was recorded, as far as anything was. */
static void
bring_up_to_date(struct question *question)
{
	if (question->answer.office_id == NULL)
		return;
	sk_writeback_fini(question->row);
	*question->row = question->answer;
	memset(&question->answer, 0, sizeof(question->answer));
}

static void
take_one(struct asking *asking, struct question *question)
{
	const struct sk_api_reply *reply = &question->call.result->reply;
	const struct sk_http_answer *answer = &question->call.result->answer;

	if (answer->received != 0 && answer->received >= answer->sent) {
		asking->n_answers++;
		asking->took += answer->received - answer->sent;
	}

	bring_up_to_date(question);
	if (question->call.result->error.code != 0)
		sk_call_fail(&question->call, asking->err);
	else if (strcmp(reply->code, "API2004") == 0)
		asking->check->lacks_status = 1;
	else if (reply->class != SK_API_OK && reply->class != SK_API_ACCEPTED &&
	    reply->class != SK_API_EMPTY &&
	    !(question->call.result->answer.status == 404 && *reply->code != '\0'))
		sk_call_fail(&question->call, asking->err);
	if (question->changed && asking->check->changed != NULL)
		asking->check->changed(asking->check->arg, question->row);
}

static void
take_answers(void *owner_arg, struct sk_call **calls, size_t n, const struct sk_error *unrecorded)
{
	struct asking *asking = owner_arg;

	asking->n_open -= n;
	for (size_t i = 0; i < n; i++) {
		/* What can't be recorded is forgotten: it is asked again another time. */
		if (unrecorded == NULL)
			take_one(asking, calls[i]->arg);
		sk_call_fini(calls[i]);
	}
	if (unrecorded != NULL && asking->err->code == 0)
		*asking->err = *unrecorded;
	if (unrecorded != NULL || asking->check->lacks_status)
		stop_asking(asking);
}

/* What is new before what is stuck, for the limit may leave room for a few only. */
static int
newest_first(const void *a, const void *b)
{
	const struct sk_writeback *left = ((const struct question *)a)->row,
				  *right = ((const struct question *)b)->row;

	if (left->submitted_at != right->submitted_at)
		return left->submitted_at > right->submitted_at ? -1 : 1;
	return left->id > right->id ? -1 : left->id < right->id;
}

static void
ask(struct asking *asking, struct question *question)
{
	question->id = (struct sk_api_parameter){"id", question->row->writeback_id};
	question->call = (struct sk_call){.kind = SK_CALL_POLL,
	    .method = "GET",
	    .path = "/writeback_status",
	    .parameters = &question->id,
	    .n_parameters = 1,
	    .office_id = question->row->office_id,
	    .owner = &asking->owner,
	    .arg = question};
	sk_pool_add(asking->check->pool, &question->call);
}

/*
 * While a list that is overdue is being read, by this process or another one, nothing is asked: the limit
 * may leave room for little.
 */
static bool
may_ask(void *owner_arg, int64_t *retry_in)
{
	struct asking *asking = owner_arg;
	int64_t now = sk_time_monotonic();

	if (!sk_list_turn_goes_first(asking->check->session)) {
		asking->held_since = 0;
		return true;
	}
	if (asking->held_since == 0) {
		asking->held_since = now;
		sk_out_verbose("a list of writebacks goes first");
	}
	if (now - asking->held_since >= HELD_MOST)
		return true;
	*retry_in = HELD_AGAIN;
	return false;
}

static void
turn_until_answered(struct asking *asking)
{
	struct sk_check *check = asking->check;
	int64_t next = sk_time_monotonic() + MEANWHILE;

	while (asking->n_open > 0) {
		sk_progress_count(asking->n - asking->n_open, asking->n);
		sk_pool_turn(check->pool, check->meanwhile != NULL ? MEANWHILE : SK_MINUTE, -1);
		if (check->meanwhile == NULL || sk_time_monotonic() < next)
			continue;
		check->meanwhile(check);
		next = sk_time_monotonic() + MEANWHILE;
	}
}

int
sk_check_status(struct sk_check *check, struct sk_writeback *rows, size_t n, int *still_pending,
    struct sk_error *err)
{
	struct asking asking = {.check = check,
	    .questions = sk_mem_zero(n > 0 ? n : 1, sizeof(struct question)),
	    .n = n,
	    .n_open = n,
	    .err = err};

	asking.owner = (struct sk_call_owner){.may_enter = may_ask,
	    .kept_out = "a list of writebacks is read first",
	    .record = record_answers,
	    .ended = take_answers,
	    .owner_arg = &asking};
	for (size_t i = 0; i < n; i++) {
		asking.questions[i].row = &rows[i];
		asking.questions[i].still_pending =
		    still_pending != NULL ? &still_pending[i] : NULL;
	}
	qsort(asking.questions, n, sizeof(*asking.questions), newest_first);
	for (size_t i = 0; i < n; i++)
		ask(&asking, &asking.questions[i]);
	sk_progress_begin("requests", "asking for outcomes");
	turn_until_answered(&asking);
	sk_progress_end();
	if (asking.n_answers > 0)
		sk_check_ways_note_status(check->session->store, asking.took / asking.n_answers);
	for (size_t i = 0; i < n; i++) {
		sk_call_fini(&asking.questions[i].call);
		sk_writeback_fini(&asking.questions[i].answer);
	}
	free(asking.questions);
	return err->code != 0 ? -1 : 0;
}
