/* SPDX-License-Identifier: MIT */
/* What is handed in, made into a row and a body: filling in, refusing, keys, card fields. */
#include "commands/request.h"
#include "life/same.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/out.h"
#include "base/time.h"
#include "tap.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define TEXT(text) ((char *)(uintptr_t)(text))

#define BOOKING                                                                              \
	"\"patient_id\":\"7\",\"date\":\"2026-03-02\",\"time\":\"09:30\",\"length\":\"30\"," \
	"\"description\":\"x\",\"provider_id\":\"D1\",\"operatory\":\"OP1\""

/* One office with one practice, one with two, one that must authorize again. */
static struct sk_office offices[] = {
    {.number = 1, .office_id = TEXT("A1"), .status = SK_OFFICE_ACTIVE},
    {.number = 2, .office_id = TEXT("B2"), .status = SK_OFFICE_ACTIVE},
    {.number = 3, .office_id = TEXT("C3"), .status = SK_OFFICE_REAUTHORIZE},
    {.number = 4, .office_id = TEXT("D4"), .status = SK_OFFICE_REVOKED},
    {.number = 5, .office_id = TEXT("E5"), .status = SK_OFFICE_NEW},
};
static struct sk_practice practices[] = {
    {.office_id = TEXT("A1"),
	.practice_id = TEXT("1"),
	.pms = TEXT("OpenDental"),
	.status = SK_OFFICE_ACTIVE},
    {.office_id = TEXT("B2"),
	.practice_id = TEXT("1"),
	.pms = TEXT("OpenDental"),
	.status = SK_OFFICE_ACTIVE},
    {.office_id = TEXT("B2"),
	.practice_id = TEXT("2"),
	.pms = TEXT("Dentrix"),
	.status = SK_OFFICE_ACTIVE},
    {.office_id = TEXT("B2"),
	.practice_id = TEXT("3"),
	.pms = TEXT("Dentrix"),
	.status = SK_OFFICE_REVOKED},
};
static struct sk_common common;
static struct sk_session session = {.common = &common};
static struct sk_directory places = {.offices = offices,
    .n_offices = COUNT(offices),
    .practices = practices,
    .n_practices = COUNT(practices),
    .common = &common,
    .session = &session};
static const struct sk_request_options ordinary = {.operation = "book_appointment"};
static const struct sk_request_options raw = {.operation = "book_appointment", .raw = 1};
static const struct sk_request_options unchecked = {.operation = "book_appointment",
    .no_validate = 1};

static struct sk_request
read_text(const char *text, const struct sk_request_options *options)
{
	struct sk_request request;
	char why[SK_JSON_WHY] = "";
	json_t *value = sk_json_parse(text, strlen(text), why);

	if (value == NULL) {
		printf("Bail out! %s: %s\n", why, text);
		exit(1);
	}
	sk_request_read(value, &places, options, &request);
	json_decref(value);
	return request;
}

/* Only the office A1 is there. */
static void
leave_one(void)
{
	places.n_offices = 1;
	places.n_practices = 1;
}

static void
restore(void)
{
	places.n_offices = COUNT(offices);
	places.n_practices = COUNT(practices);
}

static void
test_filling_in(void)
{
	struct sk_request request;

	leave_one();
	request = read_text("{" BOOKING "}", &ordinary);
	is_int(request.faults.n, 0, "one office, one practice: neither needs to be said");
	is_str(request.row.office_id, "A1", "the office");
	is_str(request.row.practice_id, "1", "the practice");
	is_str(request.row.operation, "book_appointment", "the operation");
	is_str(request.row.method, "POST", "the method");
	is_str(request.row.endpoint, "/appointment", "the endpoint");
	ok(strstr(request.body, "\"practice_id\":\"1\"") != NULL, "the practice is sent");
	is_str(request.row.request_body, request.body, "what is sent is what is journaled");
	is_int(request.row.result, SK_QUEUED, "queued");
	is_int(request.row.id, 0, "not inserted");
	ok(request.row.queued_at != 0 && request.row.submitted_at == 0 && request.row.attempts == 0,
	    "never sent");
	ok(request.row.holds_key && !request.row.again && !request.row.has_secret,
	    "it holds its key");
	ok(request.row.key == NULL && request.row.content_key != NULL,
	    "and its content has a digest");
	is_int(request.exit, 0, "no exit code");
	sk_request_fini(&request);
	restore();

	request =
	    read_text("{\"office_id\":\"B2\",\"practice_id\":2,\"key\":17,\"body\":{" BOOKING "}}",
		&ordinary);
	is_int(request.faults.n, 0, "office and practice said, the rest in body");
	is_str(request.row.office_id, "B2", "that office");
	is_str(request.row.practice_id, "2", "that practice");
	is_str(request.row.key, "17", "a key that is a number is its text");
	ok(request.row.content_key != NULL, "and its content has its digest all the same");
	ok(strstr(request.body, "office_id") == NULL && strstr(request.body, "key") == NULL,
	    "the envelope isn't sent");
	sk_request_fini(&request);

	request = read_text("{\"office_id\":\"A1\"," BOOKING
			    ",\"operation\":\"update_appointment_status\","
			    "\"appointment_sr_no\":374,\"value\":\"Confirmed\"}",
	    &unchecked);
	is_int(request.faults.n, 0, "another operation, unchecked");
	is_str(request.row.method, "PATCH", "its method");
	is_str(request.row.endpoint, "/appointments/374", "the number in its path");
	sk_request_fini(&request);
}

static void
test_texts(void)
{
	struct sk_request request = read_text("{\"office_id\":\"A1\",\"a\":30,\"b\":true,\"c\":1."
					      "50,\"d\":\"030\",\"e\":-0.25,\"f\":1e3,"
					      "\"g\":12345678901234}",
	    &unchecked);

	is_int(request.faults.n, 0, "numbers and booleans are taken");
	is_str(request.body,
	    "{\"a\":\"30\",\"b\":\"true\",\"c\":\"1.5\",\"d\":\"030\",\"e\":\"-0.25\",\"f\":"
	    "\"1000\","
	    "\"g\":\"12345678901234\",\"practice_id\":\"1\"}",
	    "as their text");
	sk_request_fini(&request);
}

static void
test_refusals(void)
{
	static const struct {
		const char *text, *field, *code;
		int exit;
	} cases[] = {
	    {"[]", "", "invalid", 65},
	    {"\"text\"", "", "invalid", 65},
	    {"{" BOOKING ",\"practice_id\":\"1\"}", "office_id", "invalid", 65},
	    {"{\"office_id\":\"Z9\"," BOOKING "}", "office_id", "not_authorized", 77},
	    {"{\"office_id\":\"C3\"," BOOKING "}", "office_id", "not_authorized", 77},
	    {"{\"office_id\":\"D4\"," BOOKING "}", "office_id", "not_authorized", 77},
	    {"{\"office_id\":\"B2\"," BOOKING "}", "practice_id", "invalid", 65},
	    {"{\"office_id\":\"B2\",\"practice_id\":\"3\"," BOOKING "}", "practice_id", "invalid",
		65},
	    {"{\"office_id\":\"A1\",\"practice_id\":\"2\"," BOOKING "}", "practice_id", "invalid",
		65},
	    {"{\"office_id\":\"\"," BOOKING "}", "office_id", "invalid", 65},
	    {"{\"office_id\":null," BOOKING "}", "office_id", "invalid", 65},
	    {"{\"office_id\":\"A1\",\"key\":\"\"," BOOKING "}", "key", "invalid", 65},
	    {"{\"office_id\":\"A1\",\"key\":[1]," BOOKING "}", "key", "invalid", 65},
	    {"{\"office_id\":\"A1\",\"operation\":{}," BOOKING "}", "operation", "invalid", 65},
	    {"{\"office_id\":\"A1\",\"operation\":\"book_apointment\"," BOOKING "}", "operation",
		"invalid", 65},
	    {"{\"office_id\":\"A1\",\"body\":\"text\"," BOOKING "}", "body", "invalid", 65},
	    {"{\"office_id\":\"A1\",\"body\":[]," BOOKING "}", "body", "invalid", 65},
	    {"{\"office_id\":\"A1\",\"body\":{\"date\":\"2026-03-02\"}," BOOKING "}", "date",
		"invalid", 65},
	    {"{\"office_id\":\"A1\",\"note\":null," BOOKING "}", "note", "invalid", 65},
	    {"{\"office_id\":\"A1\",\"note\":[1]," BOOKING "}", "note", "invalid", 65},
	    {"{\"office_id\":\"A1\",\"body\":{\"note\":{}}," BOOKING "}", "note", "invalid", 65},
	    {"{\"office_id\":\"A1\",\"operation\":\"update_appointment_status\",\"value\":\"x\"}",
		"appointment_sr_no", "invalid", 65},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sk_request request = read_text(cases[i].text, &ordinary);

		if (!ok(request.faults.n > 0 &&
			    strcmp(request.faults.list[0].fields, cases[i].field) == 0 &&
			    request.code == sk_code_find(cases[i].code) &&
			    (int)request.exit == cases[i].exit,
			"refused: %.70s", cases[i].text))
			printf("# %zu faults, first: %s: %s\n", request.faults.n,
			    request.faults.list[0].fields, request.faults.list[0].message);
		ok(request.body == NULL && request.row.request_body == NULL,
		    "and nothing is built");
		sk_request_fini(&request);
	}
}

/* What a fault says names the field, and never repeats the value. */
static void
test_faults(void)
{
	struct sk_request request = read_text("{\"office_id\":\"A1\",\"patient_id\":\"7\",\"date\":"
					      "\"Smith\",\"time\":\"Smith\",\"length\":\"Smith\","
					      "\"description\":\"x\",\"provider_id\":\"D1\"}",
	    &ordinary);
	int dated = 0, timed = 0, lengthy = 0, lacking = 0, silent = 1;

	for (size_t i = 0; i < request.faults.n; i++) {
		dated |= strcmp(request.faults.list[i].fields, "date") == 0;
		timed |= strcmp(request.faults.list[i].fields, "time") == 0;
		lengthy |= strcmp(request.faults.list[i].fields, "length") == 0;
		lacking |= strcmp(request.faults.list[i].fields, "operatory") == 0;
		silent &= strstr(request.faults.list[i].message, "Smith") == NULL;
	}
	ok(dated && timed && lengthy && lacking, "each fault has its field");
	is_int(request.faults.n, 4, "and there are no others");
	ok(silent, "none repeats a value");
	sk_request_fini(&request);
}

static void
test_only_those(void)
{
	static const char *wanted[] = {"B2"};
	struct sk_request request;

	common.offices = wanted;
	common.n_offices = 1;
	request = read_text("{\"practice_id\":\"1\"," BOOKING "}", &ordinary);
	is_int(request.faults.n, 0, "--office leaves one: it needn't be said");
	is_str(request.row.office_id, "B2", "that one");
	sk_request_fini(&request);
	request = read_text("{\"office_id\":\"A1\"," BOOKING "}", &ordinary);
	ok(request.faults.n == 1 && strcmp(request.faults.list[0].fields, "office_id") == 0,
	    "another one is refused");
	sk_request_fini(&request);
	common.offices = NULL;
	common.n_offices = 0;

	places.n_offices = 0;
	request = read_text("{" BOOKING ",\"practice_id\":\"1\"}", &ordinary);
	is_int(request.exit, 77, "no office at all: 77");
	sk_request_fini(&request);
	restore();
}

static void
test_raw(void)
{
	static const struct {
		const char *text, *field;
	} bad[] = {
	    {"{\"office_id\":\"A1\",\"endpoint\":\"/x\"}", "method"},
	    {"{\"office_id\":\"A1\",\"method\":\"POST\"}", "endpoint"},
	    {"{\"office_id\":\"A1\",\"method\":\"GET\",\"endpoint\":\"/x\"}", "method"},
	    {"{\"office_id\":\"A1\",\"method\":\"POST\",\"endpoint\":\"x\"}", "endpoint"},
	    {"{\"office_id\":\"A1\",\"method\":\"POST\",\"endpoint\":\"/x?y=1\"}", "endpoint"},
	    {"{\"office_id\":\"A1\",\"method\":\"POST\",\"endpoint\":\"/x/../y\"}", "endpoint"},
	    {"{\"office_id\":\"A1\",\"method\":\"POST\",\"endpoint\":\"/x#y\"}", "endpoint"},
	    {"{\"method\":\"POST\",\"endpoint\":\"/x\"}", "office_id"},
	    {"{\"office_id\":\"A1\",\"method\":\"POST\",\"endpoint\":\"/"
	     "x\",\"a\":1,\"body\":{\"a\":1}}",
		"a"},
	};
	struct sk_request request =
	    read_text("{\"office_id\":\"B2\",\"method\":\"PUT\",\"endpoint\":\"/things/7\","
		      "\"key\":\"k\",\"a\":1,\"b\":[true,null],\"c\":{\"d\":\"e\"}}",
		&raw);

	is_int(request.faults.n, 0, "raw: as given");
	is_str(request.row.operation, "raw", "its operation");
	is_str(request.row.method, "PUT", "method");
	is_str(request.row.endpoint, "/things/7", "and endpoint");
	is_str(request.body, "{\"a\":1,\"b\":[true,null],\"c\":{\"d\":\"e\"}}",
	    "values aren't made texts");
	ok(request.row.practice_id == NULL, "no practice is filled in");
	is_str(request.row.key, "k", "its key");
	sk_request_fini(&request);

	request = read_text(
	    "{\"office_id\":\"B2\",\"method\":\"DELETE\",\"endpoint\":\"/things/7\"}", &raw);
	ok(request.faults.n == 0 && request.body == NULL && request.row.request_body == NULL,
	    "no fields, no body");
	sk_request_fini(&request);

	for (size_t i = 0; i < COUNT(bad); i++) {
		request = read_text(bad[i].text, &raw);
		ok(request.faults.n == 1 &&
			strcmp(request.faults.list[0].fields, bad[i].field) == 0,
		    "raw refused: %s", bad[i].text);
		sk_request_fini(&request);
	}
	request = read_text("{\"office_id\":\"A1\",\"method\":\"POST\"," BOOKING "}", &ordinary);
	ok(request.faults.n == 1 ||
		(request.faults.n == 0 && strstr(request.body, "\"method\"") != NULL),
	    "without --raw, method is a field like others");
	sk_request_fini(&request);
}

/* --- keys ------------------------------------------------------------------------------------ */

/* Whether two requests are the same by their content keys. */
static int
equal(const char *a, const char *b, const struct sk_request_options *options)
{
	struct sk_request left = read_text(a, options), right = read_text(b, options);
	int is_equal = left.row.content_key != NULL && right.row.content_key != NULL &&
	    strcmp(left.row.content_key, right.row.content_key) == 0;

	if (left.faults.n + right.faults.n > 0)
		printf("# a request was refused: %s %s\n", a, b);
	sk_request_fini(&left);
	sk_request_fini(&right);
	return is_equal;
}

static void
test_content_keys(void)
{
#define A "{\"office_id\":\"A1\","
	static const struct {
		const char *a, *b;
		int equal;
		const char *what;
	} pairs[] = {
	    {A "\"x\":\"1\",\"y\":\"2\"}", A "\"y\":\"2\",\"x\":\"1\"}", 1,
		"members in another order"},
	    {A "\"x\":\"1\",\"y\":\"2\"}", A "\"y\":\"2\",\"body\":{\"x\":\"1\"}}", 1,
		"flat or in body"},
	    {A "\"x\":30}", A "\"x\":30.0}", 1, "30 and 30.0"},
	    {A "\"x\":30}", A "\"x\":3e1}", 1, "30 and 3e1"},
	    {A "\"x\":30}", A "\"x\":\"30\"}", 1, "30 and \"30\": the same is sent"},
	    {A "\"x\":true}", A "\"x\":\"true\"}", 1, "true and \"true\""},
	    {A "\"x\":\"1\"}", A "\"x\":\"1\",\"practice_id\":1}", 1,
		"a practice filled in, or said"},
	    {A "\"x\":\"030\"}", A "\"x\":\"30\"}", 0, "\"030\" and \"30\""},
	    {A "\"x\":\"30.0\"}", A "\"x\":\"30\"}", 0, "\"30.0\" and \"30\""},
	    {A "\"x\":\"a\"}", A "\"x\":\"A\"}", 0, "another letter case"},
	    {A "\"x\":\"a\"}", A "\"x\":\"a \"}", 0, "a blank"},
	    {A "\"x\":\"1\"}", A "\"x\":\"1\",\"y\":\"\"}", 0, "an empty field more"},
	    {A "\"x\":\"1\"}", "{\"office_id\":\"E5\",\"practice_id\":\"1\",\"x\":\"1\"}", 0,
		"another office"},
	    {A "\"operation\":\"create_patient\",\"x\":\"1\"}", A "\"x\":\"1\"}", 0,
		"another operation"},
	    {A "\"operation\":\"update_appointment_status\",\"appointment_sr_no\":1}",
		A "\"operation\":\"update_appointment_status\",\"appointment_sr_no\":2}", 0,
		"another path"},
	    {A "\"x\":\"1\",\"card_number\":\"4111111111111111\"}",
		A "\"x\":\"1\",\"card_number\":\"4000000000000002\"}", 1,
		"card fields don't count"},
	};
	static const struct {
		const char *a, *b;
		int equal;
	} raws[] = {
	    {A "\"method\":\"PUT\",\"endpoint\":\"/x\",\"y\":{\"a\":1,\"b\":2}}",
		A "\"endpoint\":\"/x\",\"y\":{\"b\":2.0,\"a\":1e0},\"method\":\"PUT\"}", 1},
	    {A "\"method\":\"PUT\",\"endpoint\":\"/x\",\"y\":\"01\"}",
		A "\"method\":\"PUT\",\"endpoint\":\"/x\",\"y\":\"1\"}", 0},
	    {A "\"method\":\"PUT\",\"endpoint\":\"/x\"}",
		A "\"method\":\"PUT\",\"endpoint\":\"/y\"}", 0},
	    {A "\"method\":\"PUT\",\"endpoint\":\"/x\"}",
		A "\"method\":\"POST\",\"endpoint\":\"/x\"}", 0},
	    {A "\"method\":\"PUT\",\"endpoint\":\"/x\",\"y\":[1,2]}",
		A "\"method\":\"PUT\",\"endpoint\":\"/x\",\"y\":[2,1]}", 0},
	};

	for (size_t i = 0; i < COUNT(pairs); i++)
		ok(equal(pairs[i].a, pairs[i].b, &unchecked) == pairs[i].equal, "%s: %s",
		    pairs[i].equal ? "the same request" : "another request", pairs[i].what);
	for (size_t i = 0; i < COUNT(raws); i++)
		ok(equal(raws[i].a, raws[i].b, &raw) == raws[i].equal, "raw, %s: %s",
		    raws[i].equal ? "same" : "another", raws[i].b);
}

static void
test_again(void)
{
	const struct sk_request_options again = {.operation = "book_appointment", .again = 1};
	struct sk_request request = read_text("{\"office_id\":\"A1\"," BOOKING "}", &again);

	ok(request.row.again && !request.row.holds_key,
	    "--again: a row outside of the uniqueness of keys");
	sk_request_fini(&request);
	request = read_text("{\"office_id\":\"A1\",\"again\":true," BOOKING "}", &ordinary);
	ok(request.row.again && !request.row.holds_key && request.faults.n == 0 &&
		strstr(request.body, "again") == NULL,
	    "so does the request's own \"again\", which isn't sent");
	sk_request_fini(&request);
	request = read_text("{\"office_id\":\"A1\",\"again\":false," BOOKING "}", &ordinary);
	ok(!request.row.again && request.row.holds_key, "false is as if it weren't there");
	sk_request_fini(&request);
	request = read_text("{\"office_id\":\"A1\",\"again\":\"true\"," BOOKING "}", &ordinary);
	ok(request.faults.n == 1 && strcmp(request.faults.list[0].fields, "again") == 0,
	    "a text is neither");
	sk_request_fini(&request);
}

static void
test_cards(void)
{
	struct sk_request request =
	    read_text("{\"office_id\":\"A1\",\"operation\":\"post_transaction\",\"amount\":\"12\","
		      "\"card_number\":\"4111111111111111\",\"cvv\":\"123\","
		      "\"card_holder_name\":\"Smith\"}",
		&unchecked);

	is_int(request.faults.n, 0, "a card payment");
	is_int(request.row.has_secret, 1, "is marked as one");
	ok(strstr(request.body, "4111111111111111") != NULL &&
		strstr(request.body, "\"cvv\":\"123\"") != NULL,
	    "the card is sent");
	ok(strstr(request.row.request_body, "4111111111111111") == NULL &&
		strstr(request.row.request_body, "123") == NULL &&
		strstr(request.row.request_body, "Smith") == NULL &&
		strstr(request.row.request_body, "card") == NULL,
	    "and not journaled");
	ok(strstr(request.row.content_key, "4111") == NULL &&
		strstr(request.row.content_key, "Smith") == NULL,
	    "nor part of the key");
	ok(strstr(request.row.request_body, "\"amount\":\"12\"") != NULL, "the rest is");
	sk_request_fini(&request);
	request =
	    read_text("{\"office_id\":\"A1\",\"method\":\"POST\",\"endpoint\":\"/transaction\","
		      "\"card_number\":4111111111111111}",
		&raw);
	ok(request.row.has_secret && strstr(request.row.request_body, "4111") == NULL, "raw: too");
	sk_request_fini(&request);
	request =
	    read_text("{\"office_id\":\"A1\",\"method\":\"POST\",\"endpoint\":\"/transaction\","
		      "\"a\":[{\"card_number\":4111111111111111}],\"b\":{\"cvv\":\"987\"}}",
		&raw);
	ok(request.row.has_secret && strstr(request.row.request_body, "4111") == NULL &&
		strstr(request.row.request_body, "987") == NULL &&
		strstr(request.row.content_key, "4111") == NULL &&
		strstr(request.row.content_key, "987") == NULL,
	    "raw: at any depth");
	ok(strstr(request.body, "4111") != NULL && strstr(request.body, "987") != NULL,
	    "and it is sent");
	sk_request_fini(&request);
}

static void
test_is_row(void)
{
	struct sk_request request =
	    read_text("{\"office_id\":\"A1\",\"x\":\"1\",\"y\":\"2\",\"cvv\":\"3\"}", &unchecked);
	struct sk_writeback row = {.office_id = TEXT("A1"),
	    .method = TEXT("POST"),
	    .endpoint = TEXT("/appointment"),
	    .has_secret = 1,
	    .request_body = TEXT("{\"practice_id\":\"1\",\"y\":\"2\",\"x\":\"1\"}")};

	ok(sk_same_request(&request.row, &row), "the same, its members in another order");
	row.request_body = TEXT("{\"practice_id\":\"1\",\"y\":\"2\",\"x\":\"01\"}");
	ok(!sk_same_request(&request.row, &row), "not with another value");
	row.request_body = TEXT("{\"practice_id\":\"1\",\"y\":\"2\"}");
	ok(!sk_same_request(&request.row, &row), "not with a field less");
	row.request_body = NULL;
	ok(!sk_same_request(&request.row, &row), "not without a body");
	row.purged_at = 1;
	row.has_secret = 0;
	ok(!sk_same_request(&request.row, &row), "a card makes it another one");
	row.has_secret = 1;
	ok(sk_same_request(&request.row, &row),
	    "a purged one may be it, and nothing is sent twice");
	row.endpoint = TEXT("/patient");
	ok(!sk_same_request(&request.row, &row), "not one of another endpoint");
	row.endpoint = TEXT("/appointment");
	row.method = TEXT("PUT");
	ok(!sk_same_request(&request.row, &row), "not one of another method");
	row.method = TEXT("POST");
	row.office_id = TEXT("B2");
	ok(!sk_same_request(&request.row, &row), "not one of another office");
	sk_request_fini(&request);
}

int
main(void)
{
	sk_mem_init();
	offices[2].renewal_refused_at = sk_time_now();
	test_filling_in();
	test_texts();
	test_refusals();
	test_faults();
	test_only_those();
	test_raw();
	test_content_keys();
	test_again();
	test_cards();
	test_is_row();
	return done_testing();
}
