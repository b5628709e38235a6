/* SPDX-License-Identifier: MIT */
/*
 * Every code of the server's, as its documentation describes it: HTTP status, meaning for a read,
 * and what as the answer to a submission. A copy of its own, not lib/api_codes.c's: it is what that
 * is held against.
 */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "tap.h"

struct documented {
	const char *code;
	int http;
	const char *class;
	const char *write;
};

/* clang-format off */
static const struct documented documented[] = {
    {"API0002", 200, "ok", "unclear"},
    {"API0003", 200, "ok", "unclear"},
    {"API0004", 200, "ok", "unclear"},
    {"API0005", 200, "refused", "refused"},
    {"API0006", 200, "ok", "unclear"},
    {"API0007", 200, "accepted", "accepted"},
    {"API0008", 200, "refused", "refused"},
    {"API0009", 200, "accepted", "accepted"},
    {"API0011", 200, "accepted", "accepted"},
    {"API1001", 400, "config", "refused"},
    {"API1002", 400, "config", "refused"},
    {"API1003", 400, "refused", "refused"},
    {"API1004", 400, "reauthenticate", "refused, once more with a new key"},
    {"API1005", 400, "config", "refused"},
    {"API1006", 415, "refused", "refused"},
    {"API1007", 200, "accepted", "accepted"},
    {"API1020", 400, "refused", "refused"},
    {"API1025", 400, "reauthenticate", "refused, once more with a new key"},
    {"API1026", 400, "refused", "refused"},
    {"API1027", 400, "refused", "refused"},
    {"API1029", 202, "accepted", "accepted"},
    {"API2001", 500, "retry", "unclear"},
    {"API2002", 503, "retry", "refused, passing"},
    {"API2003", 401, "config", "refused"},
    {"API2004", 401, "refused", "refused"},
    {"API2005", 204, "empty", "unclear"},
    {"API2006", 500, "retry", "unclear"},
    {"API2007", 401, "reauthorize", "refused"},
    {"API2009", 404, "refused", "refused"},
    {"API2010", 500, "refused", "refused"},
    {"API2011", 429, "daily-limit", "refused, passing"},
    {"API2012", 429, "daily-limit", "refused, passing"},
    {"API2013", 409, "refused", "refused"},
    {"API2014", 405, "refused", "refused"},
    {"API2015", 409, "refused", "refused"},
    {"API2016", 201, "accepted", "accepted"},
    {"API2017", 412, "spu-offline", "refused, passing"},
    {"API2018", 410, "refused", "refused"},
    {"API2019", 422, "refused", "refused"},
    {"API2022", 504, "retry", "unclear"},
    {"API4002", 200, "refused", "refused"},
    {"API4003", 200, "refused", "refused"},
    {"API4004", 200, "refused", "refused"},
    {"API4005", 200, "refused", "refused"},
    {"API4006", 200, "ok", "withdrawn"},
};
/* clang-format on */

#define N (sizeof(documented) / sizeof(documented[0]))

static const struct {
	const char *word;
	enum sk_api_class class;
	enum sk_api_class of_read; /* of an answer that carries it */
	int exit_code;             /* where that answer isn't what was needed */
} classes[] = {
    {"ok", SK_API_OK, SK_API_OK, SK_EXIT_PROTOCOL},
    {"accepted", SK_API_ACCEPTED, SK_API_OK, SK_EXIT_PROTOCOL},
    {"empty", SK_API_EMPTY, SK_API_EMPTY, SK_EXIT_PROTOCOL},
    {"refused", SK_API_REFUSED, SK_API_REFUSED, SK_EXIT_FAILED},
    {"reauthenticate", SK_API_REAUTHENTICATE, SK_API_REAUTHENTICATE, SK_EXIT_NOT_AUTHORIZED},
    {"reauthorize", SK_API_REAUTHORIZE, SK_API_REAUTHORIZE, SK_EXIT_NOT_AUTHORIZED},
    {"config", SK_API_CONFIG, SK_API_CONFIG, SK_EXIT_NOT_AUTHORIZED},
    {"retry", SK_API_RETRY, SK_API_RETRY, SK_EXIT_UNAVAILABLE},
    {"daily-limit", SK_API_DAILY_LIMIT, SK_API_DAILY_LIMIT, SK_EXIT_TRY_LATER},
    {"spu-offline", SK_API_SPU_OFFLINE, SK_API_SPU_OFFLINE, SK_EXIT_TRY_LATER},
};

/* What a refusal is said to be, where the documentation's word for it isn't all. */
static enum sk_api_write
verdict_of(const struct documented *row)
{
	if (strcmp(row->write, "accepted") == 0)
		return SK_WRITE_ACCEPTED;
	if (strcmp(row->write, "refused") == 0)
		return SK_WRITE_REFUSED;
	if (strcmp(row->write, "refused, once more with a new key") == 0)
		return SK_WRITE_REFUSED_KEY;
	/* The same run sends again only what passes within seconds; a daily limit doesn't. */
	if (strcmp(row->write, "refused, passing") == 0)
		return strcmp(row->class, "retry") == 0 ? SK_WRITE_REFUSED_PASSING
							: SK_WRITE_REFUSED_FOR_NOW;
	/* "unclear", and "withdrawn", which is no answer to a submission */
	return SK_WRITE_UNCLEAR;
}

static struct sk_http_answer
answer_with(const struct documented *row, const char *more)
{
	static char body[200];
	struct sk_http_answer answer = {.outcome = SK_HTTP_ANSWERED, .status = row->http};

	snprintf(body, sizeof(body), "{\"http_code\":\"%d\",\"error_code\":\"%s\"%s}", row->http,
	    row->code, more);
	answer.body = body;
	answer.body_length = strlen(body);
	return answer;
}

static void
check_read(const struct documented *row)
{
	struct sk_http_answer answer = answer_with(row, "");
	const struct sk_api_code *known = sk_api_code_find(row->code);
	struct sk_error err = {0};
	struct sk_api_reply reply;
	int exit_code;
	size_t i = 0;

	while (i < sizeof(classes) / sizeof(classes[0]) && strcmp(classes[i].word, row->class) != 0)
		i++;
	ok(i < sizeof(classes) / sizeof(classes[0]) && known != NULL, "%s is known", row->code);
	if (known == NULL || i == sizeof(classes) / sizeof(classes[0]))
		return;
	is_int(known->http, row->http, row->code);
	is_int(known->class, classes[i].class, row->class);
	sk_api_read(&answer, &reply);
	is_int(reply.class, classes[i].of_read, "as an answer");
	ok(reply.text[0] != '\0', "and says in words: %s", reply.text);
	sk_api_fail(&reply, "thing", &err);
	/* The plan lacks the call: no other parameter helps. */
	exit_code =
	    strcmp(row->code, "API2004") == 0 ? SK_EXIT_NOT_AUTHORIZED : classes[i].exit_code;
	is_int(err.code, exit_code, "its exit code");
	sk_api_reply_fini(&reply);
}

static void
check_write(const struct documented *row)
{
	struct sk_http_answer answer = answer_with(row, "");
	struct sk_api_submission said;
	enum sk_api_write verdict = verdict_of(row);

	sk_api_read_submission(&answer, &said);
	is_int(said.verdict, verdict, row->write);
	is_str(said.code, row->code, "with its code");
	answer = answer_with(row, ",\"long_message\":\"Id:275495\"");
	sk_api_read_submission(&answer, &said);
	/* An id means accepted, unless the code refuses or the status isn't a success. */
	if (verdict == SK_WRITE_UNCLEAR && row->http <= 299)
		verdict = SK_WRITE_ACCEPTED;
	is_int(said.verdict, verdict, "with an id");
	is_str(said.id, verdict == SK_WRITE_ACCEPTED ? "275495" : "", "which counts when accepted");
	ok(sk_api_code_is_passing(row->code) == (strstr(row->write, "passing") != NULL),
	    "%s: whether a row that failed so may be retried", row->code);
}

int
main(void)
{
	for (size_t i = 0; i < N; i++) {
		check_read(&documented[i]);
		check_write(&documented[i]);
	}
	return done_testing();
}
