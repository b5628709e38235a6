/* SPDX-License-Identifier: MIT */
/*
 * pool: the loop of the engine. What goes in and out of it is in pool_queues.c; what leaves is chosen in
 * pool_choose.c, answers are judged in pool_answers.c, the transaction of a turn is in pool_write.c.
 * Who renews the keys is handed in (struct sk_pool_keys).
 */
#include "calls/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/secret.h"
#include "base/stop.h"
#include "base/time.h"
#include "calls/pool_parts.h"

#define LONGEST_TURN (10 * SK_MINUTE)
#define BUDGET 200 /* twenty retries to begin with, in tenths */
#define FIRST_PLACES 8
#define WAIT_FOR_OTHERS 3 /* ms */

int
sk_pool_new(struct sk_session *session, const struct sk_pool_keys *keys, struct sk_pool **pool,
    struct sk_error *err)
{
	struct sk_pool *new = sk_mem_zero(1, sizeof(*new));

	sk_progress_begin(NULL, "asking the server");
	new->session = session;
	new->budget = BUDGET;
	new->connections = session->config.connections;
	new->window = 100 * (new->connections < FIRST_PLACES ? new->connections : FIRST_PLACES);
	if (sk_config_need_app(&session->config, err) == 0 &&
	    sk_http_new(&session->config, &new->http, err) == 0 &&
	    sk_rate_new(session->config.db, &new->rate, err) == 0) {
		sk_pool_office_of(new, NULL);
		new->keys = keys;
		if (keys != NULL)
			keys->begin(new);
		*pool = new;
		return 0;
	}
	sk_pool_free(new);
	return -1;
}

static void
free_office(struct sk_pool_office *office)
{
	sk_office_fini(&office->record);
	sk_secret_free(office->refused);
	free(office->id);
	free(office);
}

static void
free_lists(struct sk_pool *pool)
{
	free(pool->arrived.calls);
	free(pool->answered.calls);
	free(pool->leaving.calls);
	free(pool->handed.calls);
	free(pool->entered);
}

void
sk_pool_free(struct sk_pool *pool)
{
	if (pool == NULL)
		return;
	sk_progress_end();
	sk_http_free(pool->http);
	if (pool->keys != NULL)
		pool->keys->end(pool);
	for (size_t i = 0; i < pool->n_offices; i++)
		free_office(pool->offices[i]);
	free(pool->offices);
	free_lists(pool);
	sk_text_fini(&pool->trouble);
	sk_rate_free(pool->rate);
	free(pool);
}

struct sk_session *
sk_pool_session(const struct sk_pool *pool)
{
	return pool->session;
}

size_t
sk_pool_on_wire(const struct sk_pool *pool)
{
	return pool->n_on_wire;
}

/* --- a turn ------------------------------------------------------------------------------------ */

void
sk_pool_wake_in(struct sk_pool *pool, int64_t ms)
{
	int64_t at = sk_time_monotonic() + ms;

	if (at < pool->wake_at)
		pool->wake_at = at;
}

/*
 * While a submission is on the wire, or is being claimed or recorded, its outcome would be unknown if
 * the process ended: then it ends with 2 when memory runs out, else with 71.
 */
static void
note_submissions(struct sk_pool *pool)
{
	sk_mem_exit_with(pool->n_submissions > 0 ? SK_EXIT_UNKNOWN : SK_EXIT_NO_RESOURCE);
}

void
sk_pool_count_submission(struct sk_call *call, int counts)
{
	if (call->kind != SK_CALL_SUBMISSION || call->is_counted == counts)
		return;
	call->is_counted = counts;
	if (counts)
		call->pool->n_submissions++;
	else
		call->pool->n_submissions--;
}

static void
take_off_wire(struct sk_call *call)
{
	struct sk_pool *pool = call->pool;

	pool->n_on_wire--;
	call->office->n_on_wire--;
	pool->bytes_expected -= call->expected;
	pool->heard_at = sk_time_monotonic();
	call->stage = SK_STAGE_ANSWERED;
	sk_call_list_add(&pool->arrived, call);
}

static void
note_answer(void *arg, struct sk_http_answer *answer)
{
	struct sk_call *call = arg;

	sk_http_answer_take(answer, &call->result->answer);
	take_off_wire(call);
}

/* The request as http wants it; the URL is the caller's to free. */
static char *
make_request(const struct sk_call *call, struct sk_http_request *request)
{
	const struct sk_config *config = &call->pool->session->config;
	int is_write = call->kind == SK_CALL_SUBMISSION || call->kind == SK_CALL_RENEWAL;
	char *url = sk_api_url(config, call->path, call->parameters, call->n_parameters);

	*request = (struct sk_http_request){
	    .kind = is_write ? SK_HTTP_WRITE : SK_HTTP_READ,
	    .method = call->method,
	    .url = url,
	    .body = call->body,
	    .body_length = call->body != NULL ? strlen(call->body) : 0,
	    .claimed_at = call->kind == SK_CALL_SUBMISSION ? call->chosen_at : 0,
	};
	if (call->key != NULL)
		sk_api_sign_office(request, call->key);
	else if (call->kind != SK_CALL_RENEWAL)
		sk_api_sign_app(request, config);
	if (call->refresh_key != NULL)
		sk_api_sign_refresh(request, call->refresh_key);
	return url;
}

/* Sends one. What can't even be started is as good as an answer which says that nothing was sent. */
static void
start(struct sk_call *call)
{
	struct sk_pool *pool = call->pool;
	struct sk_http_request request;
	struct sk_error err = {0};
	char *url = make_request(call, &request);

	if (call->result == NULL)
		call->result = sk_mem_zero(1, sizeof(*call->result));
	memset(&call->result->error, 0, sizeof(call->result->error));
	call->result->has_left = 1;
	call->attempts++;
	call->stage = SK_STAGE_ON_WIRE;
	if (pool->n_on_wire == 0)
		pool->heard_at = sk_time_monotonic();
	pool->n_on_wire++;
	call->office->n_on_wire++;
	pool->bytes_expected += call->expected;
	if (sk_http_start(pool->http, &request, note_answer, call, &err) != 0) {
		call->result->answer.outcome = SK_HTTP_NOT_SENT;
		call->result->answer.not_startable = err.code;
		snprintf(call->result->answer.trouble, sizeof(call->result->answer.trouble),
		    "%.190s", err.text);
		take_off_wire(call);
		pool->is_dirty = 1;
	}
	free(url);
}

static void
start_leaving(struct sk_pool *pool)
{
	for (size_t i = 0; i < pool->leaving.n; i++)
		start(pool->leaving.calls[i]);
	pool->leaving.n = 0;
}

/* The calls that have ended go back to their owners, all of an owner at once. */
static void
hand_over(struct sk_pool *pool)
{
	struct sk_call_list *list = &pool->handed;
	size_t end;

	for (size_t i = 0; i < list->n; i++) {
		sk_pool_count_submission(list->calls[i], 0);
		list->calls[i]->stage = SK_STAGE_OUTSIDE;
	}
	for (size_t from = 0; from < list->n; from = end) {
		const struct sk_call_owner *owner = list->calls[from]->owner;

		end = sk_call_list_group(list, from);
		if (owner != NULL && owner->ended != NULL)
			owner->ended(owner->owner_arg, &list->calls[from], end - from,
			    pool->unrecorded.code != 0 ? &pool->unrecorded : NULL);
	}
	list->n = 0;
	memset(&pool->unrecorded, 0, sizeof(pool->unrecorded));
}

static int64_t
time_to_wait(const struct sk_pool *pool, int64_t timeout)
{
	int64_t left = pool->wake_at - sk_time_monotonic();
	int64_t drawn = sk_progress_due_in(), told = sk_out_repeated_due_in();

	if (drawn < left)
		left = drawn;
	if (told < left)
		left = told;
	if (pool->is_dirty || pool->arrived.n > 0 || left <= 0)
		return 0;
	return left < timeout ? left : timeout;
}

/*
 * After a signal, and where libcurl can't be opened, all calls that wait end here. libcurl is opened at this place,
 * before any call is claimed: what is claimed has to leave.
 */
static void
see_what_forbids(struct sk_pool *pool)
{
	struct sk_error why = {0};

	if (sk_stop_asked())
		sk_stop_error(&why);
	else if (pool->n_waiting == 0 || sk_http_open(pool->http, &why) == 0)
		return;
	sk_pool_end_waiting(pool, NULL, &why);
	if (pool->keys != NULL)
		pool->keys->stop(pool, &why);
}

static bool
any_to_record(const struct sk_call_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->calls[i]->owner != NULL && list->calls[i]->owner->record != NULL)
			return true;
	return false;
}

/*
 * An answer that has to be recorded waits a moment for others, as long as fewer have come than are still on the
 * wire. A commit takes as long for many as for one, and the calls that take the places of these leave together, too.
 * When nothing else is on the wire, it doesn't wait.
 */
static void
wait_for_others(struct sk_pool *pool)
{
	int64_t until = sk_time_monotonic() + WAIT_FOR_OTHERS, left = WAIT_FOR_OTHERS;

	if (!any_to_record(&pool->arrived))
		return;
	while (pool->arrived.n < pool->n_on_wire && left > 0 && !sk_stop_asked()) {
		sk_http_turn(pool->http, left, -1);
		left = until - sk_time_monotonic();
	}
}

bool
sk_pool_turn(struct sk_pool *pool, int64_t timeout, int fd)
{
	bool readable;

	if (pool->turning)
		return false;
	pool->turning = 1;
	readable = sk_http_turn(pool->http, time_to_wait(pool, timeout), fd);
	wait_for_others(pool);
	pool->is_dirty = 0;
	pool->spent_this_turn = 0;
	pool->has_halved = 0;
	pool->has_failed = 0;
	pool->wake_at = sk_time_monotonic() + LONGEST_TURN;
	sk_rate_begin_turn(pool->rate);
	sk_pool_judge(pool);
	sk_rate_end_turn(pool->rate);
	if (pool->keys != NULL)
		pool->keys->tick(pool);
	/* Right before what leaves is chosen: an answer may just have handed in a further call. */
	see_what_forbids(pool);
	sk_pool_choose(pool);
	note_submissions(pool);
	sk_pool_write(pool);
	start_leaving(pool);
	note_submissions(pool);
	/* Nothing is tried any more: what failed says nothing of a call that comes later. */
	if (pool->n_waiting == 0 && pool->n_on_wire == 0 && pool->answered.n == 0)
		pool->failing_since = 0;
	hand_over(pool);
	sk_out_tell_repeated();
	sk_pool_show(pool);
	pool->turning = 0;
	return readable;
}

void
sk_pool_wait_at_most(struct sk_pool *pool, int64_t duration)
{
	pool->longest_wait = duration;
}

int
sk_pool_sleep(struct sk_pool *pool, int64_t duration, struct sk_error *err)
{
	int64_t end = sk_time_monotonic() + duration;

	for (;;) {
		int64_t left = end - sk_time_monotonic();

		if (sk_stop_asked())
			return sk_stop_error(err);
		if (left <= 0)
			return 0;
		sk_pool_turn(pool, left, -1);
	}
}

/* It would wait for ever: inside of a turn the pool doesn't turn. */
static int
refuse_in_turn(const struct sk_pool *pool, struct sk_error *err)
{
	if (!pool->turning)
		return 0;
	return sk_error_set(err, SK_EXIT_BUG, "a call is waited for inside of a turn");
}

int
sk_pool_wait(struct sk_pool *pool, struct sk_call *call, struct sk_error *err)
{
	if (refuse_in_turn(pool, err) != 0)
		return -1;
	while (!sk_call_has_ended(call))
		sk_pool_turn(pool, SK_MINUTE, -1);
	if (call->result->error.code == 0)
		return 0;
	if (err->code == 0)
		*err = call->result->error;
	return -1;
}

int
sk_pool_call(struct sk_pool *pool, struct sk_call *call, struct sk_error *err)
{
	/* Refused before it is handed in: the pool would send it when its caller has freed it. */
	if (refuse_in_turn(pool, err) != 0)
		return -1;
	call->owner = NULL;
	sk_pool_add(pool, call);
	return sk_pool_wait(pool, call, err);
}
