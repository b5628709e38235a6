/* SPDX-License-Identifier: MIT */
/* What the server says of a writeback, in both dialects; what isn't said clearly isn't said. */
#include "api/writeback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "tap.h"

static json_t *
parse(const char *text)
{
	return sk_json_parse(text, strlen(text), NULL);
}

struct saying {
	const char *item;
	enum sk_said said;
};

static const struct saying statuses[] = {
    {"{\"is_completed\":\"True\",\"has_error\":\"False\",\"status\":\"Success\"}",
	SK_SAID_COMPLETED},
    {"{\"is_completed\":true,\"has_error\":false}", SK_SAID_COMPLETED},
    {"{\"is_completed\":\"TRUE\",\"has_error\":\"\",\"status\":\"success\"}", SK_SAID_COMPLETED},
    {"{\"is_completed\":1,\"has_error\":\"0\",\"status\":\"\"}", SK_SAID_COMPLETED},
    {"{\"is_completed\":\"True\",\"has_error\":\"True\",\"status\":\"Failed\"}", SK_SAID_FAILED},
    {"{\"is_completed\":\"True\",\"has_error\":\"\",\"status\":\"ERROR\"}", SK_SAID_FAILED},
    {"{\"is_completed\":\"\",\"has_error\":true}", SK_SAID_FAILED},
    {"{\"is_completed\":\"False\",\"has_error\":\"\",\"status\":\"failed\"}", SK_SAID_FAILED},
    {"{\"is_completed\":\"True\",\"has_error\":\"True\",\"status\":\"Success\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"False\",\"status\":\"Failed\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"\",\"has_error\":\"\",\"status\":\"Pending\"}", SK_SAID_PENDING},
    {"{\"is_completed\":\"False\",\"has_error\":\"False\",\"status\":\"\"}", SK_SAID_PENDING},
    {"{\"is_completed\":false,\"has_error\":null,\"status\":null}", SK_SAID_PENDING},
    {"{\"status\":\"pending\"}", SK_SAID_PENDING},
    {"{\"is_completed\":\"True\",\"has_error\":\"\",\"status\":\"\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"\",\"status\":\"Pending\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"False\",\"has_error\":\"\",\"status\":\"Success\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"\",\"has_error\":\"\",\"status\":\"Running\"}", SK_SAID_NOTHING},
    {"{\"is_completed\":\"soon\",\"has_error\":\"\",\"status\":\"Pending\"}", SK_SAID_NOTHING},
    {"{\"is_completed\":\"\",\"has_error\":\"maybe\",\"status\":\"Pending\"}", SK_SAID_NOTHING},
    {"{\"status\":\"\"}", SK_SAID_NOTHING},
    {"{\"id\":\"1\"}", SK_SAID_NOTHING},
    {"{\"id\":\"1\",\"result\":\"pending\"}", SK_SAID_PENDING},
    {"{\"id\":\"1\",\"result\":\"Completed\"}", SK_SAID_COMPLETED},
    {"{\"id\":\"1\",\"result\":\"failed\"}", SK_SAID_FAILED},
    {"{\"id\":\"1\",\"result\":\"New Patient inserted\"}", SK_SAID_NOTHING},
    {"{\"is_completed\":\"True\",\"has_error\":\"False\",\"status\":\"Error\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"False\",\"status\":\"Cancelled\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"False\",\"status\":\"Pending\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"False\",\"status\":\"Completed\"}",
	SK_SAID_COMPLETED},
    {"{\"is_completed\":\"True\",\"has_error\":\"False\",\"status\":\"Done\"}", SK_SAID_COMPLETED},
    {"{\"is_completed\":\"True\",\"has_error\":\"\",\"status\":\"Completed\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"\",\"status\":\"\",\"result\":\"completed\"}",
	SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"no idea\",\"status\":\"\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"False\",\"status\":\"Success\",\"result\":"
     "\"failed\"}",
	SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"False\",\"status\":\"Success\",\"result\":"
     "\"pending\"}",
	SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"False\",\"status\":\"Success\",\"result\":"
     "\"completed\"}",
	SK_SAID_COMPLETED},
    {"{\"is_completed\":\"True\",\"has_error\":\"True\",\"status\":\"Failed\",\"result\":"
     "\"Success\"}",
	SK_SAID_ENDED},
    {"{\"is_completed\":\"True\",\"has_error\":\"True\",\"status\":\"Completed\"}", SK_SAID_FAILED},
    {"{\"is_completed\":\"\",\"has_error\":\"True\",\"status\":\"Pending\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"False\",\"has_error\":\"False\",\"status\":\"Failed\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"False\",\"has_error\":\"False\",\"status\":\"Cancelled\"}",
	SK_SAID_ENDED},
    {"{\"is_completed\":\"False\",\"has_error\":\"False\",\"status\":\"Success\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"\",\"has_error\":\"\",\"status\":\"Success\"}", SK_SAID_ENDED},
    {"{\"is_completed\":\"False\",\"has_error\":\"False\",\"status\":\"\",\"result\":\"failed\"}",
	SK_SAID_ENDED},
    {"{\"is_completed\":\"False\",\"has_error\":\"False\",\"status\":\"\",\"result\":\"Error\"}",
	SK_SAID_ENDED},
    {"{\"is_completed\":\"False\",\"has_error\":\"False\",\"status\":\"Running\"}",
	SK_SAID_NOTHING},
    {"{\"is_completed\":\"False\",\"has_error\":\"False\",\"status\":\"\",\"result\":\"error in "
     "line 7\"}",
	SK_SAID_PENDING},
    {"{\"status\":\"Success\"}", SK_SAID_ENDED},
    {"{\"id\":\"1\",\"result\":\"Cancelled\"}", SK_SAID_ENDED},
    {"{\"id\":\"1\",\"result\":\"Error\"}", SK_SAID_ENDED},
    {"[]", SK_SAID_NOTHING},
};

static void
test_status(void)
{
	struct sk_api_status status;
	json_t *item;
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		item = parse(statuses[i].item);
		sk_api_read_status(item, &status);
		is_int(status.said, statuses[i].said, statuses[i].item);
		json_decref(item);
	}
	sk_api_read_status(NULL, &status);
	is_int(status.said, SK_SAID_NOTHING, "no item says nothing");
	ok(status.id == NULL, "and has no id");

	item = parse("{\"id\":275495,\"result\":\"inserted\",\"created_id\":\"c9\","
		     "\"appointment_sr_no\":\"\",\"patient_id\":-7}");
	sk_api_read_status(item, &status);
	is_str(status.id, "275495", "an id that is a number");
	is_str(status.text, "inserted", "the text of the PMS");
	is_str(status.created_id, "c9", "what was created");
	ok(status.appointment_sr_no == NULL, "an empty text is none");
	is_str(status.patient_id, "-7", "numbers don't get in each other's way");
	json_decref(item);
}

static json_t *
item_in(const char *text)
{
	char *body = sk_mem_copy(text);
	struct sk_http_answer answer = {.outcome = SK_HTTP_ANSWERED,
	    .status = 200,
	    .body = body,
	    .body_length = strlen(body)};
	struct sk_api_reply reply;
	json_t *item;

	sk_api_read(&answer, &reply);
	item = sk_api_status_item(&reply, "7");
	sk_api_reply_fini(&reply);
	free(body);
	return item;
}

static void
test_item(void)
{
	static const char *const found[] = {
	    "{\"items\":[{\"id\":\"6\"},{\"id\":\"7\",\"here\":1}]}",
	    "[{\"items\":[{\"id\":7,\"here\":1}]}]",
	    "{\"id\":\"7\",\"here\":1}",
	    "[{\"id\":7,\"here\":1}]",
	    "[[{\"id\":7,\"here\":1}]]",
	};
	static const char *const missing[] = {
	    "{\"items\":[]}",
	    "{\"items\":[{\"id\":\"77\"}]}",
	    "{\"items\":[{\"status\":\"Success\"}]}",
	    "{\"id\":\"8\"}",
	    "{\"error_code\":\"API2009\"}",
	    "[]",
	    "\"7\"",
	    "",
	    "{\"items\":[{\"id\":\"7\"}]",
	};
	size_t i;

	for (i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		json_t *item = item_in(found[i]);

		ok(json_object_get(item, "here") != NULL, "7 is in %s", found[i]);
		json_decref(item);
	}
	for (i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
		ok(item_in(missing[i]) == NULL, "7 isn't in %s", missing[i]);
	}
}

static const struct saying listings[] = {
    {"{\"id\":1,\"result\":\"Pending\",\"completed_time\":\"\"}", SK_SAID_PENDING},
    {"{\"id\":1,\"result\":\"completed\"}", SK_SAID_COMPLETED},
    {"{\"id\":1,\"result\":\"Failed\",\"completed_time\":\"x\"}", SK_SAID_FAILED},
    {"{\"id\":1,\"result\":\"New Patient inserted\",\"completed_time\":\"x\"}", SK_SAID_ENDED},
    {"{\"id\":1,\"result\":\"New Patient inserted\",\"completed_time\":\"\"}", SK_SAID_NOTHING},
    {"{\"id\":1,\"result\":\"pending review\"}", SK_SAID_NOTHING},
    {"{\"id\":1,\"result\":\"\",\"completed_time\":\"\"}", SK_SAID_NOTHING},
    {"{\"id\":1,\"result\":\"\",\"completed_time\":\"x\"}", SK_SAID_NOTHING},
    {"{\"id\":1}", SK_SAID_NOTHING},
    {"{\"id\":1,\"result\":\"pending\",\"completed_time\":\"x\"}", SK_SAID_ENDED},
    {"{\"id\":1,\"result\":\"Error\",\"completed_time\":\"x\"}", SK_SAID_ENDED},
    {"{\"id\":1,\"result\":\"Cancelled\",\"completed_time\":\"\"}", SK_SAID_ENDED},
    {"{\"id\":1,\"result\":\"completed\",\"completed_time\":\"\"}", SK_SAID_COMPLETED},
    {"{\"id\":1,\"result\":\"Inserted\",\"completed_time\":\"x\",\"is_completed\":\"True\","
     "\"has_error\":\"False\"}",
	SK_SAID_COMPLETED},
    {"{\"id\":1,\"result\":\"pending\",\"completed_time\":\"\",\"is_completed\":\"True\","
     "\"has_error\":\"False\"}",
	SK_SAID_ENDED},
    {"{\"id\":1,\"result\":\"Inserted\",\"completed_time\":\"x\",\"is_completed\":\"\"}",
	SK_SAID_ENDED},
};

/* The text that a person reads, and where it comes from. The word alone is told of an unclear end only. */
static void
test_texts(void)
{
	static const struct {
		const char *item, *text;
	} texts[] = {
	    {"{\"id\":1,\"result\":\"appointment already scheduled\",\"current_status\":\"x\"}",
		"appointment already scheduled"},
	    {"{\"id\":1,\"result\":\"failed\",\"error_message\":\"PMS database locked\"}",
		"PMS database locked"},
	    {"{\"id\":1,\"result\":\"failed\",\"error_message\":null}", "failed"},
	    {"{\"id\":1,\"result\":\"failed\",\"current_status\":\"2026 : given up\"}", "failed"},
	    {"{\"id\":1,\"result\":\"\",\"current_status\":\"given up\",\"status\":\"Cancelled\"}",
		"given up"},
	    {"{\"id\":1}", NULL},
	};

	json_t *word = parse("{\"id\":1,\"result\":\"\",\"status\":\"Cancelled\"}");
	struct sk_api_status status;

	sk_api_read_status(word, &status);
	is_str(status.text, "Cancelled", "the word that contradicts");
	json_decref(word);
	word = parse("{\"id\":1,\"has_error\":\"\",\"status\":\"Failed\"}");
	sk_api_read_status(word, &status);
	ok(status.text == NULL, "a clear word is no text");
	json_decref(word);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *item = parse(texts[i].item);
		struct sk_api_listed listed;

		sk_api_read_status(item, &status);
		is_str(status.text, texts[i].text, texts[i].item);
		sk_api_read_listed(item, &listed);
		is_str(listed.text, texts[i].text, "in the list, too");
		json_decref(item);
	}
}

static void
test_listed(void)
{
	struct sk_api_listed listed;
	json_t *item;
	size_t i;

	for (i = 0; i < sizeof(listings) / sizeof(listings[0]); i++) {
		item = parse(listings[i].item);
		is_int(sk_api_read_listed(item, &listed), 0, listings[i].item);
		is_int(listed.said, listings[i].said, "what it says");
		is_str(listed.id, "1", "its id");
		is_str(listed.echo, "", "its echo");
		json_decref(item);
	}
	item = parse("{\"id\":\"\",\"result\":\"pending\"}");
	is_int(sk_api_read_listed(item, &listed), -1, "without an id it is nothing");
	json_decref(item);
	is_int(sk_api_read_listed(NULL, &listed), -1, "nor is no item");
}

struct call {
	const char *listed_method; /* NULL: the listing has none */
	const char *api_name;
	const char *echo;
	const char *method;
	const char *endpoint;
	int is_ours;
};

static const struct call calls[] = {
    {"PATCH", "appointment", "", "PATCH", "/appointments/374", 1},
    {"POST", "patients", "", "POST", "/patient", 1},
    {"post", "/Patient/5", "", "POST", "/patient", 1},
    {"PATCH", "PATCH appointments", "", "PATCH", "/appointments/374", 1},
    {"PATCH", "x", "a=b&apiname=PATCH appointments&id=374", "PATCH", "/appointments/374", 1},
    {NULL, NULL, "apiname=PATCH appointments", "PATCH", "/appointments/374", 1},
    {"PATCH", NULL, "apiname=appointments", "PATCH", "/appointments/374", 1},
    {NULL, "appointment", "", "PATCH", "/appointments/374", 0},
    {NULL, NULL, "apiname=appointments", "PATCH", "/appointments/374", 0},
    {"PUT", "appointment", "apiname=PATCH appointments", "PATCH", "/appointments/374", 0},
    {"POST", "patients", "", "POST", "/appointment", 0},
    {"POST", "", "xapiname=patient", "POST", "/patient", 0},
    {"POST", NULL, "", "POST", "/patient", 0},
    {"POST", "s", "", "POST", "/s", 1},
    {"POST", "", "", "POST", "/s", 0},
    {"POST", "", "", "POST", "/", 0},
};

static void
test_calls(void)
{
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const struct call *row = &calls[i];
		struct sk_api_listed listed = {.method = row->listed_method,
		    .api_name = row->api_name,
		    .echo = row->echo};

		ok(sk_api_listed_is_call(&listed, row->method, row->endpoint) == row->is_ours,
		    "%s %s (%s) is%s %s %s", row->listed_method != NULL ? row->listed_method : "-",
		    row->api_name != NULL ? row->api_name : "-", row->echo,
		    row->is_ours ? "" : "n't", row->method, row->endpoint);
	}
}

static void
test_kinds(void)
{
	ok(sk_api_is_same_kind("/appointments/7", "/appointment"), "whatever the plural");
	ok(sk_api_is_same_kind("/Patients", "/patient?x=y"), "whatever the case, without a query");
	ok(sk_api_is_same_kind("/s", "/s"), "a name of one letter");
	ok(!sk_api_is_same_kind("/s", "/"), "which isn't the plural of nothing");
	ok(!sk_api_is_same_kind("/appointment", "/appointment_x"), "another name");
	ok(!sk_api_is_same_kind("/patient/7", "/appointment/7"), "another kind");
}

/* How long the practice took, by two times of one record. */
static void
test_took(void)
{
	static const struct {
		const char *began, *ended;
		int64_t took;
	} cases[] = {
	    {"2026-02-07T09:00:00", "2026-02-07T09:00:04", 4000},
	    {"2026-02-07 23:59:58", "2026-02-08T00:00:03", 5000},
	    {"2026-02-07T09:00:00.123", "2026-02-07T09:00:04.9Z", 4000},
	    {"2026-02-07T09:00:00", "2026-02-07T09:00:00", 1},
	    {"2026-02-07T09:00:05", "2026-02-07T09:00:04", 0},
	    {"2026-02-07T09:00:00", "", 0},
	    {"", "2026-02-07T09:00:00", 0},
	    {"yesterday", "2026-02-07T09:00:00", 0},
	    {"2026-02-07T09:00", "2026-02-07T09:01", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *item =
		    json_pack("{s:i,s:s,s:s,s:s}", "id", 1, "request_time", cases[i].began,
			"command_time", cases[i].began, "completed_time", cases[i].ended);
		struct sk_api_status status;
		struct sk_api_listed listed;

		sk_api_read_status(item, &status);
		sk_api_read_listed(item, &listed);
		is_int(status.took, cases[i].took, cases[i].ended);
		is_int(listed.took, cases[i].took, "in the list as well");
		json_decref(item);
	}
}

int
main(void)
{
	sk_mem_init();
	test_status();
	test_item();
	test_listed();
	test_texts();
	test_calls();
	test_kinds();
	test_took();
	return done_testing();
}
