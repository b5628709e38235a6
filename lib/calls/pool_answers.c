/* SPDX-License-Identifier: MIT */
/*
 * pool_answers: what an answer means for its call (it stands, or the call is repeated), and for all
 * calls: the limit, the retry budget, how many places there are, whether the server can be reached
 * (sikka-life(7), Repeating calls).
 *
 * A read or a withdrawal has up to 4 attempts after any trouble that may pass. A submission and a
 * renewal are repeated only when surely nothing was sent or the server refused them for a passing
 * reason: repeating one in doubt could book twice. Repetitions of what was sent take from one budget, so
 * that an outage isn't met by four times the requests; the failures of one turn are one incident.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/secret.h"
#include "base/time.h"
#include "calls/pool_parts.h"

#define BUDGET 200      /* twenty retries … */
#define BUDGET_RETRY 10 /* … each takes ten tenths, */
#define BUDGET_REFILL 1 /* and each answered request gives one back */
#define PAUSE_FIRST 500
#define PAUSE_LONGEST (60 * SK_SECOND)
#define UNREACHABLE (20 * SK_SECOND)

/* --- what it means for all calls -------------------------------------------------------------- */

/* Fewer places: at most once a turn, since the failures of a turn have one cause. */
static void
halve_places(struct sk_pool *pool)
{
	if (pool->has_halved)
		return;
	pool->has_halved = 1;
	pool->past_start = 1;
	pool->window = pool->window / 2 > 100 ? pool->window / 2 : 100;
}

/* One place more for each success at the start, later one more for each full round of successes. */
static void
grow_places(struct sk_pool *pool)
{
	int64_t places = pool->window / 100;

	pool->window += pool->past_start ? (places < 100 ? 100 / places : 1) : 100;
	if (pool->window > 100 * pool->connections)
		pool->window = 100 * pool->connections;
}

static bool
is_overloaded(const struct sk_http_answer *answer)
{
	return answer->outcome == SK_HTTP_ANSWERED &&
	    (answer->status == 502 || answer->status == 503 || answer->status == 504);
}

static void
note_trouble(struct sk_pool *pool, const struct sk_http_answer *answer)
{
	int64_t now = sk_time_monotonic(), pause = answer->retry_after;

	pool->has_failed = 1;
	if (pool->failing_since == 0)
		pool->failing_since = now;
	if (answer->timed_out || answer->status == 503)
		halve_places(pool);
	if (answer->status != 503 || pause <= 0)
		return;
	pause = pause < PAUSE_LONGEST ? pause : PAUSE_LONGEST;
	if (now + pause > pool->paused_until)
		pool->paused_until = now + pause;
}

static void
note_health(struct sk_pool *pool, const struct sk_http_answer *answer)
{
	if (answer->outcome == SK_HTTP_ANSWERED && pool->budget < BUDGET)
		pool->budget += BUDGET_REFILL;
	if (answer->outcome != SK_HTTP_ANSWERED || is_overloaded(answer)) {
		note_trouble(pool, answer);
		return;
	}
	pool->failing_since = 0;
	if (answer->status == 429)
		halve_places(pool);
	else
		grow_places(pool);
}

/*
 * Nothing has succeeded for 20 s, and one more attempt has just failed: what waits isn't tried any more.
 * Without that attempt it would be the time alone that is judged: a pause of more than 20 s that the
 * server asked for, or hours in which nothing was sent.
 */
static void
give_up_unreachable(struct sk_pool *pool)
{
	struct sk_error why = {0};

	if (!pool->has_failed || pool->failing_since == 0 ||
	    sk_time_monotonic() - pool->failing_since < UNREACHABLE)
		return;
	sk_error_set(&why, SK_EXIT_UNAVAILABLE, "the server can't be reached (%s)",
	    pool->session->config.base_url);
	sk_pool_end_waiting(pool, NULL, &why);
	pool->failing_since = 0;
}

static bool
may_retry(struct sk_pool *pool)
{
	if (pool->spent_this_turn)
		return true;
	if (pool->budget < BUDGET_RETRY)
		return false;
	pool->budget -= BUDGET_RETRY;
	pool->spent_this_turn = 1;
	return true;
}

/* --- what it means for its call --------------------------------------------------------------- */

enum verdict {
	STANDS,      /* no repetition would change it */
	KEY_REFUSED, /* the office needs another request key */
	LIMITED,     /* 429 of the minute: the limit is closed until its reset */
	PASSES       /* the same call may well go another way in a moment */
};

static enum verdict
verdict_on_submission(const struct sk_call_result *result)
{
	/* Also when memory was lacking, which may come back; but not when its URL is refused. */
	if (result->said.not_sent)
		return result->answer.not_startable != 0 &&
			result->answer.not_startable != SK_EXIT_NO_RESOURCE
		    ? STANDS
		    : PASSES;
	switch (result->said.verdict) {
	case SK_WRITE_REFUSED_KEY:
		return KEY_REFUSED;
	case SK_WRITE_REFUSED_PASSING:
		return result->answer.status == 429 ? LIMITED : PASSES;
	default:
		return STANDS;
	}
}

static enum verdict
verdict_on_renewal(const struct sk_call_result *result)
{
	if (result->answer.outcome == SK_HTTP_NOT_SENT ||
	    strcmp(result->reply.code, "API2002") == 0)
		return PASSES;
	return result->reply.class == SK_API_LIMITED ? LIMITED : STANDS;
}

static enum verdict
verdict_on(const struct sk_call *call)
{
	const struct sk_call_result *result = call->result;

	if (result->answer.untrusted)
		return STANDS;
	if (call->kind == SK_CALL_SUBMISSION)
		return verdict_on_submission(result);
	/* Whoever reads can begin anew when there is memory. */
	if (result->answer.no_memory || result->answer.not_startable != 0)
		return STANDS;
	if (call->kind == SK_CALL_RENEWAL)
		return verdict_on_renewal(result);
	if (call->can_be_smaller && sk_call_is_too_much(&result->answer))
		return STANDS;
	if (result->answer.outcome != SK_HTTP_ANSWERED || result->reply.class == SK_API_RETRY)
		return PASSES;
	if (result->reply.class == SK_API_REAUTHENTICATE && call->key != NULL &&
	    call->request_key == NULL)
		return KEY_REFUSED;
	return result->reply.class == SK_API_LIMITED ? LIMITED : STANDS;
}

void
sk_pool_key_refused(struct sk_pool_office *office, const char *key)
{
	if (key == NULL)
		return;
	sk_secret_free(office->refused);
	office->refused = sk_mem_copy(key);
	office->is_loaded = 0; /* another process may have renewed it meanwhile */
	office->not_renewed_before = 0;
}

/* Repeating takes seconds: who sits before it sees why nothing happens (pool_why). */
static void
keep_reason(struct sk_call *call, const char *text)
{
	const struct sk_http_answer *answer = &call->result->answer;
	bool is_hidden = answer->outcome == SK_HTTP_ANSWERED && strstr(text, "HTTP ") == NULL;
	struct sk_text *trouble = &call->pool->trouble;

	sk_text_cut(trouble, 0);
	sk_text_add_format(trouble, "%s: ", call->path);
	if (is_hidden)
		sk_text_add_format(trouble, "HTTP %d, ", answer->status);
	sk_text_add(trouble, text);
}

/* Whether it is repeated, and from when on. */
static bool
is_repeated(struct sk_call *call, enum verdict verdict)
{
	int64_t pause = sk_time_jitter((int64_t)PAUSE_FIRST << call->attempts);
	int64_t asked = call->result->answer.retry_after;
	const char *text =
	    call->kind == SK_CALL_SUBMISSION ? call->result->said.text : call->result->reply.text;
	bool again = false;

	switch (verdict) {
	case STANDS:
		return false;
	case KEY_REFUSED:
		/* Once, with another key: a second refusal isn't about the key. */
		sk_pool_key_refused(call->office, call->key);
		again = call->keys_refused++ == 0;
		pause = 0;
		break;
	case LIMITED:
		/* No trouble that a budget should mind: the limit says when the next may go. */
		again = call->attempts < SK_POOL_TRIES;
		break;
	case PASSES:
		/* What surely wasn't sent has cost the server nothing. */
		again = call->attempts < SK_POOL_TRIES &&
		    (call->result->answer.outcome == SK_HTTP_NOT_SENT || may_retry(call->pool));
		break;
	}
	if (verdict != KEY_REFUSED && asked > 0)
		pause += asked < PAUSE_LONGEST ? asked : PAUSE_LONGEST;
	call->not_before = sk_time_monotonic() + pause;
	call->is_troubled = verdict == PASSES;
	if (again && call->is_troubled)
		keep_reason(call, text);
	if (again)
		sk_out_verbose("%s %s: %s; again in %lld ms", call->method, call->path, text,
		    (long long)pause);
	return again;
}

/* What a person may think of trying isn't worth it any more; and the status, where a text hides it. */
static void
add_attempts(struct sk_call *call)
{
	struct sk_error *error = &call->result->error;
	const struct sk_http_answer *answer = &call->result->answer;
	size_t used = strlen(error->text);
	char status[24] = "";

	if (error->code == 0 || call->attempts < 2)
		return;
	if (answer->outcome == SK_HTTP_ANSWERED && strstr(error->text, "HTTP ") == NULL)
		snprintf(status, sizeof(status), "; HTTP %d", answer->status);
	snprintf(error->text + used, sizeof(error->text) - used, "%s, tried %d times", status,
	    call->attempts);
}

/* Why a call that isn't repeated has no answer that stands. Submissions keep theirs as it is. */
static void
set_error(struct sk_call *call, enum verdict verdict)
{
	struct sk_call_result *result = call->result;
	const struct sk_http_answer *answer = &result->answer;

	if (call->kind == SK_CALL_SUBMISSION)
		return;
	if (answer->no_memory)
		sk_error_set(&result->error, SK_EXIT_NO_RESOURCE, "out of memory in libcurl");
	else if (answer->not_startable != 0)
		sk_error_set(&result->error, answer->not_startable, "%s", answer->trouble);
	else if (call->kind == SK_CALL_RENEWAL && verdict == STANDS)
		return; /* also one without a clear answer: the renewal knows what to do then */
	else if (answer->outcome != SK_HTTP_ANSWERED)
		sk_error_set(&result->error, SK_EXIT_UNAVAILABLE, "%s: %s (%s)", call->path,
		    answer->trouble, call->pool->session->config.base_url);
	else if (verdict == PASSES || verdict == LIMITED)
		sk_api_fail(&result->reply, call->path, &result->error);
	if (verdict == PASSES)
		add_attempts(call);
}

void
sk_pool_put_back(struct sk_call *call)
{
	sk_http_answer_fini(&call->result->answer);
	sk_api_reply_fini(&call->result->reply);
	memset(call->result, 0, sizeof(*call->result));
	sk_pool_count_submission(call, 0);
	sk_pool_enqueue(call);
}

/*
 * The Date of the server's own answers only: a proxy's page has the proxy's. An account without writebacks
 * gets nothing but empty lists (204), which are believed for what they lack, and so for their Date.
 */
static void
see_date(struct sk_pool *pool, const struct sk_http_answer *answer, bool is_servers)
{
	if (is_servers && answer->outcome == SK_HTTP_ANSWERED && answer->date != 0)
		sk_pulse_see(&pool->session->pulse, answer->sent, answer->received, answer->date);
}

/*
 * Whether the server accepts our application key, as far as this answer tells. A renewal that is refused may
 * be so for the office's secret; and 401 also says that one resource is not for us.
 */
static void
see_refusal(const struct sk_call *call)
{
	const struct sk_api_reply *reply = &call->result->reply;
	struct sk_pulse *pulse = &call->pool->session->pulse;

	if (call->office_id != NULL && call->kind != SK_CALL_RENEWAL)
		return;
	if (reply->class == SK_API_OK || reply->class == SK_API_ACCEPTED)
		sk_pulse_accepted(pulse);
	else if (call->kind != SK_CALL_RENEWAL && *reply->code != '\0' &&
	    (reply->class == SK_API_CONFIG ||
		(reply->http_status == 401 && sk_api_code_find(reply->code) == NULL)))
		sk_pulse_refused(pulse, reply->code);
}

void
sk_pool_warn_of_repairs(const struct sk_call *call, const struct sk_json_repairs *repairs)
{
	struct sk_pool_office *office = call->office;
	char *kinds;

	if (repairs->n == 0 || office->has_warned)
		return;
	office->has_warned = true;
	kinds = sk_json_repairs_text(repairs);
	if (office->id != NULL)
		sk_out_warn_repeated("office", office->id,
		    ": %s %s: the server's answer was repaired, at byte %zu: %s", call->method,
		    call->path, repairs->at, kinds);
	else
		sk_out_warn("%s %s: the server's answer was repaired, at byte %zu: %s",
		    call->method, call->path, repairs->at, kinds);
	free(kinds);
}

/* The answer is read, and counted in the limit: a limit is a minute's or a day's. */
static void
read_answer(struct sk_pool *pool, struct sk_call *call)
{
	struct sk_call_result *result = call->result;
	const struct sk_api_code *known;
	int is_daily;

	if (call->kind == SK_CALL_SUBMISSION) {
		sk_api_read_submission(&result->answer, &result->said);
		known = sk_api_code_find(result->said.code);
		is_daily = known != NULL && known->class == SK_API_DAILY_LIMIT;
		see_date(pool, &result->answer, result->said.is_json);
		sk_pool_warn_of_repairs(call, &result->said.repairs);
	} else {
		sk_api_read(&result->answer, &result->reply);
		result->reply.app_source = pool->session->config.app_source;
		is_daily = result->reply.class == SK_API_DAILY_LIMIT;
		see_date(pool, &result->answer,
		    result->reply.json != NULL || result->reply.class == SK_API_EMPTY);
		see_refusal(call);
		if (!result->reply.records.is_list)
			sk_pool_warn_of_repairs(call, &result->reply.records.repairs);
	}
	sk_rate_settle(pool->rate, call->office->limit, &result->answer, is_daily);
	/* What was full may have room now. */
	memset(call->office->limit_again_at, 0, sizeof(call->office->limit_again_at));
}

static void
judge(struct sk_pool *pool, struct sk_call *call)
{
	enum verdict verdict;

	read_answer(pool, call);
	note_health(pool, &call->result->answer);
	verdict = verdict_on(call);
	call->again = is_repeated(call, verdict);
	if (call->again && call->kind != SK_CALL_SUBMISSION) {
		sk_pool_put_back(call);
		return;
	}
	if (!call->again)
		set_error(call, verdict);
	/* A submission is recorded after each attempt, also when it is repeated. */
	sk_pool_pass_on(call);
}

void
sk_pool_judge(struct sk_pool *pool)
{
	for (size_t i = 0; i < pool->arrived.n; i++)
		judge(pool, pool->arrived.calls[i]);
	pool->arrived.n = 0;
	give_up_unreachable(pool);
}
