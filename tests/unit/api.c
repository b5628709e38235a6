/* SPDX-License-Identifier: MIT */
/* The server's answers: codes, classes, submissions, grants, and what is sent to get them. */
#include "api/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"
#include "tap.h"

static struct sk_http_answer
answered(int status, const char *body)
{
	static char kept[4096];
	struct sk_http_answer answer = {.outcome = SK_HTTP_ANSWERED,
	    .status = status,
	    .body = kept};

	snprintf(kept, sizeof(kept), "%s", body);
	answer.body_length = strlen(kept);
	return answer;
}

static void
test_urls(void)
{
	struct sk_config config = {.base_url = sk_mem_copy("https://example.org/v4")};
	struct sk_api_parameter parameters[] = {{"find", "name=eq_\xc3\xa9 a&b"}, {"limit", "500"}};
	char *url = sk_api_url(&config, "/patients", parameters, 2);
	char *segment = sk_api_escape("a b/c?d%e~f-g.h_i");

	is_str(url, "https://example.org/v4/patients?find=name%3Deq_%C3%A9%20a%26b&limit=500",
	    "names and values are escaped");
	is_str(segment, "a%20b%2Fc%3Fd%25e~f-g.h_i", "what isn't unreserved is escaped");
	free(url);
	url = sk_api_url(&config, "/practices", NULL, 0);
	is_str(url, "https://example.org/v4/practices", "no parameters, no question mark");
	free(url);
	free(segment);
	free(config.base_url);
}

static void
test_signing(void)
{
	struct sk_config config = {.app_id = sk_mem_copy("id"), .app_key = sk_mem_copy("key")};
	struct sk_http_request request = {.method = "GET"};

	sk_api_sign_app(&request, &config);
	is_str(request.headers[0].name, "App-Id", "the application signs with its id");
	is_str(request.headers[1].value, "key", "and its key");
	memset(&request, 0, sizeof(request));
	sk_api_sign_office(&request, "old");
	sk_api_sign_office(&request, "new");
	is_str(request.headers[0].value, "new", "a new key takes the old one's place");
	ok(request.headers[1].name == NULL, "and doesn't stand beside it");
	free(config.app_id);
	free(config.app_key);
}

static void
test_codes(void)
{
	static const char *const passing[] = {"API2002", "API2011", "API2012", "API2017"};
	static const char *const lasting[] = {"API2001", "API2006", "API2022", "API1020", "API2013",
	    "API2004", "not_sent", "", "api2002"};
	size_t i;

	for (i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		ok(sk_api_code_is_passing(passing[i]), "%s passes", passing[i]);
	for (i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++)
		ok(!sk_api_code_is_passing(lasting[i]), "\"%s\" doesn't pass", lasting[i]);
	ok(!sk_api_code_is_passing(NULL), "no code doesn't pass");
	ok(sk_api_code_find("API9999") == NULL, "an unknown code isn't found");
	ok(sk_api_code_find(NULL) == NULL, "nor is none");
	is_int(sk_api_code_find("API2017")->http, 412, "API2017 comes with 412");
}

struct reading {
	int status;
	const char *body;
	enum sk_api_class class;
	int exit_code;
	const char *text; /* NULL: not looked at */
};

static const struct reading readings[] = {
    {200, "{\"items\":[]}", SK_API_OK, 76, ""},
    {200, "[{\"error_code\":\"API2003\"}]", SK_API_CONFIG, 77,
	"application id or key, or office secret, is wrong"},
    {200, "{\"items\":[],\"error_code\":\"API2003\"}", SK_API_OK, 76, NULL},
    {200, "{\"error_code\":\"API2016\",\"http_code\":\"201\"}", SK_API_OK, 76, NULL},
    {500, "{\"error_code\":\"API2016\"}", SK_API_RETRY, 69, NULL},
    {200, "{\"error_code\":\"API4006\",\"long_message\":\"deleted\"}", SK_API_OK, 76, "deleted"},
    {200, "{\"error_code\":\"API9999\"}", SK_API_OK, 76, NULL},
    {204, "", SK_API_EMPTY, 76, ""},
    {200, "{\"error_code\":\"API2005\"}", SK_API_EMPTY, 76, NULL},
    {500, "{\"error_code\":\"API2005\"}", SK_API_RETRY, 69, NULL},
    {200, "{\"error_code\":\"API0008\"}", SK_API_REFUSED, 1, "appointment status NOT logged"},
    {200, "<html>hello</html>", SK_API_UNCLEAR, 76, "HTTP 200, not JSON, but a page of HTML"},
    {200, "", SK_API_UNCLEAR, 76, "HTTP 200"},
    {200, "{\"a\":1", SK_API_UNCLEAR, 76, NULL},
    {302, "<html>", SK_API_UNCLEAR, 69,
	"HTTP 302, a redirect, not followed, not JSON, but a page of HTML"},
    {400, "{\"error_code\":\"API1025\"}", SK_API_REAUTHENTICATE, 77, "request key expired"},
    {400, "{\"error_code\":\"API1004\"}", SK_API_REAUTHENTICATE, 77, NULL},
    {401, "", SK_API_REAUTHENTICATE, 69, "HTTP 401"},
    {401, "<html>", SK_API_REAUTHENTICATE, 69, NULL},
    {401, "{\"error_code\":\"API7777\"}", SK_API_REFUSED, 1, NULL},
    {401, "{\"error_code\":\"API2003\"}", SK_API_CONFIG, 77, NULL},
    {400, "{\"error_code\":\"API1001\"}", SK_API_CONFIG, 77, NULL},
    {401, "{\"error_code\":\"API2004\"}", SK_API_REFUSED, 77, NULL},
    {401, "{\"error_code\":\"API2007\"}", SK_API_REAUTHORIZE, 77, NULL},
    {403, "{}", SK_API_REFUSED, 1, "HTTP 403"},
    {404, "<html>", SK_API_REFUSED, 1, "HTTP 404, not JSON, but a page of HTML"},
    {408, "", SK_API_RETRY, 69, NULL},
    {429, "", SK_API_LIMITED, 75, NULL},
    {429, "{\"error_code\":\"API2011\"}", SK_API_DAILY_LIMIT, 75, NULL},
    {412, "{\"error_code\":\"API2017\"}", SK_API_SPU_OFFLINE, 75, NULL},
    {500, "{\"error_code\":\"API2010\"}", SK_API_REFUSED, 1, NULL},
    {502, "<html>", SK_API_RETRY, 69, NULL},
    {503, "{\"error_code\":\"API2002\"}", SK_API_RETRY, 69, "overloaded, try later"},
    {400, "{\"error_code\":\"API1020\",\"log_message\":\"l\",\"short_message\":\"s\"}",
	SK_API_REFUSED, 1, "l"},
    {400, "{\"error_code\":\"API1020\",\"long_message\":\"\",\"short_message\":\"s\"}",
	SK_API_REFUSED, 1, "s"},
};

static void
test_reading(void)
{
	size_t i;

	for (i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		const struct reading *row = &readings[i];
		struct sk_http_answer answer = answered(row->status, row->body);
		struct sk_error err = {0};
		struct sk_api_reply reply;
		char what[200];

		sk_api_read(&answer, &reply);
		snprintf(what, sizeof(what), "%d %s", row->status, row->body);
		is_int(reply.class, row->class, what);
		if (row->text != NULL)
			is_str(reply.text, row->text, "its text");
		is_int(sk_api_fail(&reply, "thing", &err), -1, "failing fails");
		is_int(err.code, row->exit_code, "its exit code");
		sk_api_reply_fini(&reply);
	}
}

static void
test_odd_answers(void)
{
	struct sk_http_answer answer = {.outcome = SK_HTTP_UNCLEAR, .trouble = "reset by peer"};
	struct sk_error err = {0};
	struct sk_api_reply reply;
	char long_body[600];
	json_t *value;

	sk_api_read(&answer, &reply);
	is_int(reply.class, SK_API_RETRY, "no answer: once more");
	is_str(reply.text, "reset by peer", "with what went wrong");
	is_str(reply.code, "", "and no code");
	sk_api_reply_fini(&reply);

	memset(long_body, 'x', sizeof(long_body));
	memcpy(long_body, "\xff\xc3\xa9\xe2\x82", 5);
	long_body[sizeof(long_body) - 1] = '\0';
	answer = answered(200, long_body);
	sk_api_read(&answer, &reply);
	value = json_string(reply.text);
	ok(value != NULL, "garbage is told as whole UTF-8");
	is_str(reply.text,
	    "HTTP 200, not JSON: neither a number nor true, false or null, at byte 0 of 599",
	    "by its place, and by none of its bytes");
	json_decref(value);
	sk_api_reply_fini(&reply);

	answer = answered(418,
	    "{\"error_code\":\"API-9999-of-a-kind-that-nobody-has-seen\",\"long_message\":"
	    "\"new\"}");
	sk_api_read(&answer, &reply);
	is_int(reply.class, SK_API_REFUSED, "an unknown code: its status decides");
	sk_api_fail(&reply, "/patients", &err);
	is_str(err.text, "/patients: new (API-9999-of-a-kind-that-nobody-has-seen)",
	    "and it is reported whole");
	is_str(reply.code, "API-9999-of-a-kind-that-nobody-has-seen", "also as the code");
	sk_error_clear(&err);
	sk_api_reply_fini(&reply);

	answer = answered(401, "{\"error_code\":\"API2003\",\"long_message\":\"no\"}");
	sk_api_read(&answer, &reply);
	sk_api_fail(&reply, "/authorized_practices", &err);
	ok(strstr(err.text, "check app_id and the app key, then run sikka-authorize") != NULL,
	    "it says what to check: %s", err.text);
	sk_api_reply_fini(&reply);
	answer = answered(404, "{\"error_code\":\"API2009\"}");
	sk_api_read(&answer, &reply);
	sk_api_fail(&reply, "later", &err);
	ok(strncmp(err.text, "later", 5) != 0, "the first failure wins: %s", err.text);
	sk_api_reply_fini(&reply);
}

struct submitting {
	int status;
	const char *body;
	enum sk_api_write verdict;
	const char *id;
};

#define CREATED "\"error_code\":\"API2016\""
#define LINK "https://api.example.org/v4/writeback_status"

static const struct submitting submittings[] = {
    {201,
	"{" CREATED ",\"long_message\":\"Id:275495\",\"more_information\":\"" LINK "?id=275495\"}",
	SK_WRITE_ACCEPTED, "275495"},
    {200, "[{" CREATED ",\"long_message\":\"id : 7-a_B \"}]", SK_WRITE_ACCEPTED, "7-a_B"},
    {200, "{" CREATED ",\"more_information\":\"" LINK "?a=1&ID=12\"}", SK_WRITE_ACCEPTED, "12"},
    {200, "{\"id\":\"12345\",\"result\":\"pending\"}", SK_WRITE_ACCEPTED, "12345"},
    {201, "{\"id\":12345}", SK_WRITE_ACCEPTED, "12345"},
    {200, "{\"error_code\":\"API0004\",\"long_message\":\"Id:3\"}", SK_WRITE_ACCEPTED, "3"},
    {200, "{\"error_code\":\"API9999\",\"long_message\":\"Id:3\"}", SK_WRITE_ACCEPTED, "3"},
    {201, "{" CREATED "}", SK_WRITE_ACCEPTED, ""},
    {201, "{" CREATED ",\"long_message\":\"Id:\"}", SK_WRITE_ACCEPTED, ""},
    {201, "{" CREATED ",\"long_message\":\"Id:null\"}", SK_WRITE_ACCEPTED, ""},
    {201, "{" CREATED ",\"id\":0}", SK_WRITE_ACCEPTED, ""},
    {201, "{" CREATED ",\"id\":\"-1\"}", SK_WRITE_ACCEPTED, ""},
    {201, "{" CREATED ",\"id\":\"7/8\"}", SK_WRITE_ACCEPTED, ""},
    {201, "{" CREATED ",\"id\":\"1234567890123456789012345678901\"}", SK_WRITE_ACCEPTED,
	"1234567890123456789012345678901"},
    {201, "{" CREATED ",\"id\":\"12345678901234567890123456789012\"}", SK_WRITE_ACCEPTED, ""},
    {201, "{" CREATED ",\"long_message\":\"paid:12, Patient Id:7\"}", SK_WRITE_ACCEPTED, ""},
    {201, "{" CREATED ",\"long_message\":\"patient_id:7\"}", SK_WRITE_ACCEPTED, ""},
    {201, "{" CREATED ",\"long_message\":\"Done. Id:7, thanks\"}", SK_WRITE_ACCEPTED, "7"},
    {201, "{" CREATED ",\"more_information\":\"x?patient_id=7\"}", SK_WRITE_ACCEPTED, ""},
    {201, "{" CREATED ",\"long_message\":\"Id:1\",\"more_information\":\"x?id=2\"}",
	SK_WRITE_UNCLEAR, ""},
    {201, "{\"id\":\"1\",\"long_message\":\"Id:2\"}", SK_WRITE_UNCLEAR, ""},
    {200, "{\"id\":\"\"}", SK_WRITE_UNCLEAR, ""},
    {200, "{}", SK_WRITE_UNCLEAR, ""},
    {200, "{\"error_code\":\"API0002\"}", SK_WRITE_UNCLEAR, ""},
    {200, "{\"error_code\":\"API2005\"}", SK_WRITE_UNCLEAR, ""},
    {200, "{\"error_code\":\"API4006\"}", SK_WRITE_UNCLEAR, ""},
    {200, "{\"items\":[{\"id\":\"5\"}]}", SK_WRITE_UNCLEAR, ""},
    {200, "<html>Id:5</html>", SK_WRITE_UNCLEAR, ""},
    {200, "{" CREATED ",\"long_message\":\"Id:27549", SK_WRITE_UNCLEAR, ""},
    {200, "", SK_WRITE_UNCLEAR, ""},
    {204, "", SK_WRITE_UNCLEAR, ""},
    {200, "[1,2]", SK_WRITE_UNCLEAR, ""},
    {200, "{\"error_code\":\"API0008\",\"long_message\":\"Id:5\"}", SK_WRITE_REFUSED, ""},
    {200, "{\"error_code\":\"API0005\"}", SK_WRITE_REFUSED, ""},
    {200, "{\"error_code\":\"API4003\"}", SK_WRITE_REFUSED, ""},
    {400, "{\"error_code\":\"API1020\",\"http_code\":\"200\"}", SK_WRITE_REFUSED, ""},
    {401, "{\"error_code\":\"API2003\"}", SK_WRITE_REFUSED, ""},
    {401, "{\"error_code\":\"API2004\"}", SK_WRITE_REFUSED, ""},
    {401, "{\"error_code\":\"API9999\"}", SK_WRITE_REFUSED, ""},
    {401, "<html>", SK_WRITE_REFUSED_KEY, ""},
    {401, "{}", SK_WRITE_REFUSED_KEY, ""},
    {400, "{\"error_code\":\"API1025\"}", SK_WRITE_REFUSED_KEY, ""},
    {400, "{\"error_code\":\"API1004\"}", SK_WRITE_REFUSED_KEY, ""},
    {403, "<html>", SK_WRITE_REFUSED, ""},
    {404, "{}", SK_WRITE_REFUSED, ""},
    {409, "{\"error_code\":\"API2013\"}", SK_WRITE_REFUSED, ""},
    {500, "{\"error_code\":\"API2010\"}", SK_WRITE_REFUSED, ""},
    {408, "{}", SK_WRITE_UNCLEAR, ""},
    {302, "{\"id\":\"5\"}", SK_WRITE_UNCLEAR, ""},
    {100, "{\"id\":\"5\"}", SK_WRITE_UNCLEAR, ""},
    {500, "{\"error_code\":\"API2001\"}", SK_WRITE_UNCLEAR, ""},
    {400, "{\"error_code\":\"API2001\"}", SK_WRITE_UNCLEAR, ""},
    {500, "{\"error_code\":\"API2006\"}", SK_WRITE_UNCLEAR, ""},
    {500, "{" CREATED ",\"long_message\":\"Id:5\"}", SK_WRITE_UNCLEAR, ""},
    {400, "{" CREATED ",\"long_message\":\"Id:5\"}", SK_WRITE_UNCLEAR, ""},
    {500, "", SK_WRITE_UNCLEAR, ""},
    {502, "<html>", SK_WRITE_UNCLEAR, ""},
    {503, "{}", SK_WRITE_UNCLEAR, ""},
    {503, "<html>API2002</html>", SK_WRITE_UNCLEAR, ""},
    {503, "{\"error_code\":\"API2002\"}", SK_WRITE_REFUSED_PASSING, ""},
    {504, "{\"error_code\":\"API2022\"}", SK_WRITE_UNCLEAR, ""},
    {429, "", SK_WRITE_REFUSED_PASSING, ""},
    {429, "<html>", SK_WRITE_REFUSED_PASSING, ""},
    {429, "{\"error_code\":\"API2011\"}", SK_WRITE_REFUSED_FOR_NOW, ""},
    {429, "{\"error_code\":\"API2012\"}", SK_WRITE_REFUSED_FOR_NOW, ""},
    {412, "{\"error_code\":\"API2017\"}", SK_WRITE_REFUSED_FOR_NOW, ""},
    {412, "{}", SK_WRITE_REFUSED, ""},
};

static void
test_submissions(void)
{
	struct sk_http_answer answer;
	struct sk_api_submission said;
	char what[200];
	size_t i;

	for (i = 0; i < sizeof(submittings) / sizeof(submittings[0]); i++) {
		const struct submitting *row = &submittings[i];

		answer = answered(row->status, row->body);
		sk_api_read_submission(&answer, &said);
		snprintf(what, sizeof(what), "%d %s", row->status, row->body);
		is_int(said.verdict, row->verdict, what);
		is_str(said.id, row->id, "its id");
		ok(!said.not_sent, "it was sent");
	}
	memset(&answer, 0, sizeof(answer));
	answer.outcome = SK_HTTP_NOT_SENT;
	snprintf(answer.trouble, sizeof(answer.trouble), "no route");
	sk_api_read_submission(&answer, &said);
	ok(said.not_sent, "surely not sent");
	is_int(said.verdict, SK_WRITE_UNCLEAR, "says nothing else");
	is_str(said.text, "no route", "but why");
	answer.outcome = SK_HTTP_UNCLEAR;
	answer.status = 400;
	sk_api_read_submission(&answer, &said);
	ok(!said.not_sent, "a 400 whose body broke off: something was sent");
	is_int(said.verdict, SK_WRITE_UNCLEAR, "and what became of it is unclear");
}

static void
test_grant_bodies(void)
{
	struct sk_config config = {.app_id = sk_mem_copy("i\"d"),
	    .app_key = sk_mem_copy("k\\\x01\xff")};
	char *body = sk_api_grant_request_key(&config, "D1", "s");

	is_str(body,
	    "{\"grant_type\":\"request_key\",\"office_id\":\"D1\",\"secret_key\":\"s\","
	    "\"app_id\":\"i\\u0022d\",\"app_key\":\"k\\u005c\\u0001\xff\"}",
	    "the first grant, whatever the keys hold");
	sk_secret_free(body);
	body = sk_api_grant_refresh_key(&config, "r");
	is_str(body,
	    "{\"grant_type\":\"refresh_key\",\"refresh_key\":\"r\",\"app_id\":\"i\\u0022d\","
	    "\"app_key\":\"k\\u005c\\u0001\xff\"}",
	    "the grant that renews");
	sk_secret_free(body);
	free(config.app_id);
	free(config.app_key);
}

struct granting {
	const char *body;
	int result;
	const char *key;
	const char *refresh;
	int64_t expires_in;
};

static const struct granting grantings[] = {
    {"{\"request_key\":\"k\",\"refresh_key\":\"r\",\"expires_in\":\"85603 second(s)\"}", 0, "k",
	"r", 85603000},
    {"[{\"request_key\":\"k\",\"expires_in\":\"86400\"}]", 0, "k", NULL, 86400000},
    {"{\"request_key\":\"k\",\"expires_in\":86400}", 0, "k", NULL, 86400000},
    {"{\"request_key\":\"k\",\"expires_in\":\" 86400 Seconds\"}", 0, "k", NULL, 86400000},
    {"{\"request_key\":\"k\",\"expires_in\":\"86400.0\"}", 0, "k", NULL, 86400000},
    {"{\"request_key\":\"k\",\"expires_in\":85603.9}", 0, "k", NULL, 85603000},
    {"{\"request_key\":\"k\",\"expires_in\":\"24 hour(s)\"}", 0, "k", NULL, 86400000},
    {"{\"request_key\":\"k\",\"expires_in\":\"1426 minutes\"}", 0, "k", NULL, 85560000},
    {"{\"request_key\":\"k\",\"expires_in\":\"1 day(s)\"}", 0, "k", NULL, 86400000},
    {"{\"request_key\":\"k\",\"expires_in\":\"1 month\"}", 0, "k", NULL, 0},
    {"{\"request_key\":\"k\",\"expires_in\":\"86,400\"}", 0, "k", NULL, 0},
    {"{\"request_key\":\"k\",\"expires_in\":\"0\"}", 0, "k", NULL, 0},
    {"{\"request_key\":\"k\",\"expires_in\":true}", 0, "k", NULL, 0},
    {"{\"request_key\":\"k\",\"expires_in\":\"\"}", 0, "k", NULL, 0},
    {"{\"request_key\":\"k\",\"expires_in\":null,\"unheard\":{\"of\":[1]}}", 0, "k", NULL, 0},
    {"{\"request_key\":\"k\",\"expires_in\":-5}", 0, "k", NULL, 3600000},
    {"{\"request_key\":\"k\",\"expires_in\":\"-35 second(s)\"}", 0, "k", NULL, 3600000},
    {"{\"request_key\":\"k\",\"expires_in\":\"-\"}", 0, "k", NULL, 0},
    {"{\"request_key\":\"k\",\"expires_in\":\"soon\"}", 0, "k", NULL, 0},
    {"{\"request_key\":\"k\",\"expires_in\":9223372036854775807}", 0, "k", NULL, 0},
    {"{\"request_key\":\"a b\",\"refresh_key\":\"r\"}", -1, NULL, "r", 0},
    {"{\"request_key\":\"a\\nX: y\",\"refresh_key\":\"\"}", -1, NULL, NULL, 0},
    {"{\"request_key\":\"\\u00e9\"}", -1, NULL, NULL, 0},
    {"{\"request_key\":12}", -1, NULL, NULL, 0},
    {"{\"error_code\":\"API2003\",\"request_key\":\"k\"}", -1, NULL, NULL, 0},
};

static void
test_grants(void)
{
	size_t i;

	for (i = 0; i < sizeof(grantings) / sizeof(grantings[0]); i++) {
		const struct granting *row = &grantings[i];
		struct sk_http_answer answer = answered(200, row->body);
		struct sk_api_grant grant;
		struct sk_api_reply reply;

		sk_api_read(&answer, &reply);
		is_int(sk_api_read_grant(&reply, &grant), row->result, row->body);
		is_str(grant.request_key, row->key, "its key");
		is_str(grant.refresh_key, row->refresh, "its refresh key");
		is_int(grant.expires_in, row->expires_in, "how long it holds");
		sk_api_grant_fini(&grant);
		sk_api_reply_fini(&reply);
	}
}

int
main(void)
{
	sk_mem_init();
	test_urls();
	test_signing();
	test_codes();
	test_reading();
	test_odd_answers();
	test_submissions();
	test_grant_bodies();
	test_grants();
	return done_testing();
}
