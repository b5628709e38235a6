/* SPDX-License-Identifier: MIT */
#include "life/check_status.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/stop.h"
#include "base/time.h"
#include "api/api.h"
#include "calls/request_key.h"
#include "life/ledger.h"

#define TRIES 4
#define LACKING "no_writeback_status_at"

enum stage { TO_ASK, ON_WIRE, ANSWERED, ASKED };

struct question {
	struct sk_writeback *row;
	int *still_pending;
	enum stage stage;
	int attempts;
	int changed; /* recorded, and not told yet */
	int64_t not_before;
	int64_t asked_at;
	char *key, *refused_key;
	struct sk_http_answer answer;
};

struct asking {
	struct sk_wire *wire;
	struct question *questions;
	size_t n, n_open, n_on_wire;
	size_t first; /* all before it are asked */
	sk_changed_fn *changed;
	void *arg;
	int *lacks;
	int broken;                 /* the journal can't be written */
	const char *refused_office; /* an office for which there is no key */
	struct sk_error *err;       /* the first trouble */
};

int
sk_check_status_is_lacking(struct sk_session *session)
{
	struct sk_error ignored = {0};
	int64_t at = 0;

	if (sk_store_fact_get(session->store, LACKING, &at, &ignored) != 0)
		return 0;
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
	};

	/* Nothing new: the look itself was noted when it was claimed. */
	if (fact.what == SK_SAYS_NOTHING ||
	    (fact.what == SK_SAYS_PENDING && row->result == SK_PENDING && row->gone_looks == 0))
		return 0;
	if (fact.what == SK_SAYS_FAILED) {
		fact.error_code = sk_code_name(SK_CODE_PMS_REFUSED);
		fact.error_message = said->result;
	}
	if (fact.what == SK_SAYS_ENDED) {
		fact.error_code = sk_code_name(SK_CODE_ENDED_UNCLEAR);
		fact.error_message = said->result;
	}
	return record(store, row, &fact, changed, err);
}

static int
record_not_known(struct asking *asking, struct question *question)
{
	const struct sk_fact fact = {.what = SK_NOT_KNOWN, .at = question->asked_at};
	struct sk_writeback *row = question->row;
	int64_t last = row->withdrawn_at != 0 ? row->looked_at : row->gone_at;

	if (last != 0 && question->asked_at - last < SK_LIFE_LOOK)
		return 0;
	return record(asking->wire->session->store, row, &fact, &question->changed, asking->err);
}

static int
record_item(struct asking *asking, struct question *question, const json_t *json)
{
	const json_t *item = sk_api_status_item(json, question->row->writeback_id);
	struct sk_api_status status;

	if (item == NULL)
		return record_not_known(asking, question);
	sk_api_read_status(item, &status);
	if (status.said == SK_SAID_PENDING && question->still_pending != NULL &&
	    question->row->withdrawn_at != 0)
		*question->still_pending = 1;
	return sk_check_status_record(asking->wire->session->store, question->row, &status,
	    &question->changed, asking->err);
}

static void
close_question(struct asking *asking, struct question *question)
{
	question->stage = ASKED;
	asking->n_open--;
}

static void
ask_again(struct question *question, const struct sk_api_reply *reply)
{
	sk_out_verbose("writeback %s: %s; asked again", question->row->writeback_id, reply->text);
	question->not_before = sk_time_monotonic() +
	    (reply->class == SK_API_REAUTHENTICATE
		    ? 0
		    : sk_wire_pause(&question->answer, question->attempts));
	if (reply->class == SK_API_REAUTHENTICATE) {
		sk_secret_free(question->refused_key);
		question->refused_key = question->key;
		question->key = NULL;
	}
	question->stage = TO_ASK;
}

static int
passes(struct asking *asking, const struct question *question, const struct sk_api_reply *reply)
{
	if (question->answer.untrusted || question->attempts >= TRIES)
		return 0;
	if (reply->class == SK_API_REAUTHENTICATE)
		return question->attempts == 1;
	return (question->answer.outcome != SK_HTTP_ANSWERED || reply->class == SK_API_RETRY ||
		   reply->class == SK_API_LIMITED) &&
	    sk_wire_may_retry(asking->wire);
}

static void
take_answer(struct asking *asking, struct question *question)
{
	struct sk_api_reply reply;

	sk_api_read(&question->answer, &reply);
	sk_rate_settle(asking->wire->rate, question->row->office_id, &question->answer,
	    reply.class == SK_API_DAILY_LIMIT);
	if (passes(asking, question, &reply)) {
		ask_again(question, &reply);
	} else {
		if (asking->broken)
			; /* it is asked again another time */
		else if (reply.class == SK_API_OK || reply.class == SK_API_ACCEPTED)
			record_item(asking, question, reply.json);
		else if (reply.class == SK_API_EMPTY ||
		    (question->answer.status == 404 && *reply.code != '\0'))
			record_not_known(asking, question);
		else if (strcmp(reply.code, "API2004") == 0)
			*asking->lacks = sk_store_fact_set(asking->wire->session->store, LACKING,
					     sk_time_now(), asking->err) == 0;
		else
			sk_api_fail(&reply, "/writeback_status", asking->err);
		close_question(asking, question);
	}
	sk_http_answer_fini(&question->answer);
	sk_api_reply_fini(&reply);
}

static void
note_answer(void *arg, struct sk_http_answer *answer)
{
	struct question *question = arg;

	sk_http_answer_take(answer, &question->answer);
	question->stage = ANSWERED;
}

static int
start(struct asking *asking, struct question *question)
{
	const struct sk_api_parameter id = {"id", question->row->writeback_id};
	char *url = sk_api_url(&asking->wire->session->config, "/writeback_status", &id, 1);
	struct sk_http_request request = {.kind = SK_HTTP_READ, .method = "GET", .url = url};
	int result;

	sk_api_sign_office(&request, question->key);
	question->attempts++;
	question->asked_at = sk_time_now();
	result = sk_http_start(asking->wire->http, &request, note_answer, question, asking->err);
	if (result == 0) {
		question->stage = ON_WIRE;
		asking->n_on_wire++;
	}
	free(url);
	return result;
}

/* 1 started, 0 not now (*wait says when), -1 this one can't be asked. */
static int
try_to_ask(struct asking *asking, struct question *question, int64_t *wait)
{
	const char *office_id = question->row->office_id;
	int64_t left = question->not_before - sk_time_monotonic();
	struct sk_error why = {0};

	if (asking->refused_office != NULL && strcmp(asking->refused_office, office_id) == 0)
		return -1;
	if (left <= 0)
		left = sk_rate_reserve(asking->wire->rate, office_id, SK_RATE_POLL, &why);
	if (left > 0) {
		*wait = left < *wait ? left : *wait;
		return 0;
	}
	if (left == 0 && question->key == NULL &&
	    sk_request_key_usable(asking->wire, office_id, question->refused_key, &question->key,
		&why) != 0)
		sk_rate_return(asking->wire->rate, office_id);
	if (why.code != 0) {
		asking->refused_office = office_id;
		if (asking->err->code == 0)
			*asking->err = why;
		return -1;
	}
	return start(asking, question) == 0 ? 1 : -1;
}

static void
ask_what_can_be(struct asking *asking, int64_t *wait)
{
	while (asking->first < asking->n && asking->questions[asking->first].stage == ASKED)
		asking->first++;
	for (size_t i = asking->first; i < asking->n && sk_http_room(asking->wire->http) > 0; i++) {
		struct question *question = &asking->questions[i];
		int started;

		if (question->stage != TO_ASK)
			continue;
		started = *asking->lacks || asking->broken || sk_stop_asked()
		    ? -1
		    : try_to_ask(asking, question, wait);
		if (started < 0)
			close_question(asking, question);
		if (started == 0)
			break;
	}
}

/* All answers that are here, in one commit; what has changed is told afterwards. */
static void
take_answers(struct asking *asking)
{
	struct sk_store *store = asking->wire->session->store;
	size_t n = 0;

	for (size_t i = asking->first; i < asking->n; i++)
		n += asking->questions[i].stage == ANSWERED;
	if (n == 0)
		return;
	asking->n_on_wire -= n;
	if (sk_store_begin(store, asking->err) != 0)
		asking->broken = 1;
	for (size_t i = asking->first; i < asking->n; i++)
		if (asking->questions[i].stage == ANSWERED)
			take_answer(asking, &asking->questions[i]);
	if (!asking->broken && sk_store_commit(store, asking->err) != 0)
		asking->broken = 1;
	for (size_t i = asking->first; i < asking->n; i++) {
		struct question *question = &asking->questions[i];

		if (question->changed && !asking->broken && asking->changed != NULL)
			asking->changed(asking->arg, question->row);
		question->changed = 0;
	}
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

int
sk_check_status(struct sk_wire *wire, struct sk_writeback *rows, size_t n, int *still_pending,
    sk_changed_fn *changed, void *arg, int *lacks, struct sk_error *err)
{
	struct asking asking = {.wire = wire,
	    .questions = sk_mem_zero(n > 0 ? n : 1, sizeof(struct question)),
	    .n = n,
	    .n_open = n,
	    .changed = changed,
	    .arg = arg,
	    .lacks = lacks,
	    .err = err};

	for (size_t i = 0; i < n; i++) {
		asking.questions[i].row = &rows[i];
		asking.questions[i].still_pending =
		    still_pending != NULL ? &still_pending[i] : NULL;
	}
	qsort(asking.questions, n, sizeof(*asking.questions), newest_first);
	while (asking.n_open > 0) {
		int64_t wait = SK_MINUTE;

		take_answers(&asking);
		ask_what_can_be(&asking, &wait);
		if (asking.n_open > 0 && (asking.n_on_wire > 0 || wait < SK_MINUTE))
			sk_wire_turn(wire, wait, -1);
	}
	for (size_t i = 0; i < n; i++) {
		sk_secret_free(asking.questions[i].key);
		sk_secret_free(asking.questions[i].refused_key);
	}
	free(asking.questions);
	return err->code != 0 ? -1 : 0;
}
