/* SPDX-License-Identifier: MIT */
#include "calls/wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "base/secret.h"
#include "base/stop.h"
#include "base/time.h"

#define BUDGET 200      /* twenty retries to begin with … */
#define BUDGET_RETRY 10 /* … each takes ten tenths, */
#define BUDGET_REFILL 1 /* and each answered request gives one back */
#define PAUSE_FIRST (500)
#define PAUSE_LONGEST (60 * SK_SECOND)

int
sk_wire_open(struct sk_wire *wire, struct sk_session *session, struct sk_error *err)
{
	memset(wire, 0, sizeof(*wire));
	wire->session = session;
	wire->budget = BUDGET;
	if (sk_config_need_app(&session->config, err) != 0)
		return -1;
	if (sk_stop_init() != 0)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no pipe for signals");
	if (sk_http_new(&session->config, &wire->http, err) != 0)
		return -1;
	return sk_rate_new(session->config.db, &wire->rate, err);
}

void
sk_wire_close(struct sk_wire *wire)
{
	sk_rate_free(wire->rate);
	sk_http_free(wire->http);
	wire->rate = NULL;
	wire->http = NULL;
}

int
sk_wire_turn(struct sk_wire *wire, int64_t timeout, int fd)
{
	int readable = sk_http_turn(wire->http, timeout, fd);

	if (wire->between != NULL)
		wire->between(wire->between_arg);
	return readable;
}

static int
stopped(struct sk_error *err)
{
	return sk_error_set(err, SK_EXIT_TRY_LATER, "stopped by a signal");
}

int
sk_wire_goes_on(struct sk_error *err)
{
	return !sk_stop_asked() || stopped(err) == 0;
}

int
sk_wire_sleep(struct sk_wire *wire, int64_t duration, struct sk_error *err)
{
	int64_t end = sk_time_monotonic() + duration;

	for (;;) {
		int64_t left = end - sk_time_monotonic();

		if (sk_stop_asked())
			return stopped(err);
		if (left <= 0)
			return 0;
		sk_wire_turn(wire, left, -1);
	}
}

int
sk_wire_reserve(struct sk_wire *wire, const char *bucket, enum sk_rate_use use,
    struct sk_error *err)
{
	for (;;) {
		int64_t wait = sk_rate_reserve(wire->rate, bucket, use, err);

		if (wait <= 0)
			return (int)wait;
		sk_out_verbose("waiting %lld ms for the limit of %s", (long long)wait,
		    *bucket ? bucket : "the application");
		if (sk_wire_sleep(wire, wait + sk_time_jitter(50), err) != 0)
			return -1;
	}
}

int64_t
sk_wire_pause(const struct sk_http_answer *answer, int attempt)
{
	int64_t pause = sk_time_jitter((int64_t)PAUSE_FIRST << attempt);
	int64_t asked = answer->retry_after;

	if (answer->status == 429 && answer->reset > asked)
		asked = answer->reset;
	if (asked > PAUSE_LONGEST)
		asked = PAUSE_LONGEST;
	return asked > 0 ? asked + pause : pause;
}

int
sk_wire_may_retry(struct sk_wire *wire)
{
	if (wire->budget < BUDGET_RETRY)
		return 0;
	wire->budget -= BUDGET_RETRY;
	return 1;
}

void
sk_wire_note_answer(struct sk_wire *wire, const struct sk_http_answer *answer)
{
	if (answer->outcome == SK_HTTP_ANSWERED && wire->budget < BUDGET)
		wire->budget += BUDGET_REFILL;
}

struct waiting {
	struct sk_http_answer *answer;
	int done;
};

static void
note_answer(void *arg, struct sk_http_answer *answer)
{
	struct waiting *waiting = arg;

	sk_http_answer_take(answer, waiting->answer);
	waiting->done = 1;
}

int
sk_wire_settle(struct sk_wire *wire, const char *bucket, const struct sk_http_answer *answer,
    struct sk_api_reply *reply, struct sk_error *err)
{
	sk_api_read(answer, reply);
	sk_rate_settle(wire->rate, bucket, answer, reply->class == SK_API_DAILY_LIMIT);
	sk_wire_note_answer(wire, answer);
	if (answer->no_memory)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE, "out of memory in libcurl");
	return 0;
}

/* One request under the limits. Once it has begun it is waited for, also when a signal came. */
static int
exchange(struct sk_wire *wire, const char *bucket, enum sk_rate_use use,
    const struct sk_http_request *request, struct sk_http_answer *answer,
    struct sk_api_reply *reply, struct sk_error *err)
{
	struct waiting waiting = {.answer = answer};

	memset(answer, 0, sizeof(*answer));
	if (sk_wire_reserve(wire, bucket, use, err) != 0)
		return -1;
	if (sk_http_start(wire->http, request, note_answer, &waiting, err) != 0) {
		sk_rate_return(wire->rate, bucket);
		return -1;
	}
	while (!waiting.done)
		sk_wire_turn(wire, SK_MINUTE, -1);
	return sk_wire_settle(wire, bucket, answer, reply, err);
}

int
sk_wire_passes(const struct sk_http_answer *answer, const struct sk_api_reply *reply)
{
	if (answer->untrusted)
		return 0;
	if (answer->outcome != SK_HTTP_ANSWERED)
		return 1;
	return reply->class == SK_API_RETRY || reply->class == SK_API_LIMITED;
}

int
sk_wire_fail(const struct sk_wire *wire, const struct sk_http_answer *answer,
    const struct sk_api_reply *reply, const char *what, struct sk_error *err)
{
	if (answer->outcome != SK_HTTP_ANSWERED)
		return sk_error_set(err, SK_EXIT_UNAVAILABLE, "%s: %s (%s)", what, answer->trouble,
		    wire->session->config.base_url);
	return sk_api_fail(reply, what, err);
}

const char *
sk_wire_bucket(const struct sk_call *call)
{
	return call->office_id != NULL ? call->office_id : SK_RATE_APP;
}

char *
sk_wire_request(const struct sk_wire *wire, const struct sk_call *call,
    struct sk_http_request *request)
{
	char *url =
	    sk_api_url(&wire->session->config, call->path, call->parameters, call->n_parameters);

	*request =
	    (struct sk_http_request){.kind = SK_HTTP_READ, .method = call->method, .url = url};
	if (call->request_key != NULL)
		sk_api_sign_office(request, call->request_key);
	else
		sk_api_sign_app(request, &wire->session->config);
	if (call->refresh_key != NULL)
		sk_api_sign_refresh(request, call->refresh_key);
	return url;
}

void
sk_wire_note(const struct sk_call *call, const struct sk_http_answer *answer)
{
	if (call->data_in_progress != NULL && answer->data_insert != NULL &&
	    strcasestr(answer->data_insert, "progress") != NULL)
		*call->data_in_progress = 1;
}

int
sk_wire_call(struct sk_wire *wire, const struct sk_call *call, struct sk_api_reply *reply,
    struct sk_error *err)
{
	struct sk_http_request request;
	char *url = sk_wire_request(wire, call, &request);
	struct sk_http_answer answer;
	int result = -1;

	for (int attempt = 1;; attempt++) {
		int64_t pause;

		memset(reply, 0, sizeof(*reply));
		if (exchange(wire, sk_wire_bucket(call), call->use, &request, &answer, reply,
			err) != 0)
			break;
		sk_wire_note(call, &answer);
		if (!sk_wire_passes(&answer, reply)) {
			result = answer.outcome == SK_HTTP_ANSWERED
			    ? 0
			    : sk_wire_fail(wire, &answer, reply, call->path, err);
			break;
		}
		if (attempt == SK_WIRE_TRIES || !sk_wire_may_retry(wire)) {
			sk_wire_fail(wire, &answer, reply, call->path, err);
			break;
		}
		pause = sk_wire_pause(&answer, attempt);
		sk_out_verbose("%s %s: %s; again in %lld ms", call->method, call->path, reply->text,
		    (long long)pause);
		sk_http_answer_fini(&answer);
		sk_api_reply_fini(reply);
		if (sk_wire_sleep(wire, pause, err) != 0)
			break;
	}
	sk_http_answer_fini(&answer);
	if (result != 0)
		sk_api_reply_fini(reply);
	free(url);
	return result;
}

int
sk_wire_grant(struct sk_wire *wire, const char *body, struct sk_api_reply *reply,
    struct sk_http_answer *facts, struct sk_error *err)
{
	char *url = sk_api_url(&wire->session->config, "/request_key", NULL, 0);
	struct sk_http_request request = {.kind = SK_HTTP_WRITE,
	    .method = "POST",
	    .url = url,
	    .body = body,
	    .body_length = strlen(body)};
	int result = -1;

	for (int attempt = 1;; attempt++) {
		int64_t pause;

		memset(reply, 0, sizeof(*reply));
		if (exchange(wire, SK_RATE_APP, SK_RATE_WRITE, &request, facts, reply, err) != 0)
			break;
		if (facts->outcome != SK_HTTP_NOT_SENT && reply->class != SK_API_LIMITED &&
		    strcmp(reply->code, "API2002") != 0) {
			result = 0;
			break;
		}
		if (facts->untrusted || attempt == SK_WIRE_TRIES || !sk_wire_may_retry(wire)) {
			sk_wire_fail(wire, facts, reply, "/request_key", err);
			break;
		}
		pause = sk_wire_pause(facts, attempt);
		sk_http_answer_fini(facts);
		sk_api_reply_fini(reply);
		if (sk_wire_sleep(wire, pause, err) != 0)
			break;
	}
	if (result != 0) {
		sk_http_answer_fini(facts);
		sk_api_reply_fini(reply);
	}
	free(url);
	return result;
}
